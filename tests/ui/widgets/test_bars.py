from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.parts import Bar, Indicator, Light, StatusBar, Toast, Tone, UnderWork
from ui.presenters.presenter import Action, Command, Weight, message
from ui.runtime.theme import ThemeContext
from ui.widgets.bars import UNDO_MS, WORD_MS, ActivitySquare, BottomBar, Pill, StatusBarWidget, ToastBox
from ui.widgets.button import ActionButton
from ui.widgets.hands import HandsPicture
from ui.widgets.layout import Role, Text

BACK = Command("back", message("act.back"), Action.BACK, Weight.PLAIN)
REPEAT = Command("repeat", message("common.repeat"), Action.REPEAT)
ACCEPT = Command("accept", message("act.accept"), Action.ACCEPT, Weight.PRIMARY)


def seen(bar: BottomBar) -> list[str]:
    buttons = [button for button in bar.findChildren(QPushButton) if button.isVisible()]
    return [button.text() for button in sorted(buttons, key=lambda button: button.x())]


def shown(qtbot: QtBot, theming: ThemeContext, state: Bar, width: int = 1366) -> BottomBar:
    bar = BottomBar(theming)
    qtbot.addWidget(bar)
    bar.resize(width, 76)
    bar.render_bar(state)
    bar.show()
    return bar


def test_what_has_no_room_folds_the_weakest_first_and_its_key_holds(qtbot: QtBot, theming: ThemeContext) -> None:
    quiet = [
        Command(f"q{at}", f"Perintah nomor {at}", act, Weight.PLAIN) for at, act in enumerate((Action.NEW, Action.ADD))
    ]
    bar = shown(qtbot, theming, Bar(BACK, (*quiet, REPEAT, ACCEPT)))
    assert len(seen(bar)) == 5
    bar.resize(1150, 76)
    assert seen(bar) == ["Kembali", "Lain (1)", "Perintah nomor 1", "Ulangi", "Terima dan lanjut"]
    bar.resize(500, 76)
    assert seen(bar) == ["Kembali", "Lain (3)", "Terima dan lanjut"]
    with qtbot.waitSignal(bar.commanded) as told:
        assert bar.perform(Action.NEW)
    assert told.args[0].name == "q0"
    more = next(button for button in bar.findChildren(QPushButton) if button.text() == "Lain (3)")
    more.click()
    menu = bar.findChild(QMenu)
    words = [entry.text().split("\t")[0] for entry in menu.actions()]
    assert words == ["Perintah nomor 0", "Perintah nomor 1", "Ulangi"]
    with qtbot.waitSignal(bar.commanded) as told:
        menu.actions()[2].trigger()
    assert told.args[0].name == "repeat"
    menu.close()
    bar.resize(1366, 76)
    assert len(seen(bar)) == 5


def test_what_is_shown_has_room_at_its_first_sight_too(qtbot: QtBot, theming: ThemeContext) -> None:
    """The button of the rest counts with the number that it will show, not with that of the time before."""
    quiet = [
        Command(f"q{at}", f"Perintah nomor {at}", act, Weight.PLAIN) for at, act in enumerate((Action.NEW, Action.ADD))
    ]
    for width in range(900, 1366, 9):
        bar = shown(qtbot, theming, Bar(BACK, (*quiet, REPEAT, ACCEPT)), width)
        buttons = sorted((b for b in bar.findChildren(QPushButton) if b.isVisible()), key=lambda b: b.x())
        assert all(a.geometry().right() < b.x() for a, b in pairwise(buttons)), width
        assert buttons[-1].geometry().right() < width


def test_back_stands_left_and_the_primary_right(qtbot: QtBot, theming: ThemeContext) -> None:
    bar = shown(qtbot, theming, Bar(BACK, (REPEAT, ACCEPT), "Terakhir terhubung kemarin"))
    assert seen(bar) == ["Kembali", "Ulangi", "Terima dan lanjut"]
    primary = max((b for b in bar.findChildren(QPushButton) if b.isVisible()), key=lambda button: button.x())
    assert primary.geometry().right() == 1366 - 24 - 1
    bar.render_bar(Bar(None, (ACCEPT,)))
    assert seen(bar) == ["Terima dan lanjut"]


def test_a_key_does_what_its_button_does(qtbot: QtBot, theming: ThemeContext) -> None:
    bar = shown(qtbot, theming, Bar(BACK, (REPEAT,)))
    with qtbot.waitSignal(bar.commanded) as told:
        assert bar.perform(Action.REPEAT)
    assert told.args[0].name == "repeat"
    assert not bar.perform(Action.ACCEPT)


