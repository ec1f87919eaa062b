"""The gateway's database as it grew, one file per step, for SQLite and PostgreSQL."""
