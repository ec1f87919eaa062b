from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.app_context import ACTIVITY, PENGURUS, TARGETS, Kit
from support.applied import CARD
from support.cards_sent import LOKET, PRINTER, UNIQUE
from support.clock import NOW
from support.followed import keep_ledger
from support.letters import KASI
from support.listing import Listing, at_row, refusals
from support.tasks import SameThread, Steps

from fieldkit.domain.cards.card import Place, Printed, PrintFailure
from fieldkit.domain.cards.printing import NO_BOARD, QueueBoard
from fieldkit.domain.documents import Document
from fieldkit.domain.people import User
from fieldkit.services.cards.print_cards import CardPrint, PrintPart
from ui.presenters.cards.prints import Prints, QueueBoardPresenter
from ui.presenters.figures import FigureCell, StepMark, tagged
from ui.presenters.lists import Hint, History, Numbers
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import message

ONE, TWO, YOUNG = "0199-0001", "0199-0002", "0199-0003"


@pytest.fixture
def steps() -> Steps:
    return Steps()


def shown(kit: Kit, tasks: SameThread, steps: Steps, user: User = PRINTER, activity_id: str = "") -> Listing:
    return Listing(Prints(kit.context_of(user), steps, activity_id).screen(), tasks, steps)


@pytest.fixture
def listing(kit: Kit, tasks: SameThread, steps: Steps) -> Listing:
    for number in range(3):
        kit.apply(kit.seal(number + 1, TARGETS[number]), *UNIQUE)
    kit.clock.advance(hours=4)
    return shown(kit, tasks, steps)


def test_who_may_be_printed_stands_with_masked_number_and_waiting_time(listing: Listing) -> None:
    assert listing.names == [ONE, TWO]
    who, place, when, _tags = listing.rows[0].cells
    assert (who.words, who.detail) == ("MIS•••", TARGETS[0].biodata.nik.masked)
    assert place.words == "Desa Jimbe"
    assert when.words == message("cetak.since", at="21-11-2026 11.00")
    assert when.detail == message("cetak.waits", hours=2)
    assert [number.value for number in listing.panels(Numbers)[0].numbers] == ["2", "1", "0"]


