from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.text import ElidedText, Role, Text, mark


def test_an_empty_text_takes_no_place_and_comes_back(qtbot: QtBot, theming: ThemeContext) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    text = Text(Role.TITLE, "Tinjau")
    text.setParent(host)
    text.show_text("")
    assert text.isHidden()
    text.show_text("Segel")
    assert (text.text(), text.isHidden()) == ("Segel", False)


def test_roles_and_tones_dress_the_text(qtbot: QtBot, theming: ThemeContext) -> None:
    text = Text(Role.NUMBER, "5")
    qtbot.addWidget(text)
    text.show()
    assert text.font().pixelSize() == 34
    text.set_tone(Tone.BAD)
    assert text.palette().windowText().color() == theming.theme.ink(Tone.BAD)
    mark(text, "tone", Tone.GOOD.value)
    assert text.palette().windowText().color() == theming.theme.ink(Tone.GOOD)


def test_what_is_elided_is_told_in_full(qtbot: QtBot, theming: ThemeContext) -> None:
    text = ElidedText()
    qtbot.addWidget(text)
    text.setText("Jemput bola Desa Jimbe, Kademangan")
    text.resize(80, 24)
    text.grab()
    assert text.toolTip() == text.text()
    text.resize(400, 24)
    text.grab()
    assert text.toolTip() == ""
    assert text.minimumSizeHint().width() == 24
