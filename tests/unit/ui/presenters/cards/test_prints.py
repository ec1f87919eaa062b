from __future__ import annotations

import re
from datetime import date

import pytest
from support.cards_sent import LOKET, PRINTER, UNIQUE
from support.desk import PENGURUS, TARGETS, Kit
from support.letters import KASI
from support.tasks import SameThread, Steps

from fieldkit.domain.cards.card import Place
from fieldkit.domain.people.accounts import User
from ui.presenters.cards.prints import PrintsPresenter
from ui.presenters.figures import Row, StepMark
from ui.presenters.parts import Action
from ui.presenters.tasks import STORE
from ui.presenters.words import phrase

ONE, TWO, YOUNG = "0199-0001", "0199-0002", "0199-0003"


@pytest.fixture
def steps() -> Steps:
    return Steps()


def shown(kit: Kit, tasks: SameThread, steps: Steps, user: User = PRINTER, activity_id: str = "") -> PrintsPresenter:
    presenter = PrintsPresenter(kit.desk_of(user), tasks, steps, activity_id)
    presenter.start()
    return presenter


@pytest.fixture
def presenter(kit: Kit, tasks: SameThread, steps: Steps) -> PrintsPresenter:
    for number in range(3):
        kit.hear(kit.seal(number + 1, TARGETS[number]), *UNIQUE)
    kit.clock.advance(hours=4)
    return shown(kit, tasks, steps)


def rows(presenter: PrintsPresenter) -> list[Row]:
    return [presenter.state.rows.row(at) for at in range(presenter.state.rows.count)]


def names(presenter: PrintsPresenter) -> list[str]:
    return [row.name for row in rows(presenter)]


def offered(presenter: PrintsPresenter, intent: str) -> Action:
    return next(action for action in presenter.state.bar.actions if action.intent == intent)


def test_who_may_be_printed_stands_with_masked_number_and_waiting_time(presenter: PrintsPresenter) -> None:
    assert names(presenter) == [ONE, TWO]
    who, place, when, _tags = rows(presenter)[0].cells
    assert (who.words, who.detail) == ("MIS•••", TARGETS[0].biodata.nik.masked)
    assert place.words == "Desa Jimbe"
    assert when.words == phrase("cetak.since", at="21-11-2026 11.00")
    assert when.detail == phrase("cetak.waits", hours=2)
    assert [number.value for number in presenter.state.counts] == ["2", "1", "0"]


