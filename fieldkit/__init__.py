"""The core: no Qt, no device, no network."""
