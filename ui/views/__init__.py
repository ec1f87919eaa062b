"""Views: they draw a state and tell intents."""
