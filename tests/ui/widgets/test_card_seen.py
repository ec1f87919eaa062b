from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.parts import Tone
from ui.presenters.recording.card_check import CardShown
from ui.runtime.theme_context import ThemeContext
from ui.widgets.card_seen import CardSeenPanel
from ui.widgets.photo import PhotoView


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
