from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.parts import Lamp, Light, Strip
from ui.runtime.look import Look
from ui.widgets.top_strip import Pill, TopStrip

STRIP = Strip(
    (
        Lamp("Jari", Light.READY),
        Lamp("Iris", Light.READY),
        Lamp("Kamera", Light.READY),
        Lamp("Tanda tangan", Light.READY),
        Lamp("Kartu", Light.BAD, "SAM tidak ada"),
    ),
    Lamp("Luring", Light.CAUTION),
    "7 belum terkirim",
    64,
    "212 GB",
    "Petugas A",
)


def pills(strip: TopStrip) -> list[str]:
    return [pill.accessibleName() for pill in strip.findChildren(Pill) if pill.isVisible()]


@pytest.fixture
def strip(qtbot: QtBot, look: Look) -> Iterator[TopStrip]:
    window, strip = QWidget(), TopStrip(look)
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(strip)
    window.resize(1366, 56)
    window.show()
    strip.render_strip(STRIP, "Desa Jimbe · 12 sasaran")
    yield strip
    window.close()


def test_every_light_is_told_by_word_and_state(strip: TopStrip) -> None:
    assert set(pills(strip)) == {
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


def test_when_it_gets_narrow_the_ready_ones_become_one_and_trouble_stays(strip: TopStrip) -> None:
    strip.window().resize(1024, 56)
    QApplication.processEvents()
    narrow = pills(strip)
    assert "4 alat siap: siap" in narrow
    assert "Kartu: bermasalah" in narrow
    assert "Jari: siap" not in narrow
    assert all(pill.geometry().right() <= 1024 for pill in strip.findChildren(Pill) if pill.isVisible())
    strip.window().resize(1366, 56)
    QApplication.processEvents()
    assert "Jari: siap" in pills(strip)


def test_a_low_battery_is_a_caution(strip: TopStrip) -> None:
    strip.render_strip(Strip(battery_percent=12), "")
    assert pills(strip) == ["12%: perlu perhatian"]


def test_what_is_not_measured_is_not_shown(strip: TopStrip) -> None:
    strip.render_strip(Strip(), "")
    assert pills(strip) == []
