"""How a record comes in."""
