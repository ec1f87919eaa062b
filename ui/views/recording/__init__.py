"""Recording: how the screens look."""
