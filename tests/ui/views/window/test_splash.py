from __future__ import annotations

import pytest
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
