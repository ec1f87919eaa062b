from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.actions import Action
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.letter_pages import LetterPages
from ui.widgets.overlays import LockOverlay
from ui.widgets.page_reader import PageReader
from ui.widgets.page_view import PageView

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
