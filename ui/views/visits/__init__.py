"""Visits: how the screens look."""
