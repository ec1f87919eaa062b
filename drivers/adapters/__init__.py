"""Adapters that run as programs of their own; docs/vendor-adapter.md. They know nothing of the rest of the house."""
