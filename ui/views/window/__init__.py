"""The window, and every screen by its name."""
