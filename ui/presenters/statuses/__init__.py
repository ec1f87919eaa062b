"""Statuses and clocks: presenters and their words."""
