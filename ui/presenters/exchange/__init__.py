"""Exchange between laptops: presenters and their words."""
