"""The right side of the checklist: the line under the cursor, what stands against it, the signature."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from ui.presenters.commands import Command
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.sarpras.checklist_state import Answer, ChecklistState
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.card import Card
from ui.widgets.ink_view import InkView
from ui.widgets.layout import row
from ui.widgets.presence import present
from ui.widgets.text import Role, Text
from ui.widgets.toggle import Mark, ToggleButton

_INK = 48
_BUTTON, _ANSWERS = 40, 8


class _AnswerButton(ToggleButton):
    """An answer with its key; pressed it hands on its command."""

    commanded = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming, Mark.NONE)
        self._answer = Answer(Command("", ""))
        self.setFixedHeight(_BUTTON)
        self.clicked.connect(lambda: self.commanded.emit(self._answer.command))

    def render_answer(self, answer: Answer) -> None:
        self._answer, act = answer, answer.command.act
        cap = self._theming.say(act.cap) if act is not None else ""
        self.render_toggle(answer.command.words, is_on=answer.is_on, cap=cap)


class LineCard(Card):
    """Condition, lengkap, bersih of an item; the count of a consumable."""

    commanded = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._say = theming.say
        self._name, self._note = Text(Role.SECTION, wraps=True), Text(Role.MUTED, wraps=True)
        self._buttons = [_AnswerButton(theming) for _ in range(_ANSWERS)]
        self._fewer, self._more = _AnswerButton(theming), _AnswerButton(theming)
        for button in (*self._buttons, self._fewer, self._more):
            button.commanded.connect(self.commanded)
        self._count, self._limit = Text(Role.NUMBER), Text(Role.MUTED, wraps=True)
        self._answers = QWidget()
        grid = QGridLayout(self._answers)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theming.tokens.space["sm"])
        for at, button in enumerate(self._buttons):
            grid.addWidget(button, at // 2, at % 2)
        self._answers.setFixedHeight(4 * _BUTTON + 3 * theming.tokens.space["sm"])
        self._counter = QWidget()
        for button in (self._fewer, self._more):
            button.setFixedWidth(_BUTTON)
        counter = (self._fewer, self._count, self._more, (self._limit, 1))
        row(*counter, on=self._counter, gap=theming.tokens.space["md"])
        for widget in (self._name, self._answers, self._counter, self._note):
            self.body.addWidget(widget)

    def show_state(self, state: ChecklistState) -> None:
        """Show the line under the cursor."""
        line, counter = state.line, state.counter
        present(self, line is not None or counter is not None)
        present(self._answers, line is not None)
        present(self._counter, counter is not None)
        for button in (*self._buttons, self._fewer, self._more):
            button.setEnabled(not state.is_closed)
        if line is not None:
            self._name.setText(line.name)
            for button, answer in zip(self._buttons, line.answers, strict=True):
                button.render_answer(answer)
        if counter is not None:
            self._name.setText(counter.name)
            self._fewer.render_answer(Answer(counter.fewer))
            self._more.render_answer(Answer(counter.more))
            self._count.setText(f"{counter.count} {counter.unit}")
            self._limit.setText(self._say(counter.limit))
        self._note.show_text(self._say(message("sarpras.count_hint")) if counter is not None else "")


class AttentionCard(Card):
    """What is wrong and what helps; the reason to go on nevertheless behind a key."""

    commanded = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._theming = theming
        self._what, self._do = Text(Role.STRONG, wraps=True), Text(Role.PLAIN, wraps=True)
        self._more, self._button = Text(Role.MUTED), ActionButton(theming)
        self._button.commanded.connect(self.commanded)
        for widget in (self._what, self._do, self._more, self._button):
            self.body.addWidget(widget)

    def show_state(self, state: ChecklistState) -> None:
        """Show what stands against going on."""
        attention = state.attention
        present(self, attention is not None)
        if attention is None:
            return
        self.set_tone(attention.tone)
        told = self._theming.catalog.explain(attention.problem)
        self._what.show_text(told.what)
        self._do.show_text(told.do)
        self._more.show_text(self._theming.say(attention.more))
        present(self._button, state.override is not None)
        if state.override is not None:
            self._button.render_action(state.override)


class IzinCard(Card):
    """The signature of the pengurus barang, or that it is missing."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._theming = theming
        self._ink, self._words = InkView(theming), Text(Role.MUTED, wraps=True)
        self._ink.setMinimumHeight(_INK)
        # It takes what is left: what it likes better would be taken from the cards above it.
        self._ink.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.body.addWidget(self._ink, 1)
        self.body.addWidget(self._words)

    def show_state(self, state: ChecklistState) -> None:
        """Show the ink and when it was drawn."""
        self.set_title(self._theming.say(message("sarpras.izin")))
        self.set_tone(Tone.NEUTRAL)
        self._ink.show_signature(state.ink, message("sarpras.izin_key"))
        self._words.setText(self._theming.say(state.izin))
