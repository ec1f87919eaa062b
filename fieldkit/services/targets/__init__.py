"""Requests, target lists and their verification."""
