from __future__ import annotations

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from support.drawn_text import drawn_by, faults_of

from ui.views.window.splash import Splash


@pytest.mark.parametrize("words", ["", "Sebentar.", "Peragaan sedang disiapkan. Pertama kali perlu beberapa detik."])
def test_name_and_words_stand_whole_below_each_other(qtbot: QtBot, words: str) -> None:
    splash = Splash("Fieldkit", words)
    qtbot.addWidget(splash)
    assert splash.isVisible()
    brand, *below = drawn_by(splash)
    assert " ".join(" ".join(each.text for each in below).split()) == words.strip()
    assert all(brand.place.bottom() <= each.place.top() for each in below)
    assert list(faults_of(splash)) == []


def test_the_desktop_is_asked_for_the_splash_before_anything_is_served(qtbot: QtBot, qapp: QApplication) -> None:
    """Qt's own splash serves events for a second before its window is shown."""
    are_shown: list[bool] = []

    def look() -> None:
        shown = [
            each.windowHandle() for each in qapp.topLevelWidgets() if isinstance(each, Splash) and each.isVisible()
        ]
        are_shown.extend(handle.isVisible() for handle in shown)

    QTimer.singleShot(0, look)
    splash = Splash("Fieldkit")
    qtbot.addWidget(splash)
    qtbot.waitUntil(lambda: are_shown != [])
    assert are_shown == [True]
