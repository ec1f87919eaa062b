"""What goes down to the kits: bundles of the office, and what laptops of a team tell each other."""
