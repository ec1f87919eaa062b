from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from ui.runtime.theme_context import ThemeContext
from ui.widgets.page_view import PageView


def png(colour: str, width: int, height: int) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, "PNG")
    return bytes(buffer.data().data())


def test_a_page_is_shown_whole_in_the_middle(theming: ThemeContext, qtbot: QtBot) -> None:
    view = PageView(theming)
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show_page(png("red", 210, 297), "Bukti")
    shown = view.grab().toImage()
    width = 400 * 210 / 297
    assert shown.pixelColor(300, 200) == QColor("red")
    assert shown.pixelColor(int(300 - width / 2) - 4, 200) != QColor("red")
    assert shown.pixelColor(int(300 - width / 2) + 4, 396) == QColor("red")
    assert view.accessibleName() == "Bukti"


def test_another_page_replaces_it_and_no_page_leaves_an_empty_place(
    theming: ThemeContext, qtbot: QtBot, picture: Callable[..., bytes]
) -> None:
    view = PageView(theming)
    qtbot.addWidget(view)
    view.resize(300, 400)
    empty = picture(view)
    view.show_page(png("red", 10, 10), "1")
    first = picture(view)
    view.show_page(png("blue", 10, 10), "2")
    assert len({empty, first, picture(view)}) == 3
    view.show_page(b"", "")
    assert (view.has_picture, picture(view)) == (False, empty)
    view.show_page(b"no picture", "")
    assert not view.has_picture
