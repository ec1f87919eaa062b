"""Sarpras: presenters and their words."""
