"""Key slots, sealing, signatures and erasing: the only room of the core that touches a cryptographic library."""
