"""Review and seal: everything that goes into the record on one page, the PIN, the seal."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent

from fieldkit.domain.recording.exception_mark import ExceptionMark
from ui.presenters.figures import QualityRow
from ui.presenters.messages import message
from ui.presenters.parts import Stage, Tone
from ui.presenters.recording.panels import LeadPanel
from ui.presenters.recording.review import PIN_LENGTH, ReviewState
from ui.presenters.wording import position_words
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import card_of, page
from ui.views.recording.panels import LeadPage
from ui.views.screen import Screen
from ui.widgets.hands import EyesPicture, HandsPicture
from ui.widgets.ink_view import InkView
from ui.widgets.layout import SPRING, column, row
from ui.widgets.photo import PhotoView
from ui.widgets.pin import PinBoxes
from ui.widgets.presence import present
from ui.widgets.quality_panel import QualityRows
from ui.widgets.tag import TagLabel
from ui.widgets.text import Role, Text
from ui.widgets.touch import DigitKeys, has_touch_screen

_SIDE = 408
_PHOTO = 230
_MARKS_SHOWN = 3
_ARROWS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class ReviewView(Screen[ReviewState]):
    """Digits fill the PIN wherever the keyboard is; Enter seals, S postpones, Esc goes back."""

    type_pin = Signal(str)
    choose = Signal(str)
    choose_next = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._title = Text(Role.TITLE)
        self._photo, self._photo_tag = PhotoView(theming), TagLabel(theming)
        self._photo_notes = Text(Role.MUTED, wraps=True)
        self._hands, self._eyes, self._ink = HandsPicture(theming), EyesPicture(theming), InkView(theming)
        self._marks = Text(Role.MUTED, wraps=True)
        self._checks, self._pin = QualityRows(theming), PinBoxes(theming, PIN_LENGTH)
        self._pin_wrong, self._pin_hint = Text(Role.STRONG, wraps=True), Text(Role.MUTED, wraps=True)
        self._pin_wrong.set_tone(Tone.BAD)
        self._pin.edited.connect(self.type_pin)
        self._eyes_card, self._ink_card = card_of(theming, self._eyes), card_of(theming, (self._ink, 1))
        self._checks_card = card_of(theming, self._checks)
        self._pin_card = card_of(theming, self._pin, self._pin_wrong, self._pin_hint)
        self._lead = LeadPage(theming)
        self._lead.people.chosen.connect(self.choose)
        self._pin_round = 0
        self.setFocusProxy(self._pin)
        self._lay_out()

    def _lay_out(self) -> None:
        theming, gap = self.theming, self.theming.tokens.space["md"]
        photo = card_of(theming, (self._photo, 1), self._photo_tag, self._photo_notes)
        photo.setFixedWidth(_PHOTO)
        upper = row(photo, (card_of(theming, (self._hands, 1), self._marks), 1), gap=gap)
        lower = row((self._eyes_card, 1), (self._ink_card, 1), gap=gap)
        if has_touch_screen():
            keys = DigitKeys(theming)
            keys.pressed.connect(self._pin.press)
            self._pin_card.body.addWidget(keys)
        for widget in (self._checks_card, self._lead, self._pin_card):
            widget.setFixedWidth(_SIDE)
        left = column(self._title, (upper, 8), (lower, 4), gap=gap)
        side = column(self._checks_card, SPRING, self._lead, self._pin_card, gap=gap)
        page(row((left, 1), side, on=self.content), theming).setSpacing(theming.tokens.space["lg"])

    def show_state(self, state: ReviewState) -> None:
        """Show everything."""
        say = self.theming.say
        self._title.setText(say(message("tinjau.title")))
        self._photo.show_photo(state.photo, message("common.photo"))
        self._photo_tag.render_tag(state.photo_tag)
        self._photo_notes.setText(", ".join(say(note) for note in state.photo_notes))
        self._hands.render_fingers(state.fingers)
        self._eyes.render_eyes(state.eyes)
        self._ink.show_signature(state.ink, message("rekam.not_seen.signature"))
        self._ink_card.set_title(say(message("common.signature")))
        self._marks.setText(self._marks_text(state.exceptions))
        self._checks_card.set_title(say(message("common.completeness")))
        # Under a banner, and beside a passphrase, what is in order makes room for what is not.
        is_tight = state.problem is not None and state.stage is Stage.CONTENT
        shown = [(words, tag) for words, tag in state.checks if not is_tight or tag.tone is not Tone.GOOD]
        self._checks.render_rows(tuple(QualityRow(words, "", tag) for words, tag in shown))
        for card in (self._eyes_card, self._ink_card):
            present(card, not is_tight)
        self._show_pin(state)
        self._show_lead(state.lead)

    def held(self) -> str:
        """Return the passphrase of the second person."""
        return self._lead.passphrase.text()

    def _show_lead(self, lead: LeadPanel | None) -> None:
        was_open = self._lead.isVisibleTo(self)
        present(self._lead, lead is not None)
        present(self._pin_card, lead is None)
        if lead is not None:
            self._lead.show_panel(lead, message("tinjau.lead_hint"))
            if not was_open:
                self._lead.passphrase.setFocus()
        elif was_open:
            self._lead.forget()
            self._pin.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        if self._lead.isVisibleTo(self):
            if (key := Qt.Key(event.key())) in _ARROWS:
                self.choose_next.emit(_ARROWS[key])
            return
        self._pin.setFocus(Qt.FocusReason.OtherFocusReason)
        self._pin.keyPressEvent(event)

    def _show_pin(self, state: ReviewState) -> None:
        say = self.theming.say
        self._pin_card.set_title(say(message("tinjau.pin_title")))
        if state.pin_round != self._pin_round or (not state.pin and state.pin_problem is None):
            self._pin.clear(wrong=state.pin_problem is not None)
            self._pin_round = state.pin_round
        told = self.theming.catalog.explain(state.pin_problem) if state.pin_problem is not None else None
        is_spent = state.pin_problem is not None and state.pin_problem.code == "vault.pin_exhausted"
        do = say(message("tinjau.pin_spent")) if is_spent else told.do if told else ""
        self._pin_wrong.show_text(told.what if told else "")
        self._pin_hint.setText(do or say(message("tinjau.pin_hint")))
        present(self._pin_wrong, told is not None)

    def _marks_text(self, marks: tuple[ExceptionMark, ...]) -> str:
        say = self.theming.say
        if not marks:
            return say(message("tinjau.no_exceptions"))
        together: dict[str, list[str]] = {}
        for m in marks:
            how = message("tinjau.exception", attempts=m.attempts, witness=m.witness)
            why = f"{say(message(f'reason.{m.reason.value}'))} · {say(how)}"
            together.setdefault(why, []).append(say(position_words(m.position)))
        lines = [f"{', '.join(positions)}: {told}" for told, positions in together.items()]
        if len(lines) > _MARKS_SHOWN:
            left = len(lines) - _MARKS_SHOWN + 1
            lines = [*lines[: _MARKS_SHOWN - 1], say(message("tinjau.more_exceptions", left=left))]
        return "\n".join(lines)
