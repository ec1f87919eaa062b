"""Activities, plans, calendar: presenters and their words."""
