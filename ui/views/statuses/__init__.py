"""Statuses and clocks: how the screens look."""
