"""What keeps a data center running: backups, moving, retention, limits, counts and certificates."""
