"""Devices: presenters and their words."""
