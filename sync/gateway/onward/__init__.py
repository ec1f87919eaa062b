"""The way from the data center to the official system: queue, adapters and what they answer."""
