"""What happens before the first screen after a start: nothing that was saved is lost, nothing half-done stays."""

from __future__ import annotations

from dataclasses import dataclass

from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.session import CaptureSession
from fieldkit.ports.store import SealedFiles, Store


@dataclass(frozen=True, slots=True)
class Recovery:
    """What the start found: open recordings to go on with, and orphaned files that were swept."""

    unfinished: tuple[CaptureSession, ...]
    swept: tuple[str, ...]


class Recover:
    """Puts the home in order at start."""

    def __init__(self, store: Store, files: SealedFiles) -> None:
        self._store, self._files = store, files

    def run(self) -> Recovery:
        """Sweep files without a row and return the recordings that were left open."""
        with self._store.read() as unit:
            entries = unit.records.search(limit=1_000_000)
            # A purged record keeps its row; a file that a crash left behind it goes with the orphans.
            known = [entry.record.record_id for entry in entries if entry.state is not DeliveryState.PURGED]
            unfinished = tuple(unit.sessions.unfinished())
        return Recovery(unfinished, tuple(self._files.sweep(known)))
