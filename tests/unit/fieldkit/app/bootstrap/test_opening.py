from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from support.drawn_text import drawn_by

from fieldkit.app.bootstrap.catalogue import field_catalogue
from fieldkit.app.bootstrap.opening import show_splash


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("key", ["", "mulai.demo_comes"])
def test_the_splash_stands_until_it_is_taken_away(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, language: str, key: str
) -> None:
    before = set(qapp.topLevelWidgets())
    take_away = show_splash(tmp_path, language, key)
    (splash,) = set(qapp.topLevelWidgets()) - before
    assert splash.isVisible()
    told = field_catalogue(language).text(key) if key else ""
    assert " ".join(each.text for each in drawn_by(splash)) == f"Fieldkit {told}".rstrip()
    take_away()
    take_away()
    assert not splash.isVisible()
