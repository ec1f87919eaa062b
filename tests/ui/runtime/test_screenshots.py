from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ui.runtime.screenshots import grab


def test_the_picture_is_what_the_window_shows(qtbot: QtBot, tmp_path: Path) -> None:
    label = QLabel("KTP-el")
    label.resize(320, 200)
    qtbot.addWidget(label)
    grab(label, tmp_path / "a.png")
    assert QImage(str(tmp_path / "a.png")).width() == 320


def test_what_still_moves_is_waited_for(qtbot: QtBot, tmp_path: Path) -> None:
    label, steps = QLabel(), iter("abc")
    label.resize(320, 200)
    qtbot.addWidget(label)

    def step() -> None:
        if (text := next(steps, None)) is not None:
            label.setText(text)
            QTimer.singleShot(0, step)

    step()
    grab(label, tmp_path / "moved.png")
    label.setText("c")
    grab(label, tmp_path / "still.png")
    assert QImage(str(tmp_path / "moved.png")) == QImage(str(tmp_path / "still.png"))


def test_a_folder_that_is_not_there_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    label = QLabel("KTP-el")
    qtbot.addWidget(label)
    with pytest.raises(OSError, match="cannot write"):
        grab(label, tmp_path / "missing" / "a.png")
