from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.actions import Action
from ui.presenters.parts import Indicator, Light, StatusBar
from ui.runtime.theme_context import ThemeContext
from ui.widgets.status_bar import Pill, StatusBarWidget

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


def test_the_same_words_follow_the_language(status_bar: StatusBarWidget, theming: ThemeContext) -> None:
    theming.catalog.choose("en")
    status_bar.render_status_bar(STATUS_BAR, "Desa Jimbe · 12 sasaran")
    assert "Jari: ready" in pills(status_bar)
