"""One file per thing the team does."""
