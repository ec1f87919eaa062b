"""Reports and evaluation: presenters and their words."""
