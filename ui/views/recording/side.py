"""The right side of the recording screen while a device is at work: scores, advice, attempts."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture_policy import CAPTURED_AT
from fieldkit.domain.recording.positions import Modality
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tone
from ui.presenters.recording.state import RecordingState
from ui.runtime.theme_context import ThemeContext
from ui.widgets.layout import SPRING, column
from ui.widgets.quality_panel import Advice, Attempts, QualityRows
from ui.widgets.text import Role, Text

_HEADS = {
    Modality.FINGER: "rekam.quality_fingers",
    Modality.IRIS: "rekam.quality_eyes",
    Modality.FACE: "rekam.quality_photo",
    Modality.SIGNATURE: "rekam.quality_signature",
}


class SidePanel(QWidget):
    """Shows how good it is and what helps."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._head, self._rows, self._judged_by = Text(Role.SECTION), QualityRows(theming), Text(Role.MUTED, wraps=True)
        self._advice, self._attempts = Advice(theming), Attempts(theming)
        self._note, self._take_back = Text(Role.MUTED, wraps=True), Text(Role.MUTED, wraps=True)
        above = (self._head, self._rows, self._judged_by, self._advice, self._attempts)
        column(*above, self._note, self._take_back, SPRING, on=self, gap=theming.tokens.space["md"])

    def show_state(self, state: RecordingState) -> None:
        """Show the rows of a step that is captured."""
        say = self._theming.say
        modality = CAPTURED_AT[state.current][0].modality if state.current in CAPTURED_AT else None
        self._head.setText(say(message(_HEADS[modality] if modality else "rekam.comparison")))
        self._rows.render_rows(state.rows)
        self._judged_by.show_text(say(state.judged_by))
        if state.trouble is not None:
            told = self._theming.catalog.explain(state.trouble)
            self._advice.render_advice(told.what, f"{told.safe} {told.do}", Tone.BAD)
        else:
            self._advice.render_advice(state.advice_title, self._hint(state.advice))
        self._attempts.render_attempts(state.attempts)
        nothing = "rekam.sign_nothing_yet" if modality is Modality.SIGNATURE else "rekam.nothing_yet"
        is_untried = state.current in CAPTURED_AT and not state.attempts
        self._note.show_text(say(message(nothing) if is_untried else state.attempts_note))
        has_mark = any(row.tag.words == message("verdict.excepted") for row in state.rows)
        self._take_back.show_text(say(message("rekam.take_back")) if has_mark else "")

    def _hint(self, words: Message) -> Message:
        if not isinstance(words, Problem):
            return words
        told = self._theming.catalog.explain(words)
        return f"{told.what} {told.do}"