def test_sixteen_stands_with_the_day_and_comes_on_it_and_not_before(
    listing: Listing, kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    listing.presenter.next_filter(0)
    assert listing.names == [YOUNG]
    assert listing.rows[0].cells[2].words == message("cetak.from", day="12-03-2027")
    assert listing.rows[0].cells[2].detail == message("cetak.left", days=111)
    assert listing.offered("note").refused == message("cetak.too_early")
    listing.press("note")
    assert steps.taken == []
    kit.clock.advance(days=110)
    assert YOUNG not in shown(kit, tasks, steps).names
    kit.clock.advance(days=1)
    assert YOUNG in shown(kit, tasks, steps).names


def test_who_married_at_16_stands_there_at_once(listing: Listing, kit: Kit, tasks: SameThread, steps: Steps) -> None:
    listing = shown(kit, tasks, steps, KASI)
    listing.presenter.next_filter(0)
    listing.press("facts")
    assert steps.taken == [("push", "card_facts", YOUNG)]
    kit.context_of(KASI).office.clocks.note_facts("t3", None, date(2026, 11, 21))
    assert YOUNG in shown(kit, tasks, steps).names


def test_one_several_or_all_are_chosen(listing: Listing, steps: Steps) -> None:
    listing.presenter.select(TWO)
    assert listing.offered("note").words == message("cetak.note", count=1)
    listing.press("note")
    listing.presenter.tick_current()
    listing.presenter.select(ONE)
    listing.press("note")
    listing.presenter.tick_all()
    assert listing.ticked == [ONE, TWO]
    listing.press("note")
    listing.presenter.tick_all()
    assert listing.ticked == []
    listing.presenter.tick_current()
    listing.presenter.tick_current()
    assert listing.ticked == []
    assert [taken[2] for taken in steps.taken] == [TWO, TWO, f"{ONE} {TWO}"]
    assert {taken[1] for taken in steps.taken} == {"print_note"}


def test_what_was_printed_moves_to_its_chip_and_is_printed_again(listing: Listing, kit: Kit, steps: Steps) -> None:
    listing.presenter.tick_all()
    printing = kit.context_of(PRINTER).office.printing
    printing.note_failed(ONE, "ribbon putus", "BL-0106")
    listing.presenter.start()
    assert message("cetak.failed_times", count=1) in [tag.words for tag in listing.rows[0].cells[3].tags]
    assert [step.mark for step in listing.panels(History)[0].steps] == [StepMark.MISSING]
    kit.clock.advance(minutes=5)
    printing.note_printed([ONE], "BL-0107")
    listing.presenter.start()
    assert (listing.names, listing.ticked) == ([TWO], [TWO])
    listing.presenter.next_filter(0)
    listing.presenter.next_filter(0)
    assert listing.names == [ONE]
    assert listing.rows[0].cells[2].detail == "BL-0107"
    assert [step.mark for step in listing.panels(History)[0].steps] == [StepMark.MISSING, StepMark.DONE]
    assert listing.panels(History)[0].steps[0].words == message("cetak.did_fail", why="ribbon putus")
    assert str(listing.panels(History)[0].steps[0].detail).endswith(" · BL-0106")
    listing.press("again")
    assert steps.taken == [("push", "print_again", ONE)]
    kit.context_of(PRINTER).office.handover.hand_on([ONE], Place.DESA, "Sekdes")
    listing.presenter.start()
    assert listing.offered("again").refused == message("cetak.gone")


def test_a_failure_is_noted_of_the_row_under_the_cursor(listing: Listing, steps: Steps) -> None:
    listing.presenter.select(TWO)
    listing.press("failed")
    assert steps.taken == [("push", "print_failed", TWO)]


def test_the_paper_is_drafted_and_opened_and_hides_what_it_must(listing: Listing, kit: Kit, steps: Steps) -> None:
    listing.press("paper")
    ((way, screen, letter_id),) = steps.taken
    assert (way, screen) == ("push", "letter")
    fields = str(kit.context.office.letters.get(letter_id).fields)
    assert TARGETS[0].biodata.nik.masked in fields
    assert not re.search(r"\d{16}", fields)
    assert not re.search("lansia|disabilitas|odgj|pemula", fields, re.IGNORECASE)


def test_who_does_not_print_looks_and_reads_why(listing: Listing, kit: Kit, tasks: SameThread, steps: Steps) -> None:
    other = shown(kit, tasks, steps, LOKET)
    for name in ("note", "failed"):
        assert other.offered(name).refused == message("cetak.not_yours")
        other.press(name)
    other.presenter.tick_all()
    assert (steps.taken, other.ticked) == ([], [])
    keeper = shown(kit, tasks, steps, PENGURUS)
    keeper.presenter.next_filter(0)
    assert keeper.offered("facts").refused == message("tenggat.facts_not_yours")


def test_search_narrows_and_an_empty_chip_says_what_comes_there(listing: Listing) -> None:
    listing.presenter.search("KARTONO")
    assert listing.names == [TWO]
    listing.presenter.search("zzz")
    assert listing.presenter.state.nothing.title == message("common.not_found", text="zzz")
    assert listing.offered("note").refused == message("status.none")
    listing.presenter.search("")
    listing.presenter.next_filter(0)
    listing.presenter.next_filter(0)
    assert listing.presenter.state.nothing.title == message("cetak.none_printed")


def test_one_activity_shows_its_own(listing: Listing, kit: Kit, tasks: SameThread, steps: Steps) -> None:
    assert shown(kit, tasks, steps, activity_id="a1").names == [ONE, TWO]
    assert shown(kit, tasks, steps, activity_id="a9").names == []


def test_the_chip_of_a_new_card_gives_its_number(
    listing: Listing, kit: Kit, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert listing.offered("blanks").refused == ""
    monkeypatch.setattr(kit.context.cards.__class__, "number", lambda _cards, _cancel: "04A1B2")
    listing.presenter.select(TWO)
    listing.press("chip")
    assert steps.taken == [("push", "print_note", TWO, "04A1B2")]
    listing.press("blanks")
    assert steps.taken[-1] == ("push", "blanks")


def test_what_is_left_stands_beside_the_list_once_blanks_are_counted(
    listing: Listing, kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    assert len(listing.panels(Numbers)) == 1
    keep_ledger(kit)
    counted = shown(kit, tasks, steps)
    assert [number.value for number in counted.panels(Numbers)[1].numbers] == ["18", "30"]
    kit.context_of(PRINTER).office.blanks.want(Document.KTP_EL, 60)
    (low,) = shown(kit, tasks, steps).panels(Hint)
    assert low.title == message("blangko.low", sort="KTP-el", left=48, minimum=60)


NOW_PART, LATER, MADE = PrintPart.NOW, PrintPart.LATER, PrintPart.PRINTED
FAILED = PrintFailure("f1", "a1", "r1", NOW, "u12", "B1", "macet")
WAITS = CardPrint(NOW_PART, "r1", "ANI", "350512••••••••01", "r1", ())
HAS = replace(WAITS, part=MADE, name="c1", card=CARD)
TWICE = replace(CARD, prints=(*CARD.prints, Printed(NOW, "u12", "B2", "rusak", number="BL-1")))
AT_DINAS = Tag(message("cetak.at_dinas"), Tone.NEUTRAL)


@pytest.mark.parametrize(
    ("entry", "place", "state"),
    [
        (WAITS, FigureCell(""), FigureCell("")),
        (
            replace(WAITS, failures=(FAILED, FAILED)),
            FigureCell(""),
            tagged(Tag(message("cetak.failed_times", count=2), Tone.BAD)),
        ),
        (HAS, FigureCell("WIROSARI", "R-1"), tagged(AT_DINAS)),
        (
            replace(HAS, card=TWICE),
            FigureCell("WIROSARI", "R-1"),
            tagged(AT_DINAS, Tag(message("cetak.times", count=2), Tone.CAUTION, "repeat")),
        ),
    ],
)
def test_a_row_says_how_often_it_failed_or_was_printed(
    idle: Kit, entry: CardPrint, place: FigureCell, state: FigureCell
) -> None:
    heads = Prints(idle.context, Steps()).screen().heads
    assert [heads[1].cell(entry), heads[3].cell(entry)] == [place, state]


def test_a_print_says_its_number_batch_and_reason(idle: Kit) -> None:
    when = Prints(idle.context, Steps()).screen().heads[2]
    assert when.cell(replace(HAS, card=TWICE)).detail == "BL-1 · B2 · rusak"
    assert when.cell(HAS).detail == "B1"


@pytest.mark.parametrize(
    ("entry", "user", "key"),
    [
        (None, PRINTER, "status.none"),
        (WAITS, PRINTER, ""),
        (replace(WAITS, part=LATER), PRINTER, "cetak.too_early"),
        (HAS, PRINTER, ""),
        (replace(HAS, card=replace(CARD, place=Place.DESA)), PRINTER, "cetak.gone"),
        (None, LOKET, "cetak.not_yours"),
        (replace(WAITS, part=LATER), LOKET, "cetak.not_yours"),
    ],
)
def test_what_is_not_here_or_too_young_is_not_printed(idle: Kit, entry: CardPrint | None, user: User, key: str) -> None:
    part, last = (entry.part, "again" if entry.part is MADE else "note") if entry else (NOW_PART, "note")
    screen = Prints(idle.context_of(user), Steps()).screen()
    assert refusals(screen, at_row(entry, filters=(part,)))[last] == (key and message(key))


@pytest.mark.parametrize(
    ("part", "names"),
    [
        (NOW_PART, ["paper", "blanks", "chip", "failed", "note"]),
        (LATER, ["paper", "blanks", "facts", "note"]),
        (MADE, ["paper", "blanks", "again"]),
    ],
)
def test_each_part_has_its_commands(idle: Kit, part: PrintPart, names: Sequence[str]) -> None:
    for user, is_writer in ((PRINTER, True), (PENGURUS, False)):
        told = refusals(Prints(idle.context_of(user), Steps()).screen(), at_row(filters=(part,)))
        assert list(told) == names
        assert told["paper"] == ("" if is_writer else message("cetak.paper_not_yours"))


@pytest.mark.parametrize(
    ("entry", "user", "refused"),
    [
        (None, KASI, "status.none"),
        (replace(WAITS, part=LATER), KASI, ""),
        (None, PENGURUS, "status.none"),
        (replace(WAITS, part=LATER), PENGURUS, "tenggat.facts_not_yours"),
    ],
)
def test_facts_are_noted_of_a_row_by_who_registers(
    idle: Kit, entry: CardPrint | None, user: User, refused: str
) -> None:
    screen = Prints(idle.context_of(user), Steps()).screen()
    assert refusals(screen, at_row(entry, filters=(LATER,)))["facts"] == (refused and message(refused))


def test_the_history_ends_with_the_last_five_and_says_why_again(idle: Kit) -> None:
    side = Prints(idle.context, Steps()).screen().side
    again = [Printed(NOW + timedelta(days=day), "u12", f"B{day}", "rusak") for day in range(2, 8)]
    entry = replace(HAS, card=replace(CARD, prints=(*CARD.prints, *again)), failures=(FAILED,))
    (way,) = [panel for panel in side(at_row(entry)) if isinstance(panel, History)]
    assert [step.words for step in way.steps] == [message("cetak.did_print_again", why="rusak")] * 5
    (first,) = [panel for panel in side(at_row(HAS)) if isinstance(panel, History)]
    assert [step.words for step in first.steps] == [message("common.printed")]
    assert not [panel for panel in side(at_row(WAITS)) if isinstance(panel, History)]


def test_a_failure_counts_once_however_many_rows_tell_it(idle: Kit) -> None:
    side, told = Prints(idle.context, Steps()).screen().side, replace(WAITS, failures=(FAILED,))
    for rows, values in (((told, replace(HAS, failures=(FAILED,))), ["1", "0", "1", "1"]), ((WAITS,), ["1", "0", "0"])):
        (counts,) = [panel for panel in side(at_row(None, *rows)) if isinstance(panel, Numbers)]
        assert [number.value for number in counts.numbers] == values


def test_the_list_is_read_anew_with_records_cards_failures_and_blanks(idle: Kit) -> None:
    assert Prints(idle.context, Steps()).screen().reads == {"record", "card", "print_failure", "blank_entry"}


def test_the_board_follows_the_store_until_it_is_closed(kit: Kit, tasks: SameThread) -> None:
    context = kit.context_of(PRINTER)
    presenter, shown = QueueBoardPresenter(context, tasks, "a1"), list[QueueBoard]()
    presenter.listen(shown.append)
    presenter.start()
    assert shown[-1] == NO_BOARD
    context.office.queue.take_walk_in("a1", "ANI")
    assert shown[-1] == QueueBoard(None, 0, (1,), 1)
    context.office.queue.call_next("a1")
    assert shown[-1] == QueueBoard(1, 1, (), 0)
    context.office.queue.take_walk_in("", "ORANG LAIN")
    assert shown[-1] == QueueBoard(1, 1, (), 0)
    presenter.start()
    presenter.stop()
    count = len(shown)
    context.office.queue.take_walk_in("a1", "BUDI")
    assert len(shown) == count


class Counted(SameThread):
    """Counts what is run."""

    runs = 0

    def run(self, executor: str, func, done, failed) -> None:
        self.runs += 1
        super().run(executor, func, done, failed)


def test_only_a_number_that_moved_lets_it_read(kit: Kit) -> None:
    context, tasks = kit.context_of(PRINTER), Counted()
    QueueBoardPresenter(context, tasks, "a1").start()
    assert tasks.runs == 1
    context.visits.take_over(replace(ACTIVITY, activity_id="a7"), ())
    assert tasks.runs == 1
    context.office.queue.take_walk_in("a1", "ANI")
    assert tasks.runs == 2
