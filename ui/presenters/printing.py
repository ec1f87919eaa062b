"""What a presenter asks of the printer. Calls block: run them off the thread of the window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from fieldkit.ports.receipts import Receipt


class Printing(Protocol):
    """The printer of this laptop, or the folder for papers when there is none."""

    def printer(self) -> str:
        """Return the name of the printer, "" when there is none."""
        ...

    def print_pages(self, pages: Sequence[bytes]) -> None:
        """Print PNG pages. Raise a `KnownError` when the printer does not take them."""
        ...

    def save(self, name: str, pdf: bytes) -> str:
        """Keep a PDF, or an XLSX by its name, and return where. Raise a `KnownError` when it cannot be written."""
        ...

    def receipt_printer(self) -> str:
        """Return the name of the receipt printer, "" when the kit has none."""
        ...

    def print_receipt(self, receipt: Receipt) -> None:
        """Print a receipt. Raise a `KnownError` when it cannot be sent."""
        ...
