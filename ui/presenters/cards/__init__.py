"""Cards: presenters and their words."""