def test_a_key_of_a_refused_action_says_why(qtbot: QtBot, theming: ThemeContext) -> None:
    refused = Command("accept", "Segel", Action.ACCEPT, refused="Foto belum ada.")
    bar = shown(qtbot, theming, Bar(BACK, (refused,)))
    with qtbot.waitSignal(bar.refused) as told, qtbot.assertNotEmitted(bar.commanded):
        assert bar.perform(Action.ACCEPT)
    assert told.args == ["Foto belum ada."]


def test_buttons_live_on_between_states(qtbot: QtBot, theming: ThemeContext) -> None:
    bar = shown(qtbot, theming, Bar(BACK, (REPEAT, ACCEPT)))
    before = bar.findChildren(QPushButton)
    bar.render_bar(Bar(BACK, (ACCEPT, REPEAT)))
    assert bar.findChildren(QPushButton) == before


def test_what_looks_the_same_and_runs_something_else_runs_the_new_one(qtbot: QtBot, theming: ThemeContext) -> None:
    first, second = (replace(REPEAT, runs=lambda: None) for _ in range(2))
    bar = shown(qtbot, theming, Bar(BACK, (first, ACCEPT)))
    bar.render_bar(Bar(BACK, (second, ACCEPT)))
    with qtbot.waitSignal(bar.commanded) as told:
        next(button for button in bar.findChildren(QPushButton) if button.text() == "Ulangi").click()
    assert told.args[0].runs is second.runs
    bar.resize(330, 76)
    bar.render_bar(Bar(BACK, (first, ACCEPT)))
    next(button for button in bar.findChildren(QPushButton) if button.text() == "Lain (1)").click()
    menu = bar.findChild(QMenu)
    with qtbot.waitSignal(bar.commanded) as told:
        menu.actions()[0].trigger()
    menu.close()
    assert told.args[0].runs is first.runs


STATUS_BAR = StatusBar(
    (
        Indicator("Jari", Light.READY),
        Indicator("Iris", Light.READY),
        Indicator("Kamera", Light.READY),
        Indicator("Tanda tangan", Light.READY),
        Indicator("Kartu", Light.BAD, "SAM tidak ada"),
    ),
    Indicator("Luring", Light.CAUTION),
    "7 belum terkirim",
    64,
    "212 GB",
    "Petugas A",
)


def pills(status_bar: StatusBarWidget) -> list[str]:
    return [pill.accessibleName() for pill in status_bar.findChildren(Pill) if pill.isVisible()]


@pytest.fixture
def status_bar(qtbot: QtBot, theming: ThemeContext) -> Iterator[StatusBarWidget]:
    window, status_bar = QWidget(), StatusBarWidget(theming)
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(status_bar)
    window.resize(1366, 56)
    window.show()
    status_bar.render_status_bar(STATUS_BAR, "Desa Jimbe · 12 sasaran")
    yield status_bar
    window.close()


