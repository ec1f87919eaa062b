from __future__ import annotations

from collections.abc import Sequence

from ui.presenters.presenter import message
from ui.presenters.printing import keep, print_or_keep


class Laptop:
    """A laptop with or without a printer, and its folder."""

    def __init__(self, name: str = "") -> None:
        self.name, self.printed, self.kept = name, list[bytes](), dict[str, bytes]()

    def printer(self) -> str:
        return self.name

    def print_pages(self, pages: Sequence[bytes]) -> None:
        self.printed += pages

    def save(self, name: str, pdf: bytes) -> str:
        self.kept[name] = pdf
        return f"/folder/{name}.pdf"

    def receipt_printer(self) -> str:
        return ""

    def print_receipt(self, receipt: object) -> None:
        raise AssertionError(receipt)


def test_a_paper_is_printed_where_there_is_a_printer_and_nothing_is_kept() -> None:
    laptop = Laptop("Epson")
    assert print_or_keep(laptop, "surat", b"pdf", [b"1", b"2"]) == message("paper.printed", printer="Epson")
    assert (laptop.printed, laptop.kept) == ([b"1", b"2"], {})


def test_without_a_printer_the_paper_is_kept_and_where_is_said() -> None:
    laptop = Laptop()
    assert print_or_keep(laptop, "surat", b"pdf", [b"1"]) == message("paper.saved", path="/folder/surat.pdf")
    assert (laptop.printed, laptop.kept) == ([], {"surat": b"pdf"})


def test_it_is_kept_although_there_is_a_printer_when_that_was_asked() -> None:
    laptop = Laptop("Epson")
    assert keep(laptop, "surat", b"pdf") == message("paper.saved", path="/folder/surat.pdf")
    assert (laptop.printed, laptop.kept) == ([], {"surat": b"pdf"})
