from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot


@pytest.fixture
def alone(qtbot: QtBot) -> None:
    """Hide windows that other tests left: the loop of a start ends with the last one, and a wait inside Qt hears no
    time-out of a test.
    """
    for window in QApplication.topLevelWidgets():
        window.hide()
