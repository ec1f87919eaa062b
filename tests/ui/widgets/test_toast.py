from __future__ import annotations

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.actions import Action
from ui.presenters.commands import Command
from ui.presenters.parts import Toast, Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.toast import UNDO_MS, WORD_MS, ToastBox

UNDO = Toast("Percobaan 2 dihapus.", Tone.CAUTION, Command("undo", "Urungkan", Action.UNDO))


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1366, 768)
    host.show()
    return host


def pass_time(box: ToastBox, ms: int) -> None:
    """Let the second hand tick without waiting for it."""
    timer = box.findChild(QTimer)
    for _ in range(ms // timer.interval()):
        timer.timeout.emit()


def test_a_word_goes_after_four_seconds_and_undo_after_ten(host: QWidget, theming: ThemeContext) -> None:
    box = ToastBox(theming, host)
    for toast, lives_ms in ((Toast("Tersimpan."), WORD_MS), (UNDO, UNDO_MS)):
        box.render_toast(toast)
        pass_time(box, lives_ms - 1000)
        assert box.isVisible()
        pass_time(box, 1000)
        assert not box.isVisible()
    assert (WORD_MS, UNDO_MS) == (4_000, 10_000)


def test_undo_is_offered_while_it_is_seen(qtbot: QtBot, host: QWidget, theming: ThemeContext) -> None:
    box = ToastBox(theming, host)
    box.render_toast(UNDO)
    assert box.undo == UNDO.undo
    with qtbot.waitSignal(box.commanded) as told:
        box.findChild(ActionButton).click()
    assert told.args[0].name == "undo"
    assert box.undo is None


def test_the_same_toast_is_not_shown_twice_a_new_one_is(host: QWidget, theming: ThemeContext) -> None:
    box = ToastBox(theming, host)
    box.render_toast(UNDO)
    box.dismiss()
    box.render_toast(UNDO)
    assert not box.isVisible()
    box.render_toast(Toast(UNDO.words, UNDO.tone, UNDO.undo))
    assert box.isVisible()


def test_it_stands_above_the_bottom_bar(host: QWidget, theming: ThemeContext) -> None:
    box = ToastBox(theming, host)
    box.render_toast(UNDO)
    assert box.geometry().bottom() < 768 - 76
    assert abs(box.geometry().center().x() - 683) <= 1


def test_it_lies_on_nothing_that_is_pressed_or_typed_into(host: QWidget, theming: ThemeContext) -> None:
    button, area, field = QPushButton("Ulangi", host), QScrollArea(host), QLineEdit()
    area.setWidget(field)
    area.setGeometry(0, 700, 1366, 30)  # what is rolled out of sight is covered by nobody
    field.setGeometry(500, -70, 300, 40)
    button.setGeometry(650, 100, 100, 52)
    for part in (button, area):
        part.show()
    box = ToastBox(theming, host)
    box.render_toast(UNDO)
    assert box.geometry().top() > 600
    button.move(650, 640)
    box.render_toast(Toast("Tersimpan."))
    assert box.geometry().bottom() < 150
    assert box.geometry().top() > 56


def test_a_word_keeps_its_ground_when_its_screen_forgets_it(host: QWidget, theming: ThemeContext) -> None:
    box = ToastBox(theming, host)
    box.render_toast(Toast("PIN tidak berlaku lagi.", Tone.BAD))
    before = box.grab().toImage()
    box.render_toast(None)
    assert box.isVisible()
    assert box.grab().toImage() == before
