"""Cards: where they are, which clocks run for them, who brings them."""
