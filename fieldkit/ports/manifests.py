"""What the core asks of the text beside each sealed file: the signed manifest and what only this kit reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fieldkit.domain.delivery.sealed import SealedRecord
from fieldkit.domain.events import ChainHead


@dataclass(frozen=True, slots=True)
class StatedRecord:
    """A record as the text beside its file states it; `head` is the end of the kit's log when it was sealed.

    What only the header says is empty when this kit cannot read it.
    """

    record: SealedRecord
    head: ChainHead | None


class Manifests(Protocol):
    """Writes and reads the text beside a sealed file, so that the file can be adopted without its row."""

    def text(self, record: SealedRecord) -> str:
        """Return the signed manifest, the kit's certificate and the closed header of a record."""
        ...

    def read(self, text: str) -> StatedRecord:
        """Return what a text of this kit states. Raise `VaultError` when it is broken or of another kit."""
        ...
