"""Accounts, staff, unlocking."""
