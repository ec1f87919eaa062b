"""Staff: how the screens look."""
