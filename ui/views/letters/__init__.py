"""Letters: how the screens look."""
