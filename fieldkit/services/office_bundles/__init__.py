"""What comes down from the office."""
