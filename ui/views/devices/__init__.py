"""Devices: how the screens look."""
