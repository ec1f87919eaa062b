"""The look of the real program for tests of widgets and views."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest
import shiboken6
from PySide6.QtCore import QBuffer, QIODevice, QRect
from PySide6.QtGui import QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from support.left_screens import delete_left

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from ui.runtime.process import collect_due
from ui.runtime.theme import Catalog, Theme, ThemeContext
from ui.widgets.touch import has_touch_screen


@pytest.fixture(scope="package", autouse=True)
def _garbage_of_the_window() -> Iterator[None]:
    """Never let an executor collect what a test left of its window; the program does the same."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def _swept(_garbage_of_the_window: None) -> Iterator[None]:
    yield
    delete_left()
    collect_due()
    assert not has_touch_screen(), "left to the tests after this one, whose screens show keys for a PIN"


@pytest.fixture
def touch_screen(qapp: QApplication) -> Iterator[QPointingDevice]:
    """A touch screen for one test: Qt itself keeps it for the rest of the process."""
    device = QTest.createTouchDevice()
    yield device
    shiboken6.delete(device)


@pytest.fixture(scope="session")
def _theme(qapp: QApplication) -> Theme:
    return Theme(qapp)


@pytest.fixture
def theming(_theme: Theme) -> ThemeContext:
    return ThemeContext(_theme, Catalog({language: strict_catalogue(language) for language in LANGUAGES}))


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """What a widget shows, or a part of it, as bytes to compare."""

    def take(widget: QWidget, part: QRect | None = None) -> bytes:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        assert widget.grab(part or widget.rect()).save(buffer, "BMP")
        return bytes(buffer.data().data())

    return take
