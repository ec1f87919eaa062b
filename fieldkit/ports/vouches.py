"""What team leads signed for records of older programs, on its way to the data center."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fieldkit.domain.recording.authority import SignedAct


class VouchBook(Protocol):
    """Signatures that the data center does not have yet. Every method is one committed transaction."""

    def pending(self) -> Mapping[str, SignedAct]:
        """Return them by record id."""
        ...

    def settle(self, record_id: str) -> None:
        """Forget one that the data center took, or that it has no record for."""
        ...
