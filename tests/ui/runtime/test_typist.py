from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from ui.runtime.typist import Typist, grab, look


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


def test_the_picture_is_what_the_window_shows(qtbot: QtBot, tmp_path: Path) -> None:
    label = QLabel("KTP-el")
    label.resize(320, 200)
    qtbot.addWidget(label)
    grab(label, tmp_path / "a.png")
    assert QImage(str(tmp_path / "a.png")).width() == 320


@pytest.mark.parametrize("is_shown", [True, False])
def test_what_still_moves_is_waited_for(qtbot: QtBot, tmp_path: Path, is_shown: bool) -> None:
    label, steps = QLabel(), iter("abc")
    label.resize(320, 200)
    qtbot.addWidget(label)
    label.setVisible(is_shown)

    def step() -> None:
        if (text := next(steps, None)) is not None:
            label.setText(text)
            QTimer.singleShot(0, step)

    step()
    grab(label, tmp_path / "moved.png")
    label.setText("c")
    grab(label, tmp_path / "still.png")
    assert QImage(str(tmp_path / "moved.png")) == QImage(str(tmp_path / "still.png"))


def test_what_stands_still_is_painted_once(qtbot: QtBot) -> None:
    painted = list[int]()

    class Still(QLabel):
        def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 – Qt's name
            painted.append(1)
            super().paintEvent(event)

    label = Still("KTP-el")
    qtbot.addWidget(label)
    label.show()
    qtbot.waitExposed(label)
    QApplication.processEvents()
    painted.clear()
    look(label)
    assert len(painted) == 1


def test_a_folder_that_is_not_there_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    label = QLabel("KTP-el")
    qtbot.addWidget(label)
    with pytest.raises(OSError, match="cannot write"):
        grab(label, tmp_path / "missing" / "a.png")
