from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot
from support.drawn_text import drawn_by

from fieldkit.app.bootstrap.catalogue import FieldCatalogues
from ui.presenters.messages import message
from ui.views.window.splash import Splash


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_is_prepared_is_said_whole_until_it_is_taken_away(qtbot: QtBot, language: str) -> None:
    splash = Splash(catalogues := FieldCatalogues(), language, message("mulai.demo_comes"))
    window = splash.window
    assert window.isVisible()
    words = " ".join(each.text for each in drawn_by(window))
    assert words == f"Fieldkit {catalogues[language].text('mulai.demo_comes')}"
    splash.close()
    assert not window.isVisible()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
