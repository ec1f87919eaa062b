"""Devices chosen, tried out, used without a session."""
