from __future__ import annotations

from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ui.presenters.actions import Action
from ui.presenters.commands import Command
from ui.presenters.sarpras.photo import PhotoState
from ui.runtime.theme_context import ThemeContext
from ui.views.sarpras.photo import PhotoTakingView

TAKE = Command("take", "", Action.CAPTURE)


def test_space_takes_the_photo_and_typing_names_a_file(qtbot: QtBot, theming: ThemeContext) -> None:
    view = PhotoTakingView(theming)
    qtbot.addWidget(view)
    view.render(PhotoState(path="/a.jpg", keyed=(TAKE,)))
    assert view.findChild(QLineEdit).text() == "/a.jpg"
    with qtbot.waitSignal(view.commanded) as taken:
        assert view.perform(Action.CAPTURE)
    assert (taken.args, view.keys) == ([TAKE], (Action.CAPTURE,))
    assert not view.perform(Action.PRINT)
    with qtbot.waitSignal(view.type) as typed:
        view.findChild(QLineEdit).textEdited.emit("/b.jpg")
    assert typed.args == ["/b.jpg"]
    view.frames.close()
