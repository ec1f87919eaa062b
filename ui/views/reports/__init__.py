"""Reports and evaluation: how the screens look."""
