from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.manual import Passage
from ui.presenters.presenter import message
from ui.runtime.theme import ThemeContext
from ui.widgets import letter_pages
from ui.widgets.button import ActionButton
from ui.widgets.letter_pages import ManualOverlay


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1024, 600)
    host.show()
    host.activateWindow()
    qtbot.waitUntil(host.isActiveWindow)
    return host


@pytest.fixture
def overlay(host: QWidget, theming: ThemeContext) -> ManualOverlay:
    return ManualOverlay(theming, host)


def top_line(overlay: ManualOverlay) -> str:
    text = overlay.findChild(QTextBrowser)
    return text.cursorForPosition(text.viewport().rect().topLeft()).block().text()


def test_a_chapter_opens_at_its_heading_and_closes_by_key(qtbot: QtBot, overlay: ManualOverlay) -> None:
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_F1):
        overlay.open_at(Passage("kantor", "Surat"))
        assert overlay.isVisible()
        assert top_line(overlay) == "Surat"
        qtbot.keyClick(overlay.window().focusWidget(), key)
        assert not overlay.isVisible()


def test_links_lead_to_other_chapters_and_a_button_to_the_contents(
    qtbot: QtBot, overlay: ManualOverlay, theming: ThemeContext
) -> None:
    overlay.open_at(Passage("petugas", "Masuk"))
    text = overlay.findChild(QTextBrowser)
    contents = next(
        each for each in overlay.findChildren(ActionButton) if each.text() == theming.say(message("ui.manual.contents"))
    )
    qtbot.mouseClick(contents, Qt.MouseButton.LeftButton)
    assert "Satu bab untuk satu peran" in text.toPlainText()
    text.anchorClicked.emit(QUrl("pengirim.md"))
    assert text.toPlainText().startswith("Petugas pengirim")


def test_a_chapter_that_is_not_there_is_said(overlay: ManualOverlay, theming: ThemeContext) -> None:
    overlay.open_at(Passage("none"))
    assert overlay.findChild(QTextBrowser).toPlainText() == theming.say(message("ui.manual.missing"))


def test_pictures_are_as_wide_as_the_lines_and_headings_are_found_below_them(
    overlay: ManualOverlay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = QImage(3000, 1500, QImage.Format.Format_RGB32)
    wide.fill(Qt.GlobalColor.red)
    small = QImage(40, 20, QImage.Format.Format_RGB32)
    small.fill(Qt.GlobalColor.blue)
    for name, picture in {"masuk": wide, "tinjau": small}.items():
        assert picture.save(str(tmp_path / f"{name}.png"))
    monkeypatch.setattr(letter_pages, "_PICTURES", (tmp_path,))
    overlay.open_at(Passage("petugas", "Datang sendiri"))
    assert top_line(overlay) == "Datang sendiri"
    text = overlay.findChild(QTextBrowser)
    assert text.horizontalScrollBar().maximum() == 0
    shown = text.document().resource(QTextDocument.ResourceType.ImageResource, QUrl("masuk.png"))
    assert 0.9 * text.viewport().width() < shown.width() / shown.devicePixelRatio() <= text.viewport().width()
    assert text.document().resource(QTextDocument.ResourceType.ImageResource, QUrl("tinjau.png")).width() == 40
    assert text.document().toRawText().count("\N{OBJECT REPLACEMENT CHARACTER}") == 2
    assert text.verticalScrollBar().value() > shown.height() / shown.devicePixelRatio()
