from __future__ import annotations

from PySide6.QtWidgets import QApplication

from ui.runtime.qt_application import qt_application


def test_the_application_that_is_there_is_taken(qapp: QApplication) -> None:
    assert qt_application() is qapp
