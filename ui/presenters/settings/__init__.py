"""Settings: presenters and their words."""
