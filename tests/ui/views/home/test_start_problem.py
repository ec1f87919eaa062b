from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from support.ways import ListedWays

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.errors import Problem
from ui.runtime.typist import grab
from ui.views.home.start_problem import StartProblemWindow

MESSAGES = {language: strict_catalogue(language) for language in LANGUAGES}


@pytest.mark.parametrize(("key", "wants_again"), [(Qt.Key.Key_Return, True), (Qt.Key.Key_Escape, False)])
@pytest.mark.usefixtures("alone")
def test_enter_tries_once_more_and_esc_closes(qtbot: QtBot, key: Qt.Key, wants_again: bool) -> None:
    window = StartProblemWindow(Problem("store.in_use"), MESSAGES, "id", ListedWays())
    qtbot.addWidget(window.shell)
    QTimer.singleShot(200, lambda: QTest.keyClick(window.shell.focusWidget() or window.shell, key))
    assert window.exec() is wants_again
    assert not window.shell.isVisible()


def test_it_speaks_both_languages(qtbot: QtBot, tmp_path: Path) -> None:
    folder = Path(os.environ.get("FIELDKIT_SHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    window = StartProblemWindow(Problem("store.in_use"), MESSAGES, "id", ListedWays())
    qtbot.addWidget(window.shell)
    window.shell.show()
    for width, height in ((1366, 768), (1024, 560)):
        window.shell.resize(width, height)
        for language in ("id", "en"):
            grab(window.shell, folder / f"start-problem-{width}-{language}.png")
            QTest.keyClick(window.shell.focusWidget() or window.shell, Qt.Key.Key_F2)
    window.shell.close()
