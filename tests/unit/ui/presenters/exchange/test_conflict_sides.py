"""Two sides of one thing: which is marked, and what may be taken from the other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.app_context import KETUA, PENGURUS, Kit
from support.clock import NOW
from support.listing import at_row
from support.tasks import SameThread, Steps

from fieldkit.domain.people import User
from fieldkit.services.exchange.settle_conflicts import Conflict, SettleConflicts, Side
from ui.presenters.exchange.exchange import (
    ConflictPresenter,
    Conflicts,
    detail_words,
    field_words,
    kind_words,
    side_words,
    value_words,
)
from ui.presenters.figures import FigureCell
from ui.presenters.parts import Stage, Tag, Tone
from ui.presenters.presenter import Message, message

ONE = Side("KIT-07", "Rina", NOW, is_removal=False, values={"note": "di sawah", "reason": "terlalu jauh"})
OTHER = Side("KIT-09", "", NOW.replace(hour=3), is_removal=False, values={"note": "menolak"})
CONFLICT = Conflict("visit", "v1", "a1", "MISINEM", "Jimbe", ("note", "reason"), (ONE, OTHER), ("d1", "d2"))
STRANGER = replace(CONFLICT, thing_id="v2", about="SITI")


def opened(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, conflict: Conflict = CONFLICT, user: User = KETUA
) -> ConflictPresenter:
    monkeypatch.setattr(SettleConflicts, "all", lambda _: [STRANGER, replace(CONFLICT, kind="trip"), conflict])
    presenter = ConflictPresenter(kit.context_of(user), SameThread(), Steps(), "visit", "v1")
    presenter.start()
    return presenter


def marks(presenter: ConflictPresenter) -> str:
    """Return the number of the marked side of each field."""
    rows = [presenter.state.rows.row(at) for at in range(1, presenter.state.rows.count)]
    return " ".join(f"{row.name}={next(at for at, cell in enumerate(row.cells[1:]) if cell.tags)}" for row in rows)


def test_before_a_conflict_is_read_nothing_is_taken(idle: Kit) -> None:
    presenter = ConflictPresenter(idle.context, SameThread(), Steps(), "visit", "v1")
    before = presenter.state
    presenter.select("note")
    for act in (lambda: presenter.take(1), presenter.swap, lambda: presenter.search("x")):
        act()
    assert (presenter.state, before.stage) == (before, Stage.LOADING)


def test_a_side_is_taken_as_a_whole_or_field_by_field(idle: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    presenter, seen = opened(idle, monkeypatch), list[str]()
    assert presenter.state.title == message("conflicts.about", what="MISINEM")
    for path, act in (
        ("note", presenter.swap),
        ("reason", presenter.swap),
        ("note", presenter.swap),
        ("", presenter.swap),
        ("gone", presenter.swap),
        ("", lambda: presenter.take(2)),
        ("", lambda: presenter.take(1)),
        ("note", presenter.swap),
    ):
        presenter.select(path)
        act()
        seen.append(marks(presenter))
    both = "note=0 reason=1"
    assert seen == ["note=1 reason=0", "note=1 reason=1", both, both, both, both, "note=1 reason=1", both]


def test_what_is_kept_is_a_side_with_what_was_taken_from_the_other(idle: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[object] = []
    monkeypatch.setattr(SettleConflicts, "keep", lambda _, *told: kept.append(told))
    presenter = opened(idle, monkeypatch)
    presenter.take(1)
    for path in ("note", "", "gone"):
        presenter.select(path)
        presenter.swap()
    presenter.perform(presenter.state.bar.actions[-1])
    assert kept == [(CONFLICT, 1, {"note": 0})]


def test_of_what_was_removed_on_one_side_nothing_is_mixed(idle: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    removed = replace(CONFLICT, sides=(ONE, replace(OTHER, is_removal=True)))
    presenter = opened(idle, monkeypatch, removed)
    presenter.select("note")
    presenter.swap()
    assert marks(presenter) == "note=0 reason=0"
    swap = {command.name: command.refused for command in presenter.state.bar.actions}["swap"]
    assert swap == message("conflicts.cannot_mix")
    assert presenter.state.rows.row(0).cells[1:] == (
        FigureCell("21-11-2026 09.00"),
        FigureCell(message("conflicts.removed"), "21-11-2026 10.00"),
    )


@pytest.mark.parametrize(("user", "refused"), [(KETUA, ""), (PENGURUS, message("exchange.not_yours"))])
def test_who_may_send_decides(idle: Kit, monkeypatch: pytest.MonkeyPatch, user: User, refused: Message) -> None:
    actions = opened(idle, monkeypatch, user=user).state.bar.actions
    assert [(command.name, command.refused) for command in actions] == [
        ("take_0", ""),
        ("take_1", ""),
        ("swap", ""),
        ("accept", refused),
    ]


def test_fields_are_searched_by_their_path_and_shown_from_both_sides(
    idle: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    presenter = opened(idle, monkeypatch)
    presenter.search(" RE ")
    assert marks(presenter) == "reason=0"
    assert (presenter.state.rows.count, presenter.state.rows.total) == (2, 3)
    taken = Tag(message("conflicts.chosen"), Tone.GOOD)
    assert presenter.state.rows.row(1).cells == (
        FigureCell(message("conflicts.field_reason")),
        FigureCell("terlalu jauh", tags=(taken,), is_strong=True),
        FigureCell(message("conflicts.nothing"), is_muted=True),
    )
    assert [column.title for column in presenter.state.columns[1:]] == [
        message("conflicts.side", kit="KIT-07", name="Rina"),
        "KIT-09",
    ]


@pytest.mark.parametrize(
    ("about", "activity", "cell", "order", "title"),
    [
        ("MISINEM", "Jimbe", FigureCell("MISINEM", "Jimbe", is_strong=True), "MISINEM", ("about", "MISINEM")),
        ("", "Jimbe", FigureCell("Jimbe", "", is_strong=True), "Jimbe", ("about", "Jimbe")),
        ("", "", FigureCell("", "", is_strong=True), "", ("kind_visit", "")),
    ],
)
def test_a_conflict_is_named_by_whom_it_is_about_else_by_its_activity(
    idle: Kit,
    monkeypatch: pytest.MonkeyPatch,
    about: str,
    activity: str,
    cell: FigureCell,
    order: str,
    title: tuple[str, str],
) -> None:
    conflict = replace(CONFLICT, about=about, activity=activity)
    head = Conflicts(idle.context, Steps()).screen().heads[1]
    assert head.order is not None
    assert (head.cell(conflict), head.order(conflict)) == (cell, order)
    key, what = title
    assert opened(idle, monkeypatch, conflict).state.title == message(
        f"conflicts.{key}", **({"what": what} if what else {})
    )


def test_the_one_under_the_cursor_is_opened_and_nothing_where_there_is_none(idle: Kit) -> None:
    steps = Steps()
    screen = Conflicts(idle.context, steps).screen()
    assert screen.commands(at_row()) == ()
    (command,) = screen.commands(at_row(CONFLICT))
    command.runs()  # type: ignore[operator, misc]
    assert steps.taken == [("push", "conflict", "visit", "v1")]
    assert [head.cell(CONFLICT).detail for head in screen.heads[2:]] == ["21-11-2026 09.00", "21-11-2026 10.00"]


@pytest.mark.parametrize(
    ("value", "words", "detail"),
    [
        ({}, message("conflicts.nothing"), ""),
        ([], message("conflicts.nothing"), ""),
        (0, "0", ""),
        (["satu", "Dua"], message("conflicts.entries", count=2), "Dua"),
        (["satu", 2], message("conflicts.entries", count=2), ""),
        ({"a": "", "b": "x_y", "c": 1}, "x y", ""),
        ({"a": "x" * 70}, "x" * 60, ""),
        ("SK_12", "SK_12", ""),
        ("2026-11-21T09:14:00", "2026-11-21T09:14:00", ""),
        ("2026-11-21T09:14:00+00:00", "21-11-2026 09.14", ""),
        ("2026-11-21", "2026-11-21", ""),
    ],
)
def test_a_value_is_told_as_people_read_it(value: object, words: Message, detail: Message) -> None:
    assert (value_words(value, lambda at: at), detail_words(value, lambda at: at)) == (words, detail)


def test_what_has_no_name_of_its_own_is_told_as_it_is_kept() -> None:
    assert [kind_words(kind) for kind in ("visit", "strange")] == [
        message("conflicts.kind_visit"),
        message("conflicts.kind_other"),
    ]
    assert [field_words(path) for path in ("a.note", "b.strange_field")] == [
        message("conflicts.field_note"),
        "strange field",
    ]
    assert [side_words(side) for side in (ONE, OTHER)] == [
        message("conflicts.side", kit="KIT-07", name="Rina"),
        "KIT-09",
    ]
