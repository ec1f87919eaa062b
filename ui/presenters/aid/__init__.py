"""Social aid: presenters and their words."""
