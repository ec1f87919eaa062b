from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from support.app_context import TARGETS, Kit
from support.cards_sent import print_shop
from support.clock import NOW
from support.listing import Listing
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from fieldkit.domain.cards.printing_day import QueueTicket, TicketState
from fieldkit.domain.errors import InputError
from fieldkit.ports.receipts import Receipt
from ui.presenters.cards.queue_numbers import (
    QueueNumbers,
    called_words,
    came_for,
    number_cell,
    state_tag,
    taken_words,
    walk_in_form,
)
from ui.presenters.messages import message
from ui.presenters.parts import Tone

AT = "a1"


class Slips(Paperless):
    """A `Printing` with a receipt printer, which may be out of paper."""

    def __init__(self) -> None:
        self.printed: list[Receipt] = []
        self.is_empty = False

    def receipt_printer(self) -> str:
        return "struk"

    def print_receipt(self, receipt: Receipt) -> None:  # type: ignore[override]
        if self.is_empty:
            raise InputError("queue.no_name")  # any known error
        self.printed.append(receipt)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit, _ = print_shop(tmp_path)
    yield kit
    kit.store.close()


@pytest.fixture
def printing() -> Slips:
    return Slips()


@pytest.fixture
def listing(kit: Kit, tasks: SameThread, printing: Slips) -> Listing:
    steps = Steps()
    return Listing(QueueNumbers(kit.context, steps, printing, AT).screen(), tasks, steps)


def test_enter_gives_the_next_number_with_its_slip(kit: Kit, listing: Listing, printing: Slips) -> None:
    assert [row.cells[0].words for row in listing.rows] == ["KARTONO WIBOWO", "MISINEM"]
    listing.presenter.search(str(TARGETS[0].biodata.nik))
    assert [row.cells[0].words for row in listing.rows] == ["MISINEM"]
    listing.press("accept")
    assert listing.presenter.state.toast is not None
    assert listing.presenter.state.toast.words == message("antrean.taken", number=1, name="MISINEM")
    assert "001" in [line.text for line in printing.printed[0].lines]
    listing.presenter.search("")
    listing.presenter.refresh()
    assert [row.cells[0].words for row in listing.rows] == ["KARTONO WIBOWO"]
    listing.presenter.choose(0, "all")
    listing.presenter.select(listing.names[1])
    assert listing.offered("accept").refused == message("antrean.has_number", number=1)
    assert kit.context.office.queue.lines(AT)[0].ticket.has_slip


def test_a_slip_that_does_not_come_out_leaves_the_number(kit: Kit, listing: Listing, printing: Slips) -> None:
    printing.is_empty = True
    listing.press("accept")
    assert listing.presenter.state.problem is not None
    (line,) = kit.context.office.queue.lines(AT)
    assert (line.ticket.number, line.ticket.has_slip) == (1, False)


def test_without_a_printer_the_number_is_written_by_hand(kit: Kit, tasks: SameThread) -> None:
    steps = Steps()
    listing = Listing(QueueNumbers(kit.context, steps, Paperless(), AT).screen(), tasks, steps)
    listing.press("accept")
    assert listing.presenter.state.toast is not None
    assert listing.presenter.state.toast.words == message("antrean.taken_no_slip", number=1, name="KARTONO WIBOWO")
    listing.press("walk_in")
    assert steps.taken == [("push", "queue_walk_in", AT)]


def test_a_walk_in_has_a_name(kit: Kit) -> None:
    form = walk_in_form(kit.context, AT)
    with pytest.raises(InputError) as refused:
        form.keep({"name": " "})
    assert refused.value.problem.field_name == "name"
    form.keep({"name": "ANI"})
    assert kit.context.office.queue.lines(AT)[0].ticket.name == "ANI"


TICKET = QueueTicket("t7", "a1", date(2026, 11, 21), 7, 7, "ANI", NOW, "u1")


def test_a_number_stands_as_on_its_slip() -> None:
    assert (number_cell(7).words, number_cell(0).words) == ("007", "")


def test_what_somebody_came_for_is_the_card_before_the_print() -> None:
    assert came_for("c1", "r1").tags[0].words == message("antrean.needs_card")
    assert came_for("", "r1", Tone.CAUTION).tags[0].tone is Tone.CAUTION
    assert (came_for("", "").words, came_for("", "").tags) == ("–", ())


def test_each_state_has_its_words_and_a_call_names_the_person() -> None:
    assert {state_tag(state).words.key for state in TicketState} == {  # type: ignore[union-attr]
        f"antrean.state_{state.value}" for state in TicketState
    }
    assert called_words(TICKET.called(NOW)) == message("antrean.called", number=7, name="ANI")
    assert called_words(TICKET.ended(TicketState.SERVED, NOW)) == message("antrean.was_last", number=7)
    assert taken_words(TICKET) == message("antrean.taken_no_slip", number=7, name="ANI")
