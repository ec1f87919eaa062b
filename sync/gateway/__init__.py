"""The data center's side: a small stateless gateway."""
