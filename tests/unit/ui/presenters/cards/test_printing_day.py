from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import PENGURUS, Kit
from support.cards_sent import LOKET, print_shop
from support.listing import Listing
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from fieldkit.domain.people.accounts import User
from ui.presenters.cards.printing_day import PrintingDay
from ui.presenters.lists import Numbers
from ui.presenters.messages import message

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
