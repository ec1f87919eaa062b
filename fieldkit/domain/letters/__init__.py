"""Letters, their fields, numbers and signatures."""
