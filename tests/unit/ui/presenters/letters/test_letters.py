"""What the list of letters shows, and where its rows lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PENGURUS, Kit
from support.letters import AT, KASI, office
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.domain.letters.letter import LetterKind, LetterState
from fieldkit.domain.people import User
from fieldkit.services.letters.write_letters import WriteLetters
from ui.presenters.letters.letters import MISSING, Letters
from ui.presenters.presenter import message
from ui.presenters.tasks import STORE

Opens = Callable[..., Listing]


@pytest.fixture
def user() -> User:
    return KASI


@pytest.fixture
def kit(tmp_path: Path, user: User) -> Iterator[Kit]:
    with ExitStack() as at_the_end:
        kit = office(tmp_path, user)
        at_the_end.callback(kit.close)
        yield kit


@pytest.fixture
def letters(kit: Kit) -> WriteLetters:
    return kit.context.office.letters


@pytest.fixture
def opened(kit: Kit, steps: Steps) -> Opens:
    def at(activity_id: str = AT, tasks: SameThread | None = None) -> Listing:
        return Listing(Letters(kit.context, steps, activity_id).screen(), tasks or SameThread(), steps)

    return at


def test_letters_stand_before_what_is_missing(opened: Opens, letters: WriteLetters) -> None:
    order = letters.draft(LetterKind.SURAT_TUGAS, AT)
    shown = opened()
    assert shown.names[0] == order.thing_id
    assert f"{MISSING}{LetterKind.SURAT_TUGAS.value}" not in shown.names
    assert f"{MISSING}{LetterKind.SPPD.value}" in shown.names
    assert not any(LetterKind.BUKTI_PEREKAMAN.value in name for name in shown.names)
    assert shown.presenter.state.where == "Desa Jimbe"


def test_the_cursor_begins_on_the_kind_that_a_step_asks_for(kit: Kit, steps: Steps, letters: WriteLetters) -> None:
    wanted = letters.missing(AT)[-1]
    listing = Listing(Letters(kit.context, steps, AT, f"surat_yang_tidak_ada {wanted}").screen(), SameThread(), steps)
    assert listing.names[listing.presenter.state.cursor] == f"{MISSING}{wanted}"
    assert len(listing.names) > 10


def test_a_void_letter_is_missing_again(opened: Opens, letters: WriteLetters) -> None:
    order = letters.draft(LetterKind.SURAT_TUGAS, AT)
    letters.void(order.thing_id, "salah")
    assert f"{MISSING}{LetterKind.SURAT_TUGAS.value}" in opened().names


def test_enter_opens_or_begins_and_begins_one_letter_however_often_it_is_pressed(
    opened: Opens, letters: WriteLetters, steps: Steps
) -> None:
    order = letters.draft(LetterKind.SURAT_TUGAS, AT)
    tasks = SameThread(STORE)
    shown = opened(tasks=tasks)
    tasks.release(STORE)
    shown.press("accept")
    assert steps.taken == [("push", "letter", order.thing_id)]
    shown.presenter.select(f"{MISSING}{LetterKind.SPPD.value}")
    shown.press("accept")
    shown.press("accept")
    tasks.release(STORE)
    begun = letters.of(AT)[-1]
    assert [letter.letter for letter in letters.of(AT)] == [LetterKind.SURAT_TUGAS, LetterKind.SPPD]
    assert steps.taken[1:] == [("push", "letter", begun.thing_id)]


def test_one_more_of_the_same_kind(opened: Opens, letters: WriteLetters) -> None:
    letters.draft(LetterKind.SPPD, AT)
    opened().press("draft_another")
    assert [letter.letter for letter in letters.of(AT)] == [LetterKind.SPPD] * 2


@pytest.mark.parametrize("user", [PENGURUS])
def test_another_roles_letter_is_not_begun(opened: Opens, letters: WriteLetters) -> None:
    shown = opened()
    shown.presenter.select(f"{MISSING}{LetterKind.SURAT_TUGAS.value}")
    for name in ("accept", "draft_another"):
        assert shown.offered(name).refused == message("surat.not_yours")
        shown.press(name)
    assert letters.of(AT) == []
    shown.presenter.select(f"{MISSING}{LetterKind.BA_SARPRAS.value}")
    assert not shown.offered("accept").refused
    assert not shown.offered("draft_another").refused


def test_the_archive_holds_the_letters_of_every_activity_and_no_missing_ones(
    opened: Opens, letters: WriteLetters, steps: Steps
) -> None:
    far = letters.draft(LetterKind.SURAT_TUGAS, "another", {"activity": "x"})
    shown = opened()
    assert far.thing_id not in shown.names
    shown.press("archive")
    assert steps.taken == [("push", "letters")]
    archive = opened("")
    archive.presenter.search("surat tugas")
    assert archive.names == [far.thing_id]
    archive.presenter.search("bupati")
    assert archive.offered("accept").refused == message("common.choose_letter")
    assert [action.name for action in archive.presenter.state.bar.actions] == ["verify", "accept"]
    archive.press("verify")
    assert steps.taken[-1] == ("push", "verify_letter")


def test_the_archive_does_not_end_at_some_row(opened: Opens, kit: Kit, letters: WriteLetters) -> None:
    model = letters.draft(LetterKind.SURAT_TUGAS, AT)
    with kit.store.write() as unit:
        unit.repository(type(model)).save_all(replace(model, thing_id=f"l{number}") for number in range(600))
    assert len(opened("").names) == 601


def test_an_empty_archive_says_how_letters_come_there(opened: Opens) -> None:
    assert opened("").presenter.state.nothing.title == message("surat.empty")


def test_states_have_their_tags_and_chips(opened: Opens, letters: WriteLetters) -> None:
    letters.issue(letters.draft(LetterKind.SURAT_BALASAN, AT).thing_id)
    shown = opened()
    assert shown.rows[0].cells[2].tags[0].words == message(f"surat.state_{LetterState.WAITING.value}")
    assert {name: count for name, count in shown.chips.items() if name != "missing"} == {
        "all": len(shown.names),
        "draft": 0,
        "waiting": 1,
        "issued": 0,
        "void": 0,
    }
