"""Social aid: how the screens look."""
