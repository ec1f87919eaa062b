"""Letters: data in, PDF/A out."""
