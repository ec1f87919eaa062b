"""Applications at the counter: how the screens look."""
