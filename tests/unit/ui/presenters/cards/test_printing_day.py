from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from support.app_context import PENGURUS, TARGETS, Kit
from support.cards_sent import LOKET, PRINTER, print_shop
from support.clock import NOW
from support.listing import Listing, at_row, refusals
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from fieldkit.domain.cards.printing import QueueTicket, TicketState
from fieldkit.domain.errors import InputError
from fieldkit.domain.people import User
from fieldkit.ports.delivery import Receipt
from fieldkit.services.cards.print_cards import Candidate, QueueLine
from ui.presenters.cards.prints import (
    PrintingDay,
    QueueNumbers,
    called_words,
    came_for,
    number_cell,
    state_tag,
    taken_words,
    walk_in_form,
)
from ui.presenters.figures import FigureCell
from ui.presenters.lists import Numbers
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import Message, message

AT = "a1"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Kit, list[str]]]:
    kit, records = print_shop(tmp_path)
    yield kit, records
    kit.store.close()


@pytest.fixture
def steps() -> Steps:
    return Steps()


def shown(
    kit: Kit, tasks: SameThread, steps: Steps, user: User | None = None, boards: list[str] | None = None
) -> Listing:
    context = kit.context_of(user) if user else kit.context
    show = None if boards is None else lambda: boards.append("shown")
    return Listing(PrintingDay(context, steps, Paperless(), AT, show).screen(), tasks, steps)


def test_enter_calls_one_after_the_other_and_the_cursor_goes_along(
    shop: tuple[Kit, list[str]], tasks: SameThread, steps: Steps
) -> None:
    kit, _ = shop
    listing = shown(kit, tasks, steps)
    assert listing.offered("accept").refused == message("antrean.nobody")
    for name in ("ANI", "BUDI", "CITRA"):
        kit.context.office.queue.take_walk_in(AT, name)
    listing.presenter.start()
    assert listing.offered("accept").words == message("antrean.next")
    listing.press("accept")
    listing.presenter.refresh()
    assert listing.offered("accept").words == message("antrean.next_done")
    assert [row.cells[0].words for row in listing.rows] == ["001", "002", "003"]
    assert listing.presenter.state.toast is not None
    assert listing.presenter.state.toast.words == message("antrean.called", number=1, name="ANI")
    listing.press("accept")
    listing.presenter.refresh()
    assert [row.cells[0].words for row in listing.rows] == ["002", "003"]
    assert listing.presenter.state.cursor == 0
    now, today = listing.panels(Numbers)
    assert (now.numbers[0].value, [number.value for number in today.numbers]) == ("2", ["1", "1", "1", "0", "0"])
    listing.press("to_end")
    listing.presenter.refresh()
    assert [row.cells[0].words for row in listing.rows] == ["003", "002"]
    listing.press("skip")
    listing.presenter.refresh()
    assert listing.chips == {"open": 1, "waiting": 1, "called": 0, "served": 1, "absent": 1, "all": 3}
    listing.presenter.choose(0, "served")
    assert listing.offered("skip").refused == message("antrean.is_over")
    listing.press("again")
    listing.presenter.choose(0, "open")
    listing.presenter.refresh()
    assert len(listing.rows) == 2


def test_the_person_under_the_cursor_is_printed_then_handed_over(
    shop: tuple[Kit, list[str]], tasks: SameThread, steps: Steps
) -> None:
    kit, (first, _) = shop
    queue = kit.context.office.queue
    queue.take(AT, next(each for each in queue.candidates(AT) if each.record_id == first))
    queue.take_walk_in(AT, "ANI")
    listing = shown(kit, tasks, steps)
    listing.press("serve")
    assert steps.taken == [("push", "print_note", first)]
    assert shown(kit, tasks, steps, LOKET).offered("serve").refused == message("cetak.not_yours")
    kit.context.office.printing.note_printed([first], "B1")
    listing.presenter.refresh()
    listing.press("serve")
    assert steps.taken[-1] == ("push", "handover", first)
    listing.presenter.select(listing.names[1])
    assert listing.offered("serve").refused == message("antrean.needs_nothing")


