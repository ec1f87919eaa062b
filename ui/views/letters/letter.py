"""A letter: the form at the left, its page at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.presenters.actions import Action
from ui.presenters.letters.letter import Ask, LetterPresenter, LetterScreenState
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import page
from ui.views.letters.letter_form import LetterFormPanel
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.fact_grid import FactGrid
from ui.widgets.field import TextField
from ui.widgets.layout import column, laid, row
from ui.widgets.letter_pages import PAGE_KEYS, LetterPages
from ui.widgets.presence import present
from ui.widgets.tag import TagLabel
from ui.widgets.text import Role, Text


class LetterView(Screen[LetterScreenState]):
    """Tab and Enter go through the fields, Ctrl Enter issues, PgDn and PgUp turn the pages."""

    own_keys = PAGE_KEYS

    def __init__(self, theming: ThemeContext, presenter: LetterPresenter) -> None:
        super().__init__(theming)
        self._pages = LetterPages(theming)
        self._tag, self._title, self._name = (
            TagLabel(theming),
            Text(Role.TITLE, wraps=True),
            Text(Role.MUTED, wraps=True),
        )
        self._facts = FactGrid(theming)
        self._form = LetterFormPanel(theming)
        self._form.edited.connect(presenter.edit)
        self._answer, self._asked = TextField(theming), QWidget()
        self._answer_note = Text(wraps=True)
        self._answer.edited.connect(presenter.type_answer)
        self._was_asking = Ask.NOTHING
        self._lay_out()

    def _lay_out(self) -> None:
        space = self.theming.tokens.space
        head = row((self._title, 1), (self._tag, 0, Qt.AlignmentFlag.AlignTop), gap=space["md"])
        asked = Card(self.theming)
        laid(asked.body, (self._answer, self._answer_note), space["md"], space["lg"])
        column(asked, on=self._asked, gap=0)
        left = column(head, self._name, self._facts, self._asked, (self._form, 1), gap=space["sm"])
        left.addStretch(0)
        page(row((left, 6), (self._pages, 5), on=self.content), self.theming, "lg")

    def show_state(self, state: LetterScreenState) -> None:
        """Show form, question and page."""
        say = self.theming.say
        self._tag.render_tag(state.tag)
        self._title.show_text(say(state.title))
        self._name.show_text(state.name)
        self._facts.render_facts(state.facts)
        self._form.render_fields(state.fields)
        self._form.setEnabled(state.is_open and not state.ask)
        present(self._form, bool(state.fields) and not state.ask)
        present(self._asked, bool(state.ask))
        if state.ask:
            label = message("surat.ask_reason" if state.ask is Ask.VOID else "surat.ask_number")
            self._answer.render_field(label, state.answer, hint=state.answer_hint)
            self._answer_note.show_text(say(state.answer_note))
        self._pages.render_pages(state.pages, state.title)
        self._place_keyboard(state)

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

    def perform(self, act: Action) -> bool:
        """Turn a page."""
        return self._pages.perform(act)
