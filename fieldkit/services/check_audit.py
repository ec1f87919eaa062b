"""Whether the event log still says what happened."""

from __future__ import annotations

from fieldkit.domain.events import ChainFault
from fieldkit.ports.store import Store


class CheckAudit:
    """Verifies the chains of the log."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def verify(self) -> tuple[int, ChainFault | None]:
        """Return how many rows were checked and the first fault."""
        with self._store.read() as unit:
            return unit.events.verify()
