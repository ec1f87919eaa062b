"""Activities, plans, calendar: how the screens look."""
