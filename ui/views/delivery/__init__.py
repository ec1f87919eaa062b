"""Queue and sticks: how the screens look."""
