"""Central statuses and the clocks of cards."""
