"""Surat: the letters of an activity and the archive, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.app_context import Kit
from support.letters import AT, office

from fieldkit.domain.letters.letter import LetterKind


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path)
    letters = kit.context.office.letters
    letters.issue(letters.draft(LetterKind.SURAT_TUGAS, AT).thing_id, "123")
    letters.issue(letters.draft(LetterKind.SURAT_BALASAN, AT).thing_id, "31")
    letters.draft(LetterKind.JADWAL, AT)
    yield kit
    kit.store.close()


def test_what_exists_and_what_is_missing_is_seen(window, shoot) -> None:
    window.sign_in()
    window.go("letters", activity_id=AT)
    shoot("letters")
    assert window.view.state.rows.count == 21
    assert window.view.state.where == "Desa Jimbe"


@pytest.mark.days
def test_the_archive_is_searched_by_typing(window, shoot) -> None:
    window.sign_in()
    window.go("letters", activity_id=AT)
    window.press(Qt.Key.Key_O, to=Qt.KeyboardModifier.ControlModifier)
    window.wait(lambda: window.view.state.rows.count == 3)
    window.type("tugas")
    window.wait(lambda: window.view.state.rows.count == 1)
    shoot("letters-found")
    window.press(Qt.Key.Key_Return)
    window.reach("Letter")
    window.press(Qt.Key.Key_Escape)
    window.reach("Letters")


@pytest.mark.days
def test_an_empty_archive_says_how_letters_come_there(window, kit, shoot) -> None:
    window.sign_in()
    with kit.store.write() as unit:
        for letter in kit.context.office.letters.search():
            unit.repository(type(letter)).remove(letter.thing_id)
    window.go("letters")
    shoot("letters-empty")
    assert window.view.state.rows.count == 0


@pytest.mark.days
def test_enter_on_a_missing_letter_begins_it(window, kit) -> None:
    window.sign_in()
    window.go("letters", activity_id=AT)
    window.press(Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return)
    window.reach("Letter")
    assert kit.context.office.letters.of(AT)[-1].letter is LetterKind.SURAT_PERMOHONAN
