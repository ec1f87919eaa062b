"""What the core asks of a small printer that the team carries along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A line of text; too long a one is broken by the printer."""

    text: str
    is_strong: bool = False
    is_centred: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """A slip of paper: lines, then a QR code (nothing for "")."""

    lines: tuple[ReceiptLine, ...]
    qr: str = ""


class ReceiptPrinter(Protocol):
    """A receipt printer; calls block."""

    @property
    def name(self) -> str:
        """Return what people call it."""
        ...

    def print_receipt(self, receipt: Receipt) -> None:
        """Print. Raise a `DeviceError`; whether paper came out is only known by looking."""
        ...
