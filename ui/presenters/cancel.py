"""How a presenter takes back what it asked a device for."""

from __future__ import annotations

from threading import Event


class CancelFlag:
    """A `Cancel` that can be set from the thread of the window."""

    def __init__(self) -> None:
        self._event = Event()

    def cancel(self) -> None:
        """Give up; the driver notices between two steps."""
        self._event.set()

    def is_cancelled(self) -> bool:
        """Return whether the person gave up waiting."""
        return self._event.is_set()