def test_sixteen_stands_with_the_day_and_comes_on_it_and_not_before(
    presenter: PrintsPresenter, kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    presenter.next_shelf()
    assert names(presenter) == [YOUNG]
    assert rows(presenter)[0].cells[2].words == phrase("cetak.from", day="12-03-2027")
    assert rows(presenter)[0].cells[2].detail == phrase("cetak.left", days=111)
    assert offered(presenter, "accept").refused == phrase("cetak.too_early")
    presenter.accept()
    assert steps.taken == []
    kit.clock.advance(days=110)
    assert YOUNG not in names(shown(kit, tasks, steps))
    kit.clock.advance(days=1)
    assert YOUNG in names(shown(kit, tasks, steps))


def test_who_married_at_16_stands_there_at_once(
    presenter: PrintsPresenter, kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    presenter = shown(kit, tasks, steps, KASI)
    presenter.next_shelf()
    presenter.write_facts()
    assert steps.taken == [("push", "card_facts", YOUNG)]
    kit.desk_of(KASI).office.clocks.note_facts("t3", None, date(2026, 11, 21))
    assert YOUNG in names(shown(kit, tasks, steps))


def test_one_several_or_all_are_chosen(presenter: PrintsPresenter, steps: Steps) -> None:
    presenter.select(TWO)
    assert offered(presenter, "accept").words == phrase("cetak.note", count=1)
    presenter.accept()
    presenter.toggle()
    presenter.select(ONE)
    presenter.accept()
    presenter.tick_all()
    assert presenter.state.tags[1].words == phrase("cetak.ticked", count=2)
    assert rows(presenter)[0].cells[3].tags[0].words == phrase("cetak.chosen")
    presenter.accept()
    presenter.tick_all()
    assert len(presenter.state.tags) == 1
    presenter.toggle()
    presenter.toggle()
    assert len(presenter.state.tags) == 1
    assert [taken[2] for taken in steps.taken] == [TWO, TWO, f"{ONE} {TWO}"]
    assert {taken[1] for taken in steps.taken} == {"print_note"}


def test_what_was_printed_moves_to_its_shelf_and_is_printed_again(
    presenter: PrintsPresenter, kit: Kit, steps: Steps
) -> None:
    presenter.tick_all()
    printing = kit.desk_of(PRINTER).office.printing
    printing.note_failed(ONE, "ribbon putus", "BL-0106")
    presenter.start()
    assert phrase("cetak.failed_times", count=1) in [tag.words for tag in rows(presenter)[0].cells[3].tags]
    assert [step.mark for step in presenter.state.history] == [StepMark.MISSING]
    kit.clock.advance(minutes=5)
    printing.note_printed([ONE], "BL-0107")
    presenter.start()
    assert (names(presenter), presenter.state.tags[1].words) == ([TWO], phrase("cetak.ticked", count=1))
    presenter.next_shelf()
    presenter.next_shelf()
    assert names(presenter) == [ONE]
    assert rows(presenter)[0].cells[2].detail == "BL-0107"
    assert [step.mark for step in presenter.state.history] == [StepMark.MISSING, StepMark.DONE]
    assert presenter.state.history[0].words == phrase("cetak.did_fail", why="ribbon putus")
    assert str(presenter.state.history[0].detail).endswith(" · BL-0106")
    presenter.accept()
    presenter.note_failed()  # only of what waits
    assert steps.taken == [("push", "print_again", ONE)]
    kit.desk_of(PRINTER).office.handover.hand_on([ONE], Place.DESA, "Sekdes")
    presenter.start()
    assert offered(presenter, "accept").refused == phrase("cetak.gone")


def test_a_failure_is_noted_of_the_row_under_the_cursor(presenter: PrintsPresenter, steps: Steps) -> None:
    presenter.select(TWO)
    presenter.note_failed()
    assert steps.taken == [("push", "print_failed", TWO)]


def test_the_paper_is_drafted_and_opened_and_hides_what_it_must(
    presenter: PrintsPresenter, kit: Kit, steps: Steps
) -> None:
    presenter.write_paper()
    ((way, screen, letter_id),) = steps.taken
    assert (way, screen) == ("push", "letter")
    fields = str(kit.desk.office.letters.get(letter_id).fields)
    assert TARGETS[0].biodata.nik.masked in fields
    assert not re.search(r"\d{16}", fields)
    assert not re.search("lansia|disabilitas|odgj|pemula", fields, re.IGNORECASE)


def test_who_does_not_print_looks_and_reads_why(
    presenter: PrintsPresenter, kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    other = shown(kit, tasks, steps, LOKET)
    for intent in ("accept", "note_failed"):
        assert offered(other, intent).refused == phrase("cetak.not_yours")
    other.accept()
    other.note_failed()
    assert steps.taken == []
    keeper = shown(kit, tasks, steps, PENGURUS)
    keeper.next_shelf()
    assert offered(keeper, "write_facts").refused == phrase("tenggat.facts_not_yours")


def test_search_narrows_and_an_empty_shelf_says_what_comes_there(presenter: PrintsPresenter) -> None:
    presenter.search("KARTONO")
    assert (names(presenter), presenter.state.rows.total) == ([TWO], 2)
    presenter.search("zzz")
    assert presenter.state.nothing.title == phrase("kirim.not_found", text="zzz")
    assert offered(presenter, "accept").refused == phrase("status.none")
    presenter.search("")
    presenter.next_shelf()
    presenter.next_shelf()
    assert presenter.state.nothing.title == phrase("cetak.none_printed")


def test_one_activity_shows_its_own(presenter: PrintsPresenter, kit: Kit, tasks: SameThread, steps: Steps) -> None:
    assert names(shown(kit, tasks, steps, activity_id="a1")) == [ONE, TWO]
    assert names(shown(kit, tasks, steps, activity_id="a9")) == []


def test_an_answer_to_what_was_typed_before_is_left_and_a_search_outlives_a_refresh(kit: Kit, steps: Steps) -> None:
    for number in range(2):
        kit.hear(kit.seal(number + 1, TARGETS[number]), *UNIQUE)
    tasks = SameThread(STORE)
    presenter = shown(kit, tasks, steps, PRINTER)
    tasks.release(STORE)
    presenter.search("KAR")
    presenter.search("")
    tasks.release(STORE)
    assert presenter.state.rows.count == 2
    presenter.search("KAR")
    tasks.release(STORE)
    presenter.refresh()
    tasks.release(STORE)
    assert presenter.state.rows.count == 1
