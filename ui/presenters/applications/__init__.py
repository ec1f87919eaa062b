"""Applications at the counter: presenters and their words."""
