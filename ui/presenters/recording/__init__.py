"""Recording: presenters and their words."""
