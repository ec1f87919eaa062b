"""What several laptops keep of one thing, and how that merges."""
