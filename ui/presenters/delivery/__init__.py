"""Queue, sending, sticks: presenters and their words."""
