"""Settings: how the screens look."""
