"""A letter: the form at the left, its page at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.presenters.actions import Action
from ui.presenters.letters.letter import Ask, LetterScreenState
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import bare, page
from ui.views.letters.letter_form import LetterFormPanel
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.field import TextField
from ui.widgets.page_view import PageView
from ui.widgets.presence import present
from ui.widgets.tag import TagLabel
from ui.widgets.text import Role, Text

_STEPS = {Action.NEXT_STEP: 1, Action.PREVIOUS_STEP: -1}


class LetterView(Screen[LetterScreenState]):
    """Tab and Enter go through the fields, Ctrl Enter issues, PgDn and PgUp turn the pages."""

    edit = Signal(str, str)
    type_answer = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._page, self._at = PageView(theming), 0
        self._tag, self._title, self._name = (
            TagLabel(theming),
            Text(Role.TITLE, wraps=True),
            Text(Role.MUTED, wraps=True),
        )
        self._facts, self._lines = QGridLayout(), list[tuple[Text, Text]]()
        self._form = LetterFormPanel(theming)
        self._form.edited.connect(self.edit)
        self._answer, self._asked = TextField(theming), QWidget()
        self._answer_note = Text(wraps=True)
        self._answer.edited.connect(self.type_answer)
        self._count = Text(Role.MUTED)
        self._was_asking = Ask.NOTHING
        self._lay_out()

    def _lay_out(self) -> None:
        space = self.theming.tokens.space
        head = bare(QHBoxLayout(), space["md"])
        head.addWidget(self._title, 1)
        head.addWidget(self._tag, 0, Qt.AlignmentFlag.AlignTop)
        self._facts.setHorizontalSpacing(space["md"])
        self._facts.setVerticalSpacing(space["xs"])
        self._facts.setColumnStretch(1, 1)
        asked = Card(self.theming)
        asked.body.setContentsMargins(space["lg"], space["lg"], space["lg"], space["lg"])
        asked.body.setSpacing(space["md"])
        asked.body.addWidget(self._answer)
        asked.body.addWidget(self._answer_note)
        inside = bare(QVBoxLayout(self._asked), 0)
        inside.addWidget(asked)
        left = bare(QVBoxLayout(), space["sm"])
        left.addLayout(head)
        left.addWidget(self._name)
        left.addLayout(self._facts)
        left.addWidget(self._asked)
        left.addWidget(self._form, 1)
        left.addStretch(0)
        right = bare(QVBoxLayout(), space["xs"])
        right.addWidget(self._page, 1)
        right.addWidget(self._count, 0, Qt.AlignmentFlag.AlignHCenter)
        row = page(QHBoxLayout(self.content), self.theming)
        row.setSpacing(space["lg"])
        row.addLayout(left, 6)
        row.addLayout(right, 5)

    def show_state(self, state: LetterScreenState) -> None:
        """Show form, question and page."""
        say = self.theming.say
        self._tag.render_tag(state.tag)
        self._title.show_text(say(state.title))
        self._name.show_text(state.name)
        self._show_facts(state)
        self._form.render_fields(state.fields)
        self._form.setEnabled(state.is_open and not state.ask)
        present(self._form, bool(state.fields) and not state.ask)
        present(self._asked, bool(state.ask))
        if state.ask:
            label = message("surat.ask_reason" if state.ask is Ask.VOID else "surat.ask_number")
            self._answer.render_field(label, state.answer, hint=state.answer_hint)
            self._answer_note.show_text(say(state.answer_note))
        self._at = min(self._at, max(0, len(state.pages) - 1))
        self._show_page(state)
        self._place_keyboard(state)

    def _show_facts(self, state: LetterScreenState) -> None:
        while len(self._lines) < len(state.facts):
            line = (Text(Role.MUTED), Text(Role.STRONG, wraps=True))
            for column, text in enumerate(line):
                self._facts.addWidget(text, len(self._lines), column, Qt.AlignmentFlag.AlignTop)
            self._lines.append(line)
        for place, (label, value) in enumerate(self._lines):
            told = state.facts[place] if place < len(state.facts) else ("", "")
            label.show_text(self.theming.say(told[0]))
            value.show_text(self.theming.say(told[1]))

    def _place_keyboard(self, state: LetterScreenState) -> None:
        # Whoever gives the screen the keyboard means what can be typed into.
        proxy = self._answer if state.ask else self._form.first() if state.is_open else None
        self.setFocusProxy(proxy)  # type: ignore[arg-type]  # None is allowed, the stubs do not know
        problem = next((field.name for field in state.fields if field.problem), "")
        if state.ask and state.ask is not self._was_asking:
            self._answer.setFocus()
        elif self._was_asking and not state.ask:
            self.setFocus()
            if state.is_open:
                self._form.focus_field(problem or state.fields[0].name)
        else:
            take_keyboard(self)
        self._was_asking = state.ask

    def _show_page(self, state: LetterScreenState) -> None:
        self._page.show_page(state.pages[self._at] if state.pages else b"", state.title)
        pages = len(state.pages)
        said = self.theming.say(message("paper.page", page=self._at + 1, pages=pages)) if pages > 1 else ""
        self._count.show_text(said)

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys beside the buttons."""
        return (Action.NEXT_STEP, Action.PREVIOUS_STEP)

    def perform(self, act: Action) -> bool:
        """Turn a page."""
        state = self.state
        if state is None or act not in _STEPS:
            return False
        self._at = max(0, min(len(state.pages) - 1, self._at + _STEPS[act]))
        self._show_page(state)
        return True