def test_numbers_slips_and_the_second_screen_are_a_key_away(
    shop: tuple[Kit, list[str]], tasks: SameThread, steps: Steps
) -> None:
    kit, _ = shop
    boards: list[str] = []
    kit.context.office.queue.take_walk_in(AT, "ANI")
    listing = shown(kit, tasks, steps, boards=boards)
    for name in ("take", "walk_in", "board"):
        listing.press(name)
    assert [taken[1] for taken in steps.taken] == ["queue_numbers", "queue_walk_in"]
    assert boards == ["shown"]
    assert listing.offered("slip").refused == message("antrean.no_printer")


def test_who_does_not_hand_over_looks(shop: tuple[Kit, list[str]], tasks: SameThread, steps: Steps) -> None:
    kit, _ = shop
    kit.context.office.queue.take_walk_in(AT, "ANI")
    listing = shown(kit, tasks, steps, PENGURUS)
    assert len(listing.rows) == 1
    for command in listing.presenter.state.bar.actions:
        assert command.refused == message("antrean.not_yours")


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


S = TicketState
WAITING = QueueLine(TICKET)
CALLED, SERVED = (QueueLine(replace(TICKET, state=state, calls=1)) for state in (S.CALLED, S.SERVED))
ABSENT = QueueLine(replace(TICKET, state=S.ABSENT))


def day(idle: Kit, user: User = PRINTER, printing: Paperless | None = None) -> PrintingDay:
    return PrintingDay(idle.context_of(user), Steps(), printing or Paperless(), AT)


@pytest.mark.parametrize(
    ("line", "needs", "told"),
    [
        (WAITING, FigureCell("–"), message("antrean.waits", minutes=0)),
        (replace(WAITING, card_id="c1"), Tone.SOFT, message("antrean.waits", minutes=0)),
        (replace(SERVED, card_id="c1"), Tone.CAUTION, ""),
        (replace(ABSENT, card_id="c1"), Tone.SOFT, ""),
        (
            QueueLine(replace(TICKET, taken_at=NOW - timedelta(minutes=9))),
            FigureCell("–"),
            message("antrean.waits", minutes=9),
        ),
        (CALLED, FigureCell("–"), ""),
        (
            QueueLine(replace(TICKET, state=S.CALLED, calls=2)),
            FigureCell("–"),
            message("antrean.called_times", count=2),
        ),
    ],
)
def test_a_row_says_how_long_it_waits_or_how_often_it_was_called(
    idle: Kit, line: QueueLine, needs: FigureCell | Tone, told: Message
) -> None:
    heads = day(idle).screen().heads
    wanted = needs if isinstance(needs, FigureCell) else FigureCell(tags=(Tag(message("antrean.needs_card"), needs),))
    assert heads[2].cell(line) == wanted
    assert heads[3].cell(line) == FigureCell(told, tags=(state_tag(line.ticket.state),))


@pytest.mark.parametrize(
    ("rows", "row", "accept"),
    [
        ((), "choose_first", "nobody"),
        ((WAITING,), "", ""),
        ((CALLED,), "", ""),
        ((SERVED,), "is_over", "nobody"),
        ((ABSENT,), "", "nobody"),
        ((ABSENT, WAITING), "", ""),
        ((SERVED, CALLED), "is_over", ""),
    ],
)
def test_who_was_served_is_over_and_without_anybody_nobody_is_called(
    idle: Kit, rows: Sequence[QueueLine], row: str, accept: str
) -> None:
    listed = at_row(*rows)
    told = refusals(day(idle).screen(), listed)
    assert [told[name] for name in ("to_end", "skip", "accept")] == [
        each and message(f"antrean.{each}") for each in (row, row, accept)
    ]
    assert told["again"] == ("" if rows else message("antrean.choose_first"))
    is_called = any(line.ticket.state is S.CALLED for line in rows)
    words = {command.name: command.words for command in day(idle).screen().commands(listed)}
    assert words["accept"] == message("antrean.next_done" if is_called else "antrean.next")
    assert "board" not in words
    others = refusals(day(idle, PENGURUS).screen(), listed)
    assert list(others.values()) == [message("antrean.not_yours")] * len(others)


