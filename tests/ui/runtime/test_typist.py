from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ui.runtime.typist import Typist


def shown(qtbot: QtBot) -> QLineEdit:
    line = QLineEdit()
    qtbot.addWidget(line)
    line.show()
    line.setFocus()
    return line


def test_letters_and_keys_arrive_and_are_counted(qtbot: QtBot) -> None:
    line = shown(qtbot)
    entered: list[str] = []
    line.returnPressed.connect(lambda: entered.append(line.text()))
    typist = Typist(line)
    typist.type("Pak RT 3")
    typist.press("Backspace")
    typist.press("Return")
    assert entered == ["Pak RT "]
    assert typist.keystrokes == len("Pak RT 3") + 2


def test_waiting_serves_the_window_and_gives_up(qtbot: QtBot) -> None:
    line = shown(qtbot)
    typist = Typist(line)
    QTimer.singleShot(30, lambda: line.setText("there"))
    assert typist.wait_until(lambda: line.text() == "there", 5.0)
    assert not typist.wait_until(lambda: line.text() == "never", 0.05)


def test_what_no_event_tells_is_seen_soon(qtbot: QtBot) -> None:
    typist = Typist(shown(qtbot))
    looks = iter((False, False, False, True))
    assert typist.wait_until(lambda: next(looks), 5.0)
