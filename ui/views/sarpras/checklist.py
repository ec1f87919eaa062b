"""The checklist: the list at the left; the line under the cursor, its concerns and the signature at the right."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from ui.presenters.actions import CHOICES, Action
from ui.presenters.commands import Command
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.sarpras.messages import COLUMNS, Answer, ChecklistState
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import card_of, page
from ui.views.screen import Screen
from ui.widgets.button import ActionButton
from ui.widgets.card import Card
from ui.widgets.ink_view import InkView
from ui.widgets.layout import SPRING, column, fill, grid, row
from ui.widgets.presence import present
from ui.widgets.quality_panel import Advice
from ui.widgets.table import Table
from ui.widgets.tag import TagRow
from ui.widgets.text import Role, Text
from ui.widgets.toggle import Mark, ToggleButton

_INK = 48
_BUTTON, _ANSWERS = 40, 8
_SIDE = 392
_ROOM_FOR_SIDE, _FOUR_ROWS = 1200, 250  # in a narrower window the side stands below the table
_STEPS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Minus: -1, Qt.Key.Key_Left: -1}


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
        answers = grid(self._answers, gap=theming.tokens.space["sm"])
        for at, button in enumerate(self._buttons):
            answers.addWidget(button, at // 2, at % 2)
        self._answers.setFixedHeight(4 * _BUTTON + 3 * theming.tokens.space["sm"])
        self._counter = QWidget()
        for button in (self._fewer, self._more):
            button.setFixedWidth(_BUTTON)
        counter = (self._fewer, self._count, self._more, (self._limit, 1))
        row(*counter, on=self._counter, gap=theming.tokens.space["md"])
        fill(self.body, self._name, self._answers, self._counter, self._note)

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


class AttentionCard(Advice):
    """What is wrong and what helps; the reason to go on nevertheless behind a key."""

    def show_state(self, state: ChecklistState) -> None:
        """Show what stands against going on."""
        attention, override = state.attention, state.override
        if attention is None:
            self.render_advice("")
            return
        told = self._theming.catalog.explain(attention.problem)
        hint = "\n".join(filter(None, (told.do, self._theming.say(attention.more))))
        self.render_advice(told.what, hint, attention.tone, more=(override,) if override else ())


class IzinCard(Card):
    """The signature of the pengurus barang, or that it is missing."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._theming = theming
        self._ink, self._words = InkView(theming), Text(Role.MUTED, wraps=True)
        self._ink.setMinimumHeight(_INK)
        # It takes what is left: what it likes better would be taken from the cards above it.
        self._ink.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        fill(self.body, (self._ink, 1), self._words)

    def show_state(self, state: ChecklistState) -> None:
        """Show the ink and when it was drawn."""
        self.set_title(self._theming.say(message("sarpras.izin")))
        self.set_tone(Tone.NEUTRAL)
        self._ink.show_signature(state.ink, message("sarpras.izin_key"))
        self._words.setText(self._theming.say(state.izin))


class ChecklistView(Screen[ChecklistState]):
    """Arrows walk, Space says all is well, 1–4 the condition, L and H complete and clean, + and − count."""

    select = Signal(str)
    number = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._title, self._tags = Text(Role.TITLE), TagRow(theming)
        self._table = Table(theming, opens_rows=False)
        self._table.selected.connect(self.select)
        self._gauges, self._gauges_head = TagRow(theming), Text(Role.STRONG)
        self._kits = ActionButton(theming)
        self._line, self._attention, self._izin = LineCard(theming), AttentionCard(theming), IzinCard(theming)
        for part in (self._kits, self._line, self._attention):
            part.commanded.connect(self.command)
        self._shown: Any = None
        self.setFocusProxy(self._table)
        self._lay_out()

    def _lay_out(self) -> None:
        theming, space = self.theming, self.theming.tokens.space
        gauges = Card(theming)
        gauges.body.setContentsMargins(20, space["sm"], 20, space["sm"])
        gauges.body.addLayout(row(self._gauges_head, self._gauges, SPRING, gap=space["md"]))
        head = row(self._title, self._tags, SPRING, self._kits, gap=space["md"])
        left = column(head, (card_of(theming, self._table), 1), gauges, gap=space["md"])
        self._side = QWidget()
        self._below = column(self._line, self._attention, (self._izin, 1), on=self._side, gap=space["md"])
        self._outer = page(row((left, 1), self._side, on=self.content), theming)
        self._outer.setSpacing(space["lg"])

    def show_state(self, state: ChecklistState) -> None:
        """Show the list."""
        say = self.theming.say
        self._title.setText(say(state.title))
        self._tags.render_tags(state.tags)
        self._gauges_head.setText(say(message("common.laptop")))
        self._gauges.render_tags(state.gauges)
        present(self._kits, state.choose_kits is not None)
        if state.choose_kits is not None:
            self._kits.render_action(state.choose_kits)
        shown = (tuple(map(state.rows.row, range(state.rows.count))), self.theming.catalog.language)
        if shown != self._shown:
            self._shown = shown
            self._table.render_rows(COLUMNS, state.rows)
        self._stand(state)
        self._line.show_state(state)
        self._attention.show_state(state)
        self._izin.show_state(state)
        take_keyboard(self)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        has_room = self.width() >= _ROOM_FOR_SIDE
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._outer.setDirection(across if has_room else down)
        self._below.setDirection(down if has_room else across)
        self._side.setMinimumWidth(_SIDE if has_room else 0)
        self._side.setMaximumWidth(_SIDE if has_room else self.maximumWidth())
        self._table.setMinimumHeight(0 if has_room else _FOUR_ROWS)

    def _stand(self, state: ChecklistState) -> None:
        names = [state.rows.row(at).name for at in range(state.rows.count)]
        if state.cursor in names and self._table.currentIndex().row() != names.index(state.cursor):
            self._table.selectRow(names.index(state.cursor))

    def perform(self, act: Action) -> bool:
        """Take a digit of a count; what other keys mean is said by their commands."""
        state = self.state
        if state is not None and state.counter is not None and act in CHOICES:
            self.number.emit(CHOICES.index(act) + 1)
            return True
        return super().perform(act)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        by = _STEPS.get(Qt.Key(event.key()))
        counter = self.state.counter if self.state is not None else None
        if by is not None and counter is not None:
            self.command(counter.more if by > 0 else counter.fewer)
        else:
            event.ignore()
