"""What the core asks of a card reader and of a resident's card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

from fieldkit.ports.devices import Cancel, Device

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CardChange:
    """A card came (with its ATR) or went."""

    is_there: bool
    atr: bytes = b""


@runtime_checkable
class CardReader(Device, Protocol):
    """A PC/SC reader."""

    def wait_for_card(self, cancel: Cancel, timeout_ms: int) -> bytes:
        """Return the ATR of the card that is or gets inserted. Raise `NothingPresentedError`.

        `cancel` holds for what is asked of this card as well.
        """
        ...

    def transceive(self, apdu: bytes) -> bytes:
        """Send a C-APDU and return the R-APDU with SW1 SW2; 61xx and 6Cxx are already handled."""
        ...

    def converse(self, act: Callable[[], T]) -> T:
        """Carry out an act of several commands that can be given up also while a slow card keeps one waiting."""
        ...

    def changes(self, cancel: Cancel) -> Iterator[CardChange]:
        """Yield each insertion and removal until cancelled, the card that lies there first."""
        ...


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
