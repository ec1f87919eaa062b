"""Standard operating procedures and how they run."""
