"""What a list does at its edges: before it is read, without orders, without ticks, with what comes too late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem
from ui.presenters.figures import FigureCell
from ui.presenters.lists import ALL, Filter, Head, Hint, Listed, ListPresenter, ListScreen, Order
from ui.presenters.parts import Empty, Stage, Toast
from ui.presenters.presenter import Action, Command, message
from ui.presenters.tasks import STORE

ROWS = ["citra", "ani", "budi"]


class Rows:
    """A list of names that a test changes."""

    def __init__(self, **changes: object) -> None:
        self.rows: Sequence[str] = tuple(ROWS)
        self.opened: list[str] = []
        self.screen = ListScreen(
            title="Nama",
            heads=(
                Head("Nama", FigureCell, 0, str),
                Head("Panjang", FigureCell),
                Head("Akhir", FigureCell, 0, lambda row: row[-1]),
            ),
            load=lambda: self.rows,
            name=str,
            text=str,
            empty=lambda _: Empty("kosong"),
            commands=self._commands,
        )
        self.screen = replace(self.screen, **changes)  # type: ignore[arg-type]

    def _commands(self, listed: Listed[str]) -> tuple[Command, ...]:
        current = listed.current or ""
        return (Command("open", "Buka", Action.ACCEPT, runs=lambda: self.opened.append(current)),)

    def listing(self, *held: str) -> tuple[Listing, SameThread]:
        tasks = SameThread(*held)
        return Listing(self.screen, tasks, Steps()), tasks


def test_before_it_is_read_nothing_is_shown_whatever_is_pressed() -> None:
    listing, tasks = Rows(ticks=lambda _: True).listing(STORE)
    presenter, before = listing.presenter, listing.presenter.state
    for act in (presenter.tick_all, presenter.tick_current, presenter.sort_next, lambda: presenter.select("ani")):
        act()
    presenter.search("an")
    assert (presenter.state, presenter.state.stage, presenter.state.cursor) == (before, Stage.LOADING, -1)
    tasks.release(STORE)
    assert (listing.names, presenter.state.cursor) == (["ani"], 0)


def test_a_row_that_stands_under_the_cursor_is_not_chosen_again() -> None:
    listing, _ = Rows().listing()
    listing.presenter.select("ani")
    before = listing.presenter.state
    listing.presenter.select("ani")
    assert listing.presenter.state is before
    listing.presenter.select("nobody")
    assert listing.presenter.state.cursor == -1
    listing.presenter.refresh()
    assert listing.presenter.state.cursor == 0


def test_one_key_walks_through_every_column_that_has_an_order() -> None:
    listing, _ = Rows().listing()
    orders = []
    for _ in range(5):
        listing.presenter.sort_next()
        orders.append((listing.presenter.state.order, listing.names[0]))
    assert orders == [
        (Order(0), "ani"),
        (Order(0, is_descending=True), "citra"),
        (Order(2), "citra"),
        (Order(2, is_descending=True), "ani"),
        (Order(), "citra"),
    ]
    plain, _ = Rows(heads=(Head("Nama", FigureCell),)).listing()
    before = plain.presenter.state
    plain.presenter.sort_next()
    assert plain.presenter.state is before


def test_another_column_begins_upwards() -> None:
    listing, _ = Rows().listing()
    for column in (0, 0, 2):
        listing.presenter.sort(column)
    assert (listing.presenter.state.order, listing.names) == (Order(2), ["citra", "ani", "budi"])
    rows = Rows()
    rows.rows = ("ani", "citra")
    assert rows.listing()[0].names == ["ani", "citra"], "nobody asked for an order"


def test_a_list_without_ticks_has_none() -> None:
    listing, _ = Rows().listing()
    listing.presenter.tick_all()
    listing.presenter.tick("ani")
    assert (listing.presenter.state.has_ticks, listing.presenter.state.tags) == (False, ())
    assert [row.is_ticked for row in listing.rows] == [None] * 3
    assert Rows(ticks=lambda _: True).listing()[0].presenter.state.has_ticks


def test_all_that_is_shown_is_ticked_or_let_go_and_what_is_hidden_stays_as_it_was() -> None:
    rows = Rows(ticks=lambda row: row != "citra")
    listing, _ = rows.listing()
    presenter = listing.presenter
    presenter.tick("ani")
    seen = []
    for text in ("budi", "", "ani"):
        presenter.search(text)
        presenter.tick_all()
        presenter.search("")
        seen.append(listing.ticked)
    assert seen == [["ani", "budi"], [], ["ani"]]
    rows.rows = ("citra", "budi")
    presenter.refresh()
    rows.rows = tuple(ROWS)
    presenter.refresh()
    assert listing.ticked == [], "what was gone is not chosen any more"


def test_what_is_hidden_or_may_not_be_ticked_is_not_ticked_later_either() -> None:
    may = {"ani", "citra"}
    listing, _ = Rows(ticks=lambda row: row in may).listing()
    listing.presenter.tick("budi")
    listing.presenter.search("citra")
    for name in ("ani", "citra"):
        listing.presenter.tick(name)
    may.add("budi")
    listing.presenter.search("")
    assert listing.ticked == ["citra"]
    assert [tag.words for tag in listing.presenter.state.tags] == [message("ui.list.ticked", count=1)]


def test_it_begins_where_it_says_only_once_and_else_on_the_first_row() -> None:
    listing, _ = Rows(begins_at=lambda row: row == "budi").listing()
    listing.presenter.select("ani")
    listing.presenter.refresh()
    assert listing.presenter.state.cursor == 1
    nowhere, _ = Rows(begins_at=lambda row: row == "dewi").listing()
    assert nowhere.presenter.state.cursor == 0
    rows = Rows()
    rows.rows = ()
    assert rows.listing()[0].presenter.state.cursor == -1


def find(text: str) -> Callable[[str], bool]:
    return lambda row: row == text


def test_only_what_is_about_rows_waits_for_the_store() -> None:
    rows = Rows(find=find)
    listing, tasks = rows.listing(STORE)
    tasks.release(STORE)
    listing.presenter.search("ani")
    back = listing.presenter.state.bar.back
    assert back is not None
    listing.presenter.perform(back)
    listing.press("open")
    assert (listing.steps.taken, rows.opened) == ([("back",)], [])
    tasks.release(STORE)
    assert rows.opened == ["ani"]
    listing.presenter.search("budi")
    tasks.release(STORE)
    listing.press("open")
    assert rows.opened == ["ani", "budi"]


def test_the_store_is_asked_again_only_for_what_is_still_typed() -> None:
    asked: list[str] = []

    def noted(text: str) -> Callable[[str], bool]:
        asked.append(text)
        return find(text)

    listing, _ = Rows(find=noted).listing()
    listing.presenter.refresh()
    listing.presenter.search("ani")
    listing.presenter.refresh()
    listing.presenter.search("  ")
    listing.presenter.refresh()
    assert (asked, listing.names) == (["ani", "ani"], ROWS)
    assert listing.presenter.state.nothing == Empty("kosong")


def test_what_was_read_of_a_row_too_late_is_not_told_of_another() -> None:
    rows = Rows(about=str.upper, side=lambda listed: (Hint(str(listed.about)),))
    listing, tasks = rows.listing(STORE)
    tasks._held[STORE].pop(0)()
    assert listing.presenter.state.panels == (Hint("None"),)
    listing.presenter.select("ani")
    first = tasks._held[STORE].pop(0)
    first()
    assert listing.presenter.state.panels == (Hint("None"),), "the cursor went on"
    assert len(tasks._held[STORE]) == 1, "each row is read once"
    tasks.release(STORE)
    assert listing.presenter.state.panels == (Hint("ANI"),)
    listing.presenter.select("nobody")
    assert (listing.presenter.state.panels, tasks._held[STORE]) == ((Hint("None"),), [])
    listing.presenter.select("ani")
    assert listing.presenter.state.panels == (Hint("ANI"),)
    listing.presenter.select("budi")
    assert listing.presenter.state.panels == (Hint("None"),), "what was read of ani is not told of budi"


def test_chips_that_look_at_the_same_thing_count_what_the_other_groups_leave() -> None:
    first: Callable[[str], str] = lambda row: row[0]  # noqa: E731 – one and the same for both chips
    letters = Filter.by("x.", {"a": lambda letter: letter == "a", "b": lambda letter: letter == "b"}, of=first)
    ends = Filter.by("x.", {"i": lambda row: row.endswith("i"), "none": lambda _: False})
    listing, _ = Rows(filters=((ALL, *letters), (ALL, *ends))).listing()
    assert [[chip.count for chip in group] for group in listing.presenter.state.chips] == [[3, 1, 1], [3, 2, 0]]
    listing.presenter.choose(0, "a")
    listing.presenter.next_filter(1)
    listing.presenter.next_filter(2)
    assert (listing.names, listing.presenter.state.nothing) == (["ani"], Empty("kosong"))
    assert [[chip.count for chip in group] for group in listing.presenter.state.chips] == [[2, 1, 1], [1, 1, 0]]
    assert [[chip.name for chip in group if chip.is_on] for group in listing.presenter.state.chips] == [["a"], ["i"]]


@pytest.mark.parametrize(
    ("told", "toast", "problem"),
    [
        (None, "", Problem("sync.unreachable")),
        (Toast("Selesai"), "Selesai", Problem("sync.unreachable")),
        (Problem("sync.stalled"), "", Problem("sync.stalled")),
    ],
)
def test_what_moves_is_told_by_a_toast_or_above_the_rows(
    told: Toast | Problem | None, toast: str, problem: Problem
) -> None:
    listing, _ = Rows().listing()
    listing.presenter._moved(Problem("sync.unreachable"))
    listing.presenter._moved(told)
    state = listing.presenter.state
    assert (state.toast.words if state.toast else "", state.problem) == (toast, problem)


def test_a_list_that_is_left_follows_nothing_and_a_second_leave_does_nothing() -> None:
    left: list[str] = []
    listing, _ = Rows(follow=lambda _tell: lambda: left.append("left")).listing()
    listing.presenter.stop()
    listing.presenter.stop()
    listing.presenter.start()
    assert left == ["left"]


def test_a_list_that_nobody_started_shows_its_head() -> None:
    presenter = ListPresenter(Rows().screen, SameThread(), Steps())
    presenter.stop()
    assert [column.title for column in presenter.state.columns] == ["Nama", "Panjang", "Akhir"]
    assert presenter.state.hint == message("ui.search.hint")
