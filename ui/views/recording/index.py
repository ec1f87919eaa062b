"""The last step: the index fingers are asked for again, and the screen says plainly what came of it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.presenters.parts import Tone
from ui.presenters.recording.state import RecordingState
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import card_of
from ui.widgets.hands import HandsPicture
from ui.widgets.layout import column
from ui.widgets.quality_panel import Advice


class IndexPanel(QWidget):
    """Shows the hands with the two index fingers, and what a comparison said or why there is none."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._plain, self._hands = Advice(theming), HandsPicture(theming)
        hands = card_of(theming, (self._hands, 1))
        column((hands, 1), self._plain, on=self, gap=theming.tokens.space["md"])

    def show_state(self, state: RecordingState) -> None:
        """Show the step."""
        self._hands.render_fingers(state.fingers)
        self._plain.render_advice(state.index_title, state.index_hint, Tone.SOFT)