def numbered(number: int, state: TicketState = S.WAITING, has_slip: bool = False) -> QueueLine:
    return QueueLine(replace(TICKET, number=number, state=state, has_slip=has_slip))


@pytest.mark.parametrize(
    ("rows", "number"),
    [
        ((), 0),
        ((numbered(1), numbered(3), numbered(2)), 3),
        ((numbered(1), numbered(3, has_slip=True)), 1),
        ((numbered(1), numbered(3, S.SERVED)), 1),
        ((numbered(1, has_slip=True), numbered(3, S.ABSENT)), 1),
    ],
)
def test_the_slip_is_that_of_the_newest_number_without_one_else_that_of_the_row(
    idle: Kit, rows: Sequence[QueueLine], number: int
) -> None:
    commands = day(idle, printing=Slips()).screen().commands(at_row(*rows))
    slip = next(command for command in commands if command.name == "slip")
    assert (slip.words, slip.refused) == (
        message("antrean.slip", number=number),
        "" if rows else message("antrean.choose_first"),
    )


@pytest.mark.parametrize(
    ("line", "user", "words", "refused"),
    [
        (None, PRINTER, "antrean.print", "antrean.choose_first"),
        (WAITING, PRINTER, "antrean.print", "antrean.needs_nothing"),
        (replace(WAITING, record_id="r1"), PRINTER, "antrean.print", ""),
        (replace(WAITING, record_id="r1"), LOKET, "antrean.print", "cetak.not_yours"),
        (replace(WAITING, record_id="r1", card_id="c1"), LOKET, "common.hand_over", ""),
        (replace(WAITING, card_id="c1"), LOKET, "common.hand_over", ""),
        (WAITING, PENGURUS, "antrean.print", "antrean.not_yours"),
        (replace(WAITING, record_id="r1"), PENGURUS, "antrean.print", "antrean.not_yours"),
    ],
)
def test_the_card_is_handed_over_before_another_is_printed(
    idle: Kit, line: QueueLine | None, user: User, words: str, refused: str
) -> None:
    commands = day(idle, user).screen().commands(at_row(line))
    serve = next(command for command in commands if command.name == "serve")
    assert (serve.words, serve.refused) == (message(words), refused and message(refused))


@pytest.mark.parametrize(
    ("rows", "now", "last"),
    [
        ((), "–", "0"),
        ((numbered(2), numbered(9, S.SERVED)), "–", "9"),
        ((numbered(2, S.CALLED), numbered(1)), "2", "2"),
    ],
)
def test_the_panels_say_who_stands_at_the_desk_and_the_last_number(
    idle: Kit, rows: Sequence[QueueLine], now: str, last: str
) -> None:
    panels = day(idle).screen().side(at_row(None, *rows))
    assert isinstance(panels[0], Numbers)
    assert [number.value for number in panels[0].numbers] == [now, last]


WHO = Candidate("ANI", "350512••••••••01", "Jimbe", record_id="r1")


@pytest.mark.parametrize(
    ("who", "user", "refused"),
    [
        (None, PRINTER, message("antrean.choose_first")),
        (WHO, PRINTER, ""),
        (replace(WHO, number=4), PRINTER, message("antrean.has_number", number=4)),
        (None, PENGURUS, message("antrean.not_yours")),
        (WHO, PENGURUS, message("antrean.not_yours")),
        (replace(WHO, number=4), PENGURUS, message("antrean.not_yours")),
    ],
)
def test_a_person_takes_one_number(idle: Kit, who: Candidate | None, user: User, refused: Message) -> None:
    screen = QueueNumbers(idle.context_of(user), Steps(), Paperless(), AT).screen()
    assert refusals(screen, at_row(who))["accept"] == refused


def test_both_lists_are_read_anew_with_numbers_and_cards(idle: Kit) -> None:
    assert day(idle).screen().reads == {"queue_ticket", "card"}
    numbers = QueueNumbers(idle.context, Steps(), Paperless(), AT).screen()
    assert numbers.reads == {"queue_ticket", "card", "record"}
