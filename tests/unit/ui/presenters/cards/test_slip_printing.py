from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk import KETUA, Kit
from support.handed import distributed
from support.letters import office
from support.tasks import SameThread

from fieldkit.domain.letters.letter import LetterKind
from ui.presenters.cards.slip_printing import SlipPrinting
from ui.presenters.words import phrase


class Printer:
    """A `Printing` with a printer."""

    def __init__(self) -> None:
        self.pages: list[bytes] = []

    def printer(self) -> str:
        return "Epson"

    def print_pages(self, pages) -> None:
        self.pages += pages


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path, KETUA)
    distributed(kit)
    yield kit
    kit.store.close()


def test_slips_go_to_the_printer_together_and_only_once(kit: Kit) -> None:
    told, tasks, printer = [], SameThread("compute"), Printer()
    slips = SlipPrinting(kit.desk, tasks, printer, told.append, told.append)
    slips.print(["card-004", "card-005"])
    slips.print(["card-004", "card-005"])  # pressed twice
    tasks.release("compute")
    assert told == [phrase("paper.printed", printer="Epson")]
    assert len(printer.pages) == 2
    made = [letter for letter in kit.desk.office.letters.of("a1") if letter.letter is LetterKind.TANDA_TERIMA]
    assert [letter.fields["receiver"] for letter in made] == ["Sutrisno", ""]


def test_what_is_not_there_is_said(kit: Kit) -> None:
    told: list[object] = []
    slips = SlipPrinting(kit.desk, SameThread(), Printer(), told.append, told.append)
    slips.print(["nowhere"])
    slips.print(["card-005"])
    assert [type(each).__name__ for each in told] == ["Problem", "Phrase"]
