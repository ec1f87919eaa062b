"""Accounts of the kit and staff of the dinas."""
