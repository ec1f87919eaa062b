"""Reports and evaluations."""
