"""Ink on its way from the signature pad to the screen: the latest state wins."""

from __future__ import annotations

from threading import Lock

from PySide6.QtCore import QObject, Signal

from fieldkit.ports.devices import Signature


class InkMailbox(QObject):
    """A `StrokeSink`: `offer_signature` from any thread, `take` on the thread of the window after `arrived`."""

    arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = Lock()
        self._signature: Signature | None = None

    def offer_signature(self, signature: Signature) -> None:
        """Put the ink drawn so far; an older unread one is forgotten."""
        with self._lock:
            is_first = self._signature is None
            self._signature = signature
        if is_first:
            self.arrived.emit()

    def take(self) -> Signature | None:
        """Return the newest ink, once."""
        with self._lock:
            signature, self._signature = self._signature, None
            return signature
