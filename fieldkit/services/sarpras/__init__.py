"""Sarpras: kept, checked out, checked in."""
