"""The database as it grew, one file per step."""
