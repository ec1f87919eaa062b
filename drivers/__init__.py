"""Device drivers, one folder per protocol, and what they share."""
