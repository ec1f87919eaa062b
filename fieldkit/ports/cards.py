"""What the core asks of a resident's card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fieldkit.ports.devices import CardReader


@dataclass(frozen=True, slots=True)
class KtpElCard:
    """What the chip of a KTP-el tells freely, without the ministry's SAM."""

    atr: bytes
    uid: bytes  # empty when the reader or the card (type B) does not give one
    card_control: bytes
    photograph: bytes
    photograph_codec: str  # jpeg, jp2, j2k or unknown


class KtpElChip(Protocol):
    """Knows the files of the chip."""

    def read(self, reader: CardReader, atr: bytes) -> KtpElCard | None:
        """Read the free files of the card on an open reader, or return None for another card. Raise a `DeviceError`."""
        ...
