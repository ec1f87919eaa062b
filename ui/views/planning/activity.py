"""One kegiatan: head and timeline at the left, the step under the cursor at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from ui.presenters.actions import CHOICES, Action
from ui.presenters.parts import Tone
from ui.presenters.planning.activity import ActivityState
from ui.presenters.planning.sop_figures import StepForm, StepPanel
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import bare
from ui.views.timeline_screen import TimelineScreen
from ui.widgets.card import Card
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextField
from ui.widgets.numbers import NumberRow
from ui.widgets.presence import present
from ui.widgets.tag import TagLabel
from ui.widgets.text import Role, Text
from ui.widgets.touch import scrolled

_KEYS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class ActivityView(TimelineScreen[ActivityState]):
    """Enter does what the panel offers first; in a form the arrows and digits choose."""

    choose_step = Signal(int)
    choose = Signal(str)
    type_field = Signal(str, str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._numbers = NumberRow(theming)
        self._step_title, self._step_tag, self._step_words = Text(Role.SECTION), TagLabel(theming), Text(wraps=True)
        self._form_title, self._form_hint = Text(Role.SECTION, wraps=True), Text(Role.MUTED, wraps=True)
        self._fields = (TextField(theming, max_length=400),)
        self._choices = ChoiceList(theming)
        self._form_kind: object = None
        self._now_card.set_tone(Tone.SOFT)
        self._head.addWidget(self._numbers, 2)
        side = QWidget()
        self._sides = QStackedLayout(side)
        self._sides.addWidget(self._panel())
        self._sides.addWidget(self._form())
        self.lay_out(side)
        self._steps.body.addStretch(0)
        self._timeline.chosen.connect(self.choose_step)
        self._choices.chosen.connect(self.choose)
        for at, field in enumerate(self._fields):
            field.edited.connect(lambda text, place=at: self._typed(place, text))
        self.setFocusProxy(self._timeline)

    def _panel(self) -> QWidget:
        card, head = Card(self.theming), bare(QHBoxLayout(), self.theming.tokens.space["sm"])
        head.addWidget(self._step_title, 1)
        head.addWidget(self._step_tag)
        card.body.addLayout(head)
        card.body.addWidget(self._now_card)
        card.body.addWidget(self.scrolling_facts(self._step_words), 1)
        card.body.addWidget(self._ways)
        return card

    def _form(self) -> QWidget:
        card = Card(self.theming)
        inside = QWidget()
        column = bare(QVBoxLayout(inside), self.theming.tokens.space["md"])
        for widget in (self._form_title, self._form_hint, *self._fields, self._choices):
            column.addWidget(widget)
        column.addStretch(1)
        card.body.addWidget(scrolled(inside))
        return card

    def show_state(self, state: ActivityState) -> None:
        """Show the activity."""
        super().show_state(state)
        self._numbers.render_numbers(state.numbers)
        present(self._timeline, bool(state.steps))
        if state.panel is not None:
            self._show_panel(state.panel)
        self._show_form(state.form)
        take_keyboard(self)

    def _show_panel(self, panel: StepPanel) -> None:
        say = self.theming.say
        self._step_title.setText(say(panel.title))
        self._step_tag.render_tag(panel.tag)
        if self._step_words.text() != panel.words:
            self._info.verticalScrollBar().setValue(0)
        self._step_words.setText(panel.words)
        self._now.setText(say(panel.now))
        self._facts.render_facts(panel.facts)
        self._ways.render_ways(panel.ways)

    def _show_form(self, form: StepForm | None) -> None:
        kind = form.kind if form else None
        has_opened, self._form_kind = kind is not self._form_kind, kind
        self._sides.setCurrentIndex(0 if form is None else 1)
        if form is not None:
            self._form_title.show_text(self.theming.say(form.title))
            self._form_hint.show_text(self.theming.say(form.hint))
            for at, field in enumerate(self._fields):
                present(field, at < len(form.fields))
                if at < len(form.fields):
                    wanted = form.fields[at]
                    field.render_field(wanted.label, wanted.text, hint=wanted.hint)
            self._choices.render_choices(form.choices, form.chosen)
        if has_opened:
            self.setFocusProxy(self._timeline if form is None else self._fields[0] if form.fields else self._choices)
            self.setFocus()

    def perform(self, act: Action) -> bool:
        """Do what a digit means."""
        state = self.state
        if state is None or super().perform(act):
            return state is not None
        if state.form is not None:
            return act in CHOICES and self._choices.choose(CHOICES.index(act))
        return state.panel is not None and self._ways.perform(act, state.panel.ways)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        step = _KEYS.get(Qt.Key(event.key()))
        if step is not None and self.state is not None and self.state.form is not None:
            self.next_step.emit(step)
        else:
            event.ignore()

    def _typed(self, place: int, text: str) -> None:
        form = self.state.form if self.state is not None else None
        if form is not None and place < len(form.fields):
            self.type_field.emit(form.fields[place].name, text)
