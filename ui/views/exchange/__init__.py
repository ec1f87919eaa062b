"""Exchange between laptops: how the screens look."""
