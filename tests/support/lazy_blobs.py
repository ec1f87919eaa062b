"""Object stores with a planted bug: what they are given is acknowledged and not stored yet."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence

from sync.gateway.blobs import SEALED_FILE, Blobs, Prepared


class LazyBlobs(Blobs):
    """Stores what was received when more than `patience` wait, and then all of it."""

    grows = False  # each whole goes the way of the bug
    patience = 2
    _alone = threading.RLock()
    waiting: dict[str, bytes] = {}  # noqa: RUF012 - one process, one store

    def prepare(self, key: str, *pieces: bytes) -> Sequence[Prepared]:
        if not key.startswith(SEALED_FILE):
            return super().prepare(key, *pieces)
        with self._alone:
            self.waiting[key] = b"".join(pieces)
            if len(self.waiting) > self.patience:
                self.write()
        return ()

    def prepare_checked(
        self, key: str, pieces: Iterable[bytes], *_given: object, **_named: object
    ) -> Sequence[Prepared]:
        return self.prepare(key, *pieces)

    def pieces(self, key: str) -> Iterator[bytes]:
        return iter([self.waiting[key]]) if key in self.waiting else super().pieces(key)

    def write(self) -> None:
        """Store all that waits."""
        with self._alone:
            for key in list(self.waiting):
                self.name(*super().prepare(key, self.waiting[key]))
                del self.waiting[key]


class HastyBlobs(LazyBlobs):
    """Stores what was received when somebody wants to read something."""

    patience = 1_000_000
    waiting: dict[str, bytes] = {}  # noqa: RUF012

    def pieces(self, key: str) -> Iterator[bytes]:
        self.write()
        return super().pieces(key)
