from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from fieldkit.domain.errors import Problem
from ui.presenters.actions import SHORTCUTS, Scope
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.widgets.overlays import BlankOverlay, BugOverlay, HelpOverlay, KeyCapLabel, LockOverlay
from ui.widgets.pin import PinBoxes
from ui.widgets.text import Text

Picture = Callable[..., bytes]


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1024, 700)
    host.show()
    host.activateWindow()
    qtbot.waitUntil(host.isActiveWindow)
    return host


def test_help_names_every_key_of_the_table_in_the_language_in_force(
    qtbot: QtBot, host: QWidget, theming: ThemeContext
) -> None:
    overlay = HelpOverlay(theming, host)
    for language, words in (("id", "Ambil rekaman"), ("en", "Capture")):
        theming.catalog.choose(language)
        overlay.open()
        qtbot.waitUntil(lambda w=words: w in {text.text() for text in overlay.findChildren(Text)})
        qtbot.keyClick(overlay, Qt.Key.Key_Escape)
        assert not overlay.isVisible()
    overlay.open()
    qtbot.wait(10)  # the list before it is deleted
    caps = overlay.findChildren(KeyCapLabel)
    assert len(caps) == 1 + sum(shortcut.scope is not Scope.NUMBERS for shortcut in SHORTCUTS)
    assert overlay.childrenRect().right() <= 1024


@pytest.mark.parametrize("key", [Qt.Key.Key_F12, Qt.Key.Key_Escape])
def test_blank_hides_everything_until_its_key(
    qtbot: QtBot, host: QWidget, theming: ThemeContext, key: Qt.Key, picture: Picture
) -> None:
    secret = Text(text="3505120000000001")
    secret.setParent(host)
    secret.show()
    overlay = BlankOverlay(theming, host)
    overlay.open()
    blank = picture(host)
    secret.setText("0000000000000000")
    assert picture(host) == blank
    qtbot.keyClick(overlay, Qt.Key.Key_Space)
    assert overlay.isVisible()
    with qtbot.waitSignal(overlay.closed):
        qtbot.keyClick(overlay, key)
    assert not overlay.isVisible()


def test_only_the_pin_opens_the_lock(qtbot: QtBot, host: QWidget, theming: ThemeContext) -> None:
    overlay = LockOverlay(theming, host)
    overlay.lock("Petugas A")
    pin = overlay.findChild(PinBoxes)
    qtbot.waitUntil(pin.hasFocus)
    qtbot.keyClick(pin, Qt.Key.Key_Escape)
    qtbot.keyClick(pin, Qt.Key.Key_F12)
    assert overlay.isVisible()
    with qtbot.waitSignal(overlay.pin_entered) as told:
        qtbot.keyClicks(pin, "123456")
    assert told.args == ["123456"]
    overlay.refuse(message("ui.lock.hint"))
    assert overlay.isVisible()
    overlay.close_overlay()
    assert not overlay.isVisible()


def test_a_bug_is_told_until_somebody_has_read_it(qtbot: QtBot, host: QWidget, theming: ThemeContext) -> None:
    overlay = BugOverlay(theming, host)
    overlay.open_problem(Problem("ui.bug"))
    assert theming.catalog.explain(Problem("ui.bug")).what in {text.text() for text in overlay.findChildren(Text)}
    qtbot.keyClick(overlay, Qt.Key.Key_Escape)
    assert not overlay.isVisible()


def test_the_keyboard_stays_inside_an_overlay(qtbot: QtBot, host: QWidget, theming: ThemeContext) -> None:
    outside = QWidget(host)
    outside.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    outside.show()
    overlay = LockOverlay(theming, host)
    overlay.lock("Petugas A")
    for _ in range(4):
        qtbot.keyClick(host.focusWidget(), Qt.Key.Key_Tab)
    assert not outside.hasFocus()
