"""Several processes that serve one gateway."""
