from __future__ import annotations

from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ui.presenters.acts import Act
from ui.presenters.sarpras.photo import PhotoState
from ui.runtime.look import Look
from ui.views.sarpras.photo import PhotoTakingView


def test_space_takes_the_photo_and_typing_names_a_file(qtbot: QtBot, look: Look) -> None:
    view = PhotoTakingView(look)
    qtbot.addWidget(view)
    view.render(PhotoState(path="/a.jpg"))
    assert view.findChild(QLineEdit).text() == "/a.jpg"
    with qtbot.waitSignal(view.accept):
        assert view.perform(Act.CAPTURE)
    assert not view.perform(Act.PRINT)
    with qtbot.waitSignal(view.type) as typed:
        view.findChild(QLineEdit).textEdited.emit("/b.jpg")
    assert typed.args == ["/b.jpg"]
    view.frames.close()
