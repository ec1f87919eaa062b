"""Comparison of two prints, 1:1."""