def test_the_place_that_is_shown_is_not_drawn_anew(
    status_bar: StatusBarWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []
    monkeypatch.setattr(Pill, "render_pill", lambda *words, **_: drawn.append(words))
    status_bar.show_where("Desa Jimbe · 12 sasaran")
    assert drawn == []
    status_bar.show_where("Beranda")
    assert drawn


def test_every_light_is_told_by_word_and_state(status_bar: StatusBarWidget) -> None:
    assert set(pills(status_bar)) == {
        "Jari: siap",
        "Iris: siap",
        "Kamera: siap",
        "Tanda tangan: siap",
        "Kartu: bermasalah",
        "Luring: perlu perhatian",
        "7 belum terkirim",
        "212 GB",
        "64%",
    }


def test_when_it_gets_narrow_the_ready_ones_become_one_and_trouble_stays(status_bar: StatusBarWidget) -> None:
    status_bar.window().resize(1024, 56)
    QApplication.processEvents()
    narrow = pills(status_bar)
    assert "4 alat siap: siap" in narrow
    assert "Kartu: bermasalah" in narrow
    assert "Jari: siap" not in narrow
    assert all(pill.geometry().right() <= 1024 for pill in status_bar.findChildren(Pill) if pill.isVisible())
    status_bar.window().resize(1366, 56)
    QApplication.processEvents()
    assert "Jari: siap" in pills(status_bar)


def test_a_low_battery_is_a_caution(status_bar: StatusBarWidget) -> None:
    status_bar.render_status_bar(StatusBar(battery_percent=12), "")
    assert pills(status_bar) == ["12%: perlu perhatian"]


def test_what_is_not_measured_is_not_shown(status_bar: StatusBarWidget) -> None:
    status_bar.render_status_bar(StatusBar(), "")
    assert pills(status_bar) == []


def test_a_click_opens_what_holds_on_every_screen(qtbot: QtBot, status_bar: StatusBarWidget) -> None:
    menu = status_bar.findChild(QMenu)
    qtbot.mouseClick(status_bar, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(menu.isVisible)
    entries = {entry.text().partition("\t")[0]: entry for entry in menu.actions()}
    assert {"Kunci layar", "Ganti pengguna", "Sembunyikan layar", "Ukuran tampilan"} <= set(entries)
    with qtbot.waitSignal(status_bar.chosen) as told:
        entries["Kunci layar"].trigger()
    assert told.args == [Action.LOCK]
    menu.close()
    status_bar.render_status_bar(StatusBar(), "")
    qtbot.mouseClick(status_bar, Qt.MouseButton.LeftButton)
    assert len(menu.actions()) == 4  # nobody is signed in
    menu.close()


def test_what_gave_way_comes_back_with_the_room(status_bar: StatusBarWidget) -> None:
    whole = set(pills(status_bar))
    status_bar.window().resize(640, 56)
    QApplication.processEvents()
    assert "212 GB" not in pills(status_bar)
    status_bar.render_status_bar(STATUS_BAR, "Desa Jimbe · 12 sasaran")
    status_bar.window().resize(1366, 56)
    QApplication.processEvents()
    assert set(pills(status_bar)) == whole


def test_the_activity_under_work_stands_with_its_mark_and_its_line(status_bar: StatusBarWidget) -> None:
    jimbe = UnderWork("JM", 2, "Jemput bola Desa Jimbe", "23-11-2026")

    def shown(state: StatusBar) -> tuple[str, list[str], bool, int]:
        status_bar.render_status_bar(state, "Kabupaten Blitar")
        (square,) = status_bar.findChildren(ActivitySquare)
        words = [text.text() for text in (status_bar._where, status_bar._detail) if not text.isHidden()]
        line = status_bar.grab().toImage().pixelColor(700, status_bar.height() - 1).rgb()
        return square.accessibleName(), words, square.isHidden(), line

    name, words, is_hidden, line = shown(StatusBar(is_office=True, activity=jimbe))
    assert (name, words, is_hidden) == (jimbe.name, [jimbe.name, "23-11-2026"], False)
    assert line == status_bar._theming.theme.hue(2).rgb()
    _, words, is_hidden, bare = shown(StatusBar(is_office=True))
    assert (words, is_hidden, bare == line) == (["Kabupaten Blitar"], True, False)
    _, words, is_hidden, line = shown(StatusBar(activity=jimbe))
    assert (words, is_hidden, line) == (["Kabupaten Blitar"], False, status_bar._theming.theme.hue(2).rgb())


def test_the_same_words_follow_the_language(status_bar: StatusBarWidget, theming: ThemeContext) -> None:
    theming.catalog.choose("en")
    status_bar.render_status_bar(STATUS_BAR, "Desa Jimbe · 12 sasaran")
    assert "Jari: ready" in pills(status_bar)


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
    assert not box.geometry().intersects(button.geometry())
    assert box.geometry().top() > 600, "beside it there is room"


def test_it_lies_on_no_title_and_no_hands_and_rather_on_a_title_than_on_a_button(
    host: QWidget, theming: ThemeContext
) -> None:
    title, hands, wall = Text(Role.TITLE, "Jari kiri"), HandsPicture(theming), QPushButton("Terima", host)
    for part in (title, hands):
        part.setParent(host)
        part.show()
    title.setGeometry(0, 60, 1366, 60)
    hands.setGeometry(0, 330, 1366, 360)
    box = ToastBox(theming, host)
    box.render_toast(UNDO)
    place = box.geometry()
    assert not place.intersects(title.geometry())
    assert not place.intersects(hands.geometry())
    wall.setGeometry(0, 120, 1366, 300)
    wall.show()
    box.render_toast(Toast("Tersimpan."))
    assert title.geometry().intersects(box.geometry())
    assert not box.geometry().intersects(wall.geometry())


def test_a_word_keeps_its_ground_when_its_screen_forgets_it(host: QWidget, theming: ThemeContext) -> None:
    box = ToastBox(theming, host)
    box.render_toast(Toast("PIN tidak berlaku lagi.", Tone.BAD))
    before = box.grab().toImage()
    box.render_toast(None)
    assert box.isVisible()
    assert box.grab().toImage() == before
