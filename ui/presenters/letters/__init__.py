"""Letters: presenters and their words."""
