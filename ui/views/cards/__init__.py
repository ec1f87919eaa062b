"""Cards: how the screens look."""
