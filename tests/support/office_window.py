"""The whole window at the context of somebody of the office, and hands that walk by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from support.app_context import Kit, OpenDoor
from support.letters import office

from fieldkit.domain.people import User
from ui.presenters.figures import Row
from ui.presenters.lists import Panel
from ui.presenters.presenter import message

CTRL = Qt.KeyboardModifier.ControlModifier


def office_kit(folder: Path, monkeypatch: pytest.MonkeyPatch, user: User) -> Iterator[Kit]:
    """Give an office at whose door everybody is this user."""
    kit = office(folder, user)
    monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: kit.context)
    yield kit
    kit.store.close()


def type_over(window: Any, key: str, text: str) -> None:
    """Walk by Tab to the field with this name, and type in place of what stands there."""
    name = window.theming.say(message(key))
    for _ in range(30):
        if window.shell.focusWidget().accessibleName() == name:
            break
        window.press(Qt.Key.Key_Tab)
    assert window.shell.focusWidget().accessibleName() == name
    window.press(Qt.Key.Key_A, to=CTRL)
    window.type(text)


def rows(window: Any) -> list[Row]:
    """Return the rows of the list in front."""
    found = window.view.state.rows
    return [found.row(at) for at in range(found.count)]


def panels(window: Any, kind: type[Panel]) -> list[Any]:
    """Return the panels of a kind beside the list in front."""
    return [panel for panel in window.view.state.panels if isinstance(panel, kind)]


def open_statuses(window: Any) -> None:
    """Sign in and go from Beranda to the central statuses."""
    window.sign_in()
    window.press(Qt.Key.Key_9)
    window.reach("Statuses")
