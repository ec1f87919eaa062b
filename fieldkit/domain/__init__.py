"""Values and rules, pure: no IO, no library."""
