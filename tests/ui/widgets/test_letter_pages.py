from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.presenter import Action
from ui.runtime.theme import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.letter_pages import LetterPages, PageReader, PageView
from ui.widgets.overlays import LockOverlay

PNG = b"\x89PNG"


def test_it_turns_within_its_pages_and_begins_anew_with_others(theming: ThemeContext, qtbot: QtBot) -> None:
    pages = LetterPages(theming)
    qtbot.addWidget(pages)
    pages.render_pages((PNG + b"1", PNG + b"2"), "Surat")
    for step, at in ((-1, 0), (1, 1), (1, 1)):
        pages.turn(step)
        assert pages.at == at
    pages.render_pages((PNG + b"1", PNG + b"3"), "Surat")
    assert pages.at == 1  # drawn anew while somebody types
    pages.render_pages((PNG + b"1", PNG + b"3"), "Nota")
    assert pages.at == 0
    assert pages.perform(Action.NEXT_STEP)
    assert not pages.perform(Action.REFRESH)
    assert pages.at == 1
    pages.render_pages((PNG + b"3",), "Nota")
    assert pages.at == 0
    pages.render_pages((), "")
    pages.turn(1)
    assert pages.at == 0


CTRL = Qt.KeyboardModifier.ControlModifier


def page(shade: int) -> bytes:
    out = BytesIO()
    Image.new("L", (210, 297), shade).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1024, 560)
    return host


@pytest.fixture
def pages(host: QWidget, theming: ThemeContext, qtbot: QtBot) -> LetterPages:
    pages, field = LetterPages(theming), QLineEdit()
    column = QVBoxLayout(host)
    column.addWidget(field)
    column.addWidget(pages, 1)
    pages.render_pages((page(255), page(200)), "Surat")
    host.show()
    host.activateWindow()
    qtbot.waitUntil(host.isActiveWindow)
    field.setFocus()
    return pages


def size_of(reader: PageReader) -> QSize:
    return reader.findChildren(PageView)[0].size()


def reader_of(host: QWidget) -> PageReader:
    (reader,) = host.findChildren(PageReader)
    return reader


def test_a_letter_is_read_as_large_as_the_window_and_larger(host: QWidget, pages: LetterPages, qtbot: QtBot) -> None:
    assert pages.perform(Action.READ)
    reader = reader_of(host)
    assert reader.isVisible()
    assert reader.geometry() == host.rect()
    first = size_of(reader)
    assert first.width() > 0.8 * host.width()
    assert first.height() == pytest.approx(first.width() * 297 / 210, abs=2)
    qtbot.keyClick(reader, Qt.Key.Key_Plus)
    assert size_of(reader).width() > first.width()
    for _ in range(5):
        qtbot.keyClick(reader, Qt.Key.Key_Minus)
    assert size_of(reader) == first


def test_keys_turn_and_move_the_page_and_esc_gives_the_keyboard_back(
    host: QWidget, pages: LetterPages, qtbot: QtBot
) -> None:
    before = host.focusWidget()
    pages.perform(Action.READ)
    reader = reader_of(host)
    down = reader.findChildren(type(reader._area))[0].verticalScrollBar()
    qtbot.keyClick(reader, Qt.Key.Key_Down)
    assert down.value() > 0
    qtbot.keyClick(reader, Qt.Key.Key_PageDown)
    assert (pages.at, down.value()) == (1, 0)
    qtbot.keyClick(reader, Qt.Key.Key_Escape)
    assert not reader.isVisible()
    assert host.focusWidget() is before


def test_a_click_opens_and_its_buttons_close(host: QWidget, pages: LetterPages, qtbot: QtBot) -> None:
    qtbot.mouseClick(pages._page, Qt.MouseButton.LeftButton)
    reader = reader_of(host)
    buttons = reader.findChildren(ActionButton)
    wide = size_of(reader).width()
    qtbot.mouseClick(buttons[2], Qt.MouseButton.LeftButton)
    assert size_of(reader).width() > wide
    qtbot.mouseClick(buttons[4], Qt.MouseButton.LeftButton)
    assert pages.at == 1
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert not reader.isVisible()


def test_it_follows_the_window_and_without_a_page_there_is_nothing_to_read(
    host: QWidget, pages: LetterPages, qtbot: QtBot
) -> None:
    pages.perform(Action.READ)
    host.resize(700, 500)
    reader = reader_of(host)
    qtbot.waitUntil(lambda: reader.geometry() == host.rect())
    assert size_of(reader).width() < 700
    qtbot.keyClick(reader, Qt.Key.Key_Space, CTRL)
    assert not reader.isVisible()
    pages.render_pages((), "")
    pages.perform(Action.READ)
    assert not any(each.isVisible() for each in host.findChildren(PageReader))


def test_it_goes_when_something_else_covers_the_window_or_the_letter_goes(
    host: QWidget, pages: LetterPages, theming: ThemeContext, qtbot: QtBot
) -> None:
    lock = LockOverlay(theming, host)
    pages.perform(Action.READ)
    reader = reader_of(host)
    lock.lock("Rina")
    assert not reader.isVisible()
    assert lock.isAncestorOf(host.focusWidget())
    lock.close_overlay()
    qtbot.waitUntil(lambda: host.findChildren(PageReader) == [])
    pages.perform(Action.READ)
    pages.hide()
    assert not reader_of(host).isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_F10, Qt.Key.Key_F11, Qt.Key.Key_F12])
def test_keys_that_hide_the_window_are_left_to_it(
    host: QWidget, pages: LetterPages, qtbot: QtBot, key: Qt.Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = list[int]()
    monkeypatch.setattr(host, "keyPressEvent", lambda event: heard.append(event.key()))
    pages.perform(Action.READ)
    qtbot.keyClick(reader_of(host), key)
    assert not reader_of(host).isVisible()
    assert heard == [key]


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
