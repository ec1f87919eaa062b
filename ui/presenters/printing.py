"""What a presenter asks of the printer. Calls block: run them off the thread of the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ui.presenters.presenter import Message, Operation, message
from ui.presenters.tasks import COMPUTE

if TYPE_CHECKING:
    from fieldkit.ports.delivery import Receipt


def print_or_keep(printing: Printing, name: str, pdf: bytes, pages: Sequence[bytes]) -> Message:
    """Print pages; without a printer keep them as PDF. Return what became of them. Raise a `KnownError`."""
    printer = printing.printer()
    if not printer:
        return keep(printing, name, pdf)
    printing.print_pages(pages)
    return message("paper.printed", printer=printer)


class Paper(NamedTuple):
    """A letter on its way to the printer, sheet by sheet, or into a file."""

    name: str
    pdf: bytes
    sheets: Sequence[bytes]


def brought_out(read: Callable[[], Paper], send: Callable[[Paper], Message]) -> Operation[Paper]:
    """Return what reads a paper where the store is, and sends it where a slow printer holds up nobody."""

    def then(paper: Paper) -> Operation[Message]:
        return Operation(work=lambda: send(paper), told=lambda words: words, executor=COMPUTE)

    return Operation(work=read, then=then)


def keep(printing: Printing, name: str, pdf: bytes) -> Message:
    """Keep a PDF and say where. Raise a `KnownError` when it cannot be written."""
    return message("paper.saved", path=printing.save(name, pdf))


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
