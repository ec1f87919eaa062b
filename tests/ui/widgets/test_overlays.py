from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from fieldkit.domain.errors import Problem
from ui.presenters.presenter import ANYWHERE, Action, message
from ui.runtime.theme import ThemeContext
from ui.widgets.file_field import FileField
from ui.widgets.layout import Text
from ui.widgets.overlays import BlankOverlay, BugOverlay, HelpOverlay, KeyCapLabel, LockOverlay
from ui.widgets.preview import PinBoxes

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


HERE = ((Action.CAPTURE, "Rekam jari"), (Action.CHOICE_1, message("act.choice")), (Action.BACK, message("act.back")))


def test_help_tells_the_keys_of_this_screen_and_those_of_every_screen(
    qtbot: QtBot, host: QWidget, theming: ThemeContext
) -> None:
    overlay = HelpOverlay(theming, host)
    for language, words in (("id", "Ganti bahasa"), ("en", "Change language")):
        theming.catalog.choose(language)
        overlay.open_for(HERE)
        qtbot.waitUntil(lambda w=words: {w, "Rekam jari"} <= {text.text() for text in overlay.findChildren(Text)})
        qtbot.keyClick(overlay, Qt.Key.Key_Escape)
        assert not overlay.isVisible()
    overlay.open_for(HERE)
    qtbot.waitUntil(lambda: len(overlay.findChildren(KeyCapLabel)) == len(HERE) + len(ANYWHERE) - 1)  # Esc once
    assert overlay.childrenRect().right() <= 1024


def test_help_closes_by_mouse(qtbot: QtBot, host: QWidget, theming: ThemeContext) -> None:
    overlay = HelpOverlay(theming, host)
    overlay.open_for(())
    with qtbot.waitSignal(overlay.closed):
        qtbot.mouseClick(overlay, Qt.MouseButton.LeftButton)
    assert not overlay.isVisible()


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


def test_a_file_chooser_does_not_stay_before_a_locked_window(
    qtbot: QtBot, host: QWidget, theming: ThemeContext
) -> None:
    field = FileField(theming)
    field.setParent(host)
    field.show()
    field.choose()
    chooser = host.findChild(QFileDialog)
    assert chooser.isVisible()
    overlay = LockOverlay(theming, host)
    overlay.lock("Sri")
    assert not chooser.isVisible()
    assert overlay.isVisible()
