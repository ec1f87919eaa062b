"""The right side of the checklist: the line under the cursor, what stands against it, the signature."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.sarpras.checklist_state import ChecklistState, CounterShown, LineShown
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import bare
from ui.widgets.button import ActionButton
from ui.widgets.card import Card
from ui.widgets.ink_view import InkView
from ui.widgets.presence import present
from ui.widgets.text import Role, Text
from ui.widgets.toggle import Mark, ToggleButton

_INK = 48
_BUTTON = 40


class LineCard(Card):
    """Condition, lengkap, bersih of an item; the count of a consumable."""

    condition_chosen = Signal(str)
    completed = Signal()
    cleaned = Signal()
    noted = Signal()
    pictured = Signal()
    counted = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._say = theming.say
        self._name, self._note = Text(Role.SECTION, wraps=True), Text(Role.MUTED, wraps=True)
        self._conditions = [ToggleButton(theming, Mark.NONE) for _ in range(4)]
        self._complete, self._clean = (ToggleButton(theming, Mark.NONE) for _ in range(2))
        self._write, self._photo = (ToggleButton(theming, Mark.NONE) for _ in range(2))
        self._fewer, self._more = (ToggleButton(theming, Mark.NONE) for _ in range(2))
        below = (
            (self._complete, self.completed),
            (self._clean, self.cleaned),
            (self._write, self.noted),
            (self._photo, self.pictured),
        )
        for button in (*self._conditions, *(each for each, _ in below)):
            button.setFixedHeight(_BUTTON)
        self._count, self._limit = Text(Role.NUMBER), Text(Role.MUTED, wraps=True)
        self._answers = QWidget()
        grid = QGridLayout(self._answers)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theming.tokens.space["sm"])
        for at, button in enumerate(self._conditions):
            button.clicked.connect(lambda _checked=False, at=at: self._choose(at))
            grid.addWidget(button, at // 2, at % 2)
        for at, (button, pressed) in enumerate(below):
            button.clicked.connect(pressed)
            grid.addWidget(button, 2 + at // 2, at % 2)
        self._answers.setFixedHeight(4 * _BUTTON + 3 * theming.tokens.space["sm"])
        self._counter = QWidget()
        row = bare(QHBoxLayout(self._counter), theming.tokens.space["md"])
        for button, by in ((self._fewer, -1), (self._more, 1)):
            button.setFixedSize(_BUTTON, _BUTTON)
            button.clicked.connect(lambda _checked=False, by=by: self.counted.emit(by))
        row.addWidget(self._fewer)
        row.addWidget(self._count)
        row.addWidget(self._more)
        row.addWidget(self._limit, 1)
        for widget in (self._name, self._answers, self._counter, self._note):
            self.body.addWidget(widget)
        self._line: LineShown | None = None

    def show_state(self, state: ChecklistState) -> None:
        """Show the line under the cursor."""
        self._line = state.line
        present(self, state.line is not None or state.counter is not None)
        present(self._answers, state.line is not None)
        present(self._counter, state.counter is not None)
        for button in (*self._conditions, self._complete, self._clean, self._fewer, self._more):
            button.setEnabled(not state.is_closed)
        if state.line is not None:
            self._show_line(state.line)
        if state.counter is not None:
            self._show_counter(state.counter)

    def _show_line(self, line: LineShown) -> None:
        self._name.setText(line.name)
        for at, (button, choice) in enumerate(zip(self._conditions, line.conditions, strict=True)):
            button.render_toggle(choice.words, is_on=choice.name == line.condition, cap=str(at + 1))
        self._complete.render_toggle(message("sarpras.complete"), is_on=bool(line.is_complete), cap="L")
        self._clean.render_toggle(message("sarpras.clean"), is_on=bool(line.is_clean), cap="H")
        self._write.render_toggle(line.note, is_on=False, cap="C")
        self._photo.render_toggle(message("sarpras.photos", count=line.photos), is_on=False, cap="F")
        self._note.show_text("")

    def _show_counter(self, counter: CounterShown) -> None:
        self._name.setText(counter.name)
        self._fewer.render_toggle("−", is_on=False)
        self._more.render_toggle("+", is_on=False)
        self._count.setText(f"{counter.count} {counter.unit}")
        self._limit.setText(self._say(counter.limit))
        self._note.show_text(self._say(message("sarpras.count_hint")))

    def _choose(self, at: int) -> None:
        if self._line is not None:
            self.condition_chosen.emit(self._line.conditions[at].name)


class AttentionCard(Card):
    """What is wrong and what helps; the reason to go on nevertheless behind a key."""

    commanded = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._theming = theming
        self._texts = [(Text(Role.STRONG, wraps=True), Text(Role.PLAIN, wraps=True))]
        self._more, self._button = Text(Role.MUTED), ActionButton(theming)
        self._button.commanded.connect(self.commanded)
        for what, do in self._texts:
            self.body.addWidget(what)
            self.body.addWidget(do)
        self.body.addWidget(self._more)
        self.body.addWidget(self._button)

    def show_state(self, state: ChecklistState) -> None:
        """Show what stands against going on."""
        attention = state.attention
        present(self, attention is not None)
        if attention is None:
            return
        self.set_tone(attention.tone)
        told = [self._theming.catalog.explain(problem) for problem in attention.problems]
        for at, (what, do) in enumerate(self._texts):
            what.show_text(told[at].what if at < len(told) else "")
            do.show_text(told[at].do if at < len(told) else "")
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
