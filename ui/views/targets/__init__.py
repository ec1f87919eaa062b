"""Targets: how the screens look."""
