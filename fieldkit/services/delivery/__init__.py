"""Custody and delivery: queue, sending, backups, checks of store, log and clock."""
