"""Exchange of files between the laptops of a team."""
