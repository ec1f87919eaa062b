"""What the list of letters shows, and where its rows lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.desk import PENGURUS, Kit
from support.letters import AT, KASI, office
from support.tasks import SameThread, Steps

from fieldkit.domain.letters.letter import LetterKind, LetterState
from fieldkit.domain.people.accounts import User
from ui.presenters.letters.letters import MISSING, LettersPresenter
from ui.presenters.parts import Stage
from ui.presenters.words import phrase


class List:
    """The presenter over a real store."""

    def __init__(self, folder: Path, activity_id: str = AT, user: User = KASI) -> None:
        self.kit: Kit = office(folder, user)
        self.letters = self.kit.desk.office.letters
        self.way = Steps()
        self.presenter = LettersPresenter(self.kit.desk, SameThread(), self.way, activity_id)

    @property
    def names(self) -> list[str]:
        rows = self.presenter.state.rows
        return [rows.row(at).name for at in range(rows.count)]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., List]]:
    """Open lists that are closed at the end."""
    with ExitStack() as open_ones:

        def at(folder: str = "kit", **how: Any) -> List:
            listed = List(tmp_path / folder, **how)
            open_ones.callback(listed.kit.close)
            return listed

        yield at


@pytest.fixture
def shown(opened: Callable[..., List]) -> List:
    return opened()


def test_letters_stand_before_what_is_missing(shown: List) -> None:
    order = shown.letters.draft(LetterKind.SURAT_TUGAS, AT)
    shown.presenter.start()
    assert shown.presenter.state.stage is Stage.CONTENT
    assert shown.names[0] == order.thing_id
    assert f"{MISSING}{LetterKind.SURAT_TUGAS.value}" not in shown.names
    assert f"{MISSING}{LetterKind.SPPD.value}" in shown.names
    assert not any(LetterKind.BUKTI_PEREKAMAN.value in name for name in shown.names)
    assert shown.presenter.state.where == "Desa Jimbe"


def test_a_void_letter_is_missing_again(shown: List) -> None:
    order = shown.letters.draft(LetterKind.SURAT_TUGAS, AT)
    shown.letters.void(order.thing_id, "salah")
    shown.presenter.start()
    assert f"{MISSING}{LetterKind.SURAT_TUGAS.value}" in shown.names


def test_enter_opens_or_begins(shown: List) -> None:
    order = shown.letters.draft(LetterKind.SURAT_TUGAS, AT)
    shown.presenter.start()
    shown.presenter.open(order.thing_id)
    assert shown.way.taken == [("push", "letter", order.thing_id)]
    shown.presenter.select(f"{MISSING}{LetterKind.SPPD.value}")
    shown.presenter.accept()
    begun = shown.letters.of(AT)[-1]
    assert begun.letter is LetterKind.SPPD
    assert shown.way.taken[-1] == ("push", "letter", begun.thing_id)


def test_one_more_of_the_same_kind(shown: List) -> None:
    order = shown.letters.draft(LetterKind.SPPD, AT)
    shown.presenter.start()
    shown.presenter.select(order.thing_id)
    shown.presenter.draft_another()
    assert [letter.letter for letter in shown.letters.of(AT)] == [LetterKind.SPPD] * 2
    shown.presenter.draft_another()
    assert len(shown.letters.of(AT)) == 2, "a second press while the first letter opens begins nothing"


def test_another_roles_letter_is_not_begun(opened: Callable[..., List]) -> None:
    shown = opened(user=PENGURUS)
    shown.presenter.start()
    shown.presenter.select(f"{MISSING}{LetterKind.SURAT_TUGAS.value}")
    refused = [action.refused for action in shown.presenter.state.bar.actions]
    assert refused == [phrase("surat.not_yours")] * 2
    shown.presenter.accept()
    shown.presenter.draft_another()
    assert shown.letters.of(AT) == []
    shown.presenter.select(f"{MISSING}{LetterKind.BA_SARPRAS.value}")
    assert not any(action.refused for action in shown.presenter.state.bar.actions)


def test_typing_searches_the_whole_archive(opened: Callable[..., List]) -> None:
    shown = opened()
    far = shown.letters.draft(LetterKind.SURAT_TUGAS, "another", {"activity": "x"})
    shown.presenter.start()
    assert far.thing_id not in shown.names
    shown.presenter.search("surat tugas")
    assert shown.names == [far.thing_id]
    shown.presenter.search("bupati")
    assert shown.names == []
    assert shown.presenter.state.nothing.title == phrase("surat.not_found", text="bupati")
    shown.presenter.accept()
    assert shown.way.taken == []
    shown.presenter.search("")
    assert shown.names[0].startswith(MISSING)


def test_without_an_activity_only_the_archive_is_there(opened: Callable[..., List]) -> None:
    shown = opened(activity_id="")
    shown.presenter.start()
    assert shown.names == []
    assert shown.presenter.state.nothing.title == phrase("surat.empty")
    assert [action.name for action in shown.presenter.state.bar.actions] == ["accept"]
    shown.presenter.back()
    assert shown.way.taken == [("back",)]


def test_states_have_their_tags(shown: List) -> None:
    shown.letters.issue(shown.letters.draft(LetterKind.SURAT_BALASAN, AT).thing_id)
    shown.presenter.start()
    cell = shown.presenter.state.rows.row(0).cells[2]
    assert cell.tags[0].words == phrase(f"surat.state_{LetterState.WAITING.value}")
    assert phrase("surat.waiting", count=1) in [tag.words for tag in shown.presenter.state.tags]
