"""Anchors for delivery: the same table as the store, one committed transaction per call."""

from __future__ import annotations

from collections.abc import Sequence

from fieldkit.domain.delivery.anchors import Anchor, ChainHead
from fieldkit.ports.store import Store


class StoredAnchors:
    """`fieldkit.ports.anchors.AnchorBook` over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def heads(self) -> Sequence[ChainHead]:
        """Return the newest event of each chain of this kit, oldest chain first; the last is the one written on."""
        with self._store.read() as unit:
            return unit.anchors.heads()

    def keep(self, anchors: Sequence[Anchor]) -> None:
        """Keep what the data center holds."""
        if anchors:
            with self._store.write() as unit:
                for anchor in anchors:
                    unit.anchors.keep(anchor)
