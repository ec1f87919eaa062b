from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.parts import Tone
from ui.presenters.recording.card_check import CardShown
from ui.runtime.theme_context import ThemeContext
from ui.widgets.photo import CardSeenPanel, PhotoView


def png(colour: str) -> bytes:
    image = QImage(30, 40, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    memory = QByteArray()
    buffer = QBuffer(memory)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, "PNG")
    return bytes(memory.data())


def test_a_photo_fills_its_place_and_a_broken_one_shows_none(qtbot: QtBot, theming: ThemeContext) -> None:
    view = PhotoView(theming)
    qtbot.addWidget(view)
    view.resize(200, 200)
    view.show_photo(png("#DB1514"), "Foto")
    assert view.has_picture
    assert view.grab().toImage().pixelColor(20, 190) == QColor("#DB1514")
    view.show_photo(b"no picture", "Foto")
    assert not view.has_picture
    assert view.grab().toImage().pixelColor(20, 190) == theming.theme.colour("neutral_soft")
    assert view.accessibleName() == "Foto"


def test_a_paper_or_a_code_is_shown_whole(qtbot: QtBot, theming: ThemeContext) -> None:
    view = PhotoView(theming, Qt.AspectRatioMode.KeepAspectRatio)
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.show_photo(png("#DB1514"), "Kode")
    shown = view.grab().toImage()
    assert shown.pixelColor(150, 100) == shown.pixelColor(150, 4) == QColor("#DB1514")
    assert shown.pixelColor(20, 100) != QColor("#DB1514")  # beside it is room: nothing was cut off to fill it


def test_it_takes_place_only_while_a_card_is_told_of(qtbot: QtBot, theming: ThemeContext) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    panel = CardSeenPanel(theming)
    QVBoxLayout(window).addWidget(panel)
    panel.render_card(CardShown("Judul", "Petunjuk", Tone.SOFT))
    photo = panel.findChild(PhotoView)
    assert not panel.isHidden()
    assert photo.isHidden()
    panel.render_card(CardShown("Judul", "Petunjuk", Tone.CAUTION, b"picture"))
    assert not photo.isHidden()
    panel.render_card(None)
    assert panel.isHidden()
