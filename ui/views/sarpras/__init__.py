"""Sarpras: how the screens look."""
