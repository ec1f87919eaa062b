"""Presenters: plain Python that turns intents into state; Qt is unknown here."""
