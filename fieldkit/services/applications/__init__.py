"""Applications at the counter."""
