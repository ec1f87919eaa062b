from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.app_context import ACTIVITY, TARGETS, Kit, OpenDoor
from support.letters import KASI

from fieldkit.domain.targets.requests import Applicant, SuratPermohonan
from ui.widgets.form_fields import PickField

Key = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    kit.plan(*TARGETS)
    monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: kit.context)
    asked = SuratPermohonan(
        *("", "a1", Applicant.PEMERINTAH_DESA, "Pemerintah Desa", "470/1", ACTIVITY.on, ACTIVITY.on, "Perekaman"),
        *("", "Kademangan", "350512"),
        targets=3,
        contact="",
    )
    for village in ("Jimbe", "Plumpungrejo"):
        kit.context.office.requests.register(replace(asked, village=village), None)
    yield kit
    kit.store.close()


def text_of(window, name: str) -> str:
    return next(field.text for field in window.view.state.fields if field.name == name)


def field_of(window, name: str) -> PickField:
    found = window.view._fields._fields[name]
    assert isinstance(found, PickField)
    return found


def test_a_village_that_was_named_before_is_offered_and_another_may_be_typed(window, shoot) -> None:
    window.sign_in()
    window.go("request", activity_id="")
    field_of(window, "village").setFocus()
    window.type("rejo")
    shoot("request-village")
    window.press(Key.Key_Down, Key.Key_Return)
    assert text_of(window, "village") == "Plumpungrejo"
    window.press(Key.Key_A, to=Qt.KeyboardModifier.ControlModifier)
    window.type("Jim")
    window.press(Key.Key_Tab)
    assert text_of(window, "village") == "Jim", "what was typed stands as it is"


@pytest.mark.days
def test_an_sop_is_found_by_a_part_of_its_name_or_by_mouse(window, shoot) -> None:
    window.sign_in()
    window.go("request", activity_id="")
    before = text_of(window, "sop")
    field_of(window, "sop").setFocus()
    window.press(Key.Key_A, to=Qt.KeyboardModifier.ControlModifier)
    window.type("becak")
    shoot("request-sop")
    window.press(Key.Key_Return)
    assert text_of(window, "sop") == "grobogan_becak_pintar" != before
    field_of(window, "sop").show_all()
    shoot("request-sops")
    window.press(Key.Key_Escape)
    assert window.name == "Form", "Esc puts away the list and not the form"
