"""Visits: presenters and their words."""
