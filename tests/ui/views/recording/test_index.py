from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from fieldkit.domain.recording.capture_policy import StepKind
from fieldkit.domain.recording.positions import Position
from ui.presenters.figures import Finger, FingerMark
from ui.presenters.recording.state import RecordingState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.recording.index import IndexPanel
from ui.widgets.hands import HandsPicture
from ui.widgets.text import Text


def test_it_says_plainly_that_nothing_is_compared(qtbot: QtBot, look: Look) -> None:
    panel = IndexPanel(look)
    qtbot.addWidget(panel)
    wanted = (Finger(Position.RIGHT_INDEX, FingerMark.WANTED),)
    title, hint = phrase("rekam.index.no_matcher"), phrase("rekam.index.no_matcher_why")
    index = StepKind.INDEX_VERIFICATION
    panel.show_state(replace(RecordingState(), current=index, fingers=wanted, index_title=title, index_hint=hint))
    said = " ".join(text.text() for text in panel.findChildren(Text))
    assert "Tidak dibandingkan" in said
    assert "belum punya pembanding" in said
    assert "Telunjuk kanan sekarang" in panel.findChild(HandsPicture).accessibleName()
