"""Requests and target lists."""
