"""Anchors as the store keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fieldkit.domain.delivery.anchors import Anchor, ChainHead


class Anchors(Protocol):
    """What is known of heads that somebody else holds; nothing is ever taken out."""

    def keep(self, anchor: Anchor) -> bool:
        """Keep an anchor; one that is there already stays as it is. Return whether it is new."""
        ...

    def all(self) -> Sequence[Anchor]:
        """Return all, in the order in which they came."""
        ...

    def heads(self) -> Sequence[ChainHead]:
        """Return the newest event of each chain of this kit, oldest chain first; the last is the one written on."""
        ...


class AnchorBook(Protocol):
    """Anchors for delivery. Every method is one committed transaction."""

    def heads(self) -> Sequence[ChainHead]:
        """Return the newest event of each chain of this kit, oldest chain first; the last is the one written on."""
        ...

    def keep(self, anchors: Sequence[Anchor]) -> None:
        """Keep what the data center holds."""
        ...
