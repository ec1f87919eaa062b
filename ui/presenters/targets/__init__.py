"""Targets: presenters and their words."""
