"""Cards: printed, handed over, brought by courier."""
