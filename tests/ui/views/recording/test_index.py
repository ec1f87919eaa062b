from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from fieldkit.domain.recording.capture_policy import StepKind
from fieldkit.domain.recording.positions import Position
from ui.presenters.figures import Finger, FingerMark
from ui.presenters.messages import message
from ui.presenters.recording.state import RecordingState
from ui.runtime.theme_context import ThemeContext
from ui.views.recording.index import IndexPanel
from ui.widgets.hands import HandsPicture
from ui.widgets.text import Text


def test_it_says_plainly_that_nothing_is_compared(qtbot: QtBot, theming: ThemeContext) -> None:
    panel = IndexPanel(theming)
    qtbot.addWidget(panel)
    wanted = (Finger(Position.RIGHT_INDEX, FingerMark.WANTED),)
    title, hint = message("rekam.index.no_matcher"), message("rekam.index.no_matcher_why")
    index = StepKind.INDEX_VERIFICATION
    panel.show_state(replace(RecordingState(), current=index, fingers=wanted, index_title=title, index_hint=hint))
    said = " ".join(text.text() for text in panel.findChildren(Text))
    assert "Tidak dibandingkan" in said
    assert "belum punya pembanding" in said
    assert "Telunjuk kanan sekarang" in panel.findChild(HandsPicture).accessibleName()
