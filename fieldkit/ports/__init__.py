"""What the core asks from outside, as typed protocols."""
