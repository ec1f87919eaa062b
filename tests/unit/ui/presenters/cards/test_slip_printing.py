from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import KETUA, Kit
from support.handed import distributed
from support.letters import office
from support.tasks import SameThread

from fieldkit.domain.letters.letter import LetterKind
from ui.presenters.cards.slip_printing import MOST_SLIPS, refused_slips, slips
from ui.presenters.commands import Command
from ui.presenters.messages import message
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import ViewState


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


def test_slips_go_to_the_printer_together(kit: Kit) -> None:
    printer = Printer()
    cards = [kit.context.office.handover.get(card_id) for card_id in ("card-004", "card-005")]
    screen = OperatingPresenter(ViewState(), SameThread())
    screen.perform(Command("slips", "", runs=slips(kit.context, printer, cards)))
    assert screen.state.toast.words == message("paper.printed", printer="Epson")
    assert len(printer.pages) == 2
    made = [letter for letter in kit.context.office.letters.of("a1") if letter.letter is LetterKind.TANDA_TERIMA]
    assert [letter.fields["receiver"] for letter in made] == ["Sutrisno", ""]


def test_too_many_are_not_printed_at_once(kit: Kit) -> None:
    card = kit.context.office.handover.get("card-005")
    assert refused_slips([card] * MOST_SLIPS) == ""
    assert refused_slips([card] * (MOST_SLIPS + 1)) == message("distribusi.too_many_slips", most=MOST_SLIPS)
