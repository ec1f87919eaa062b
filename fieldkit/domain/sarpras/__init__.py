"""Sarpras: inventory, checklists, rules."""
