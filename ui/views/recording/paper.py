"""A paper on the screen, beside what it is about."""

from __future__ import annotations

from PySide6.QtCore import Signal

from ui.presenters.actions import CHOICES, Action
from ui.presenters.messages import message
from ui.presenters.recording.paper import PaperState
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import card_of, page
from ui.views.screen import Screen
from ui.widgets.choices import ChoiceList
from ui.widgets.layout import SPRING, column, row
from ui.widgets.letter_pages import PAGE_KEYS, LetterPages
from ui.widgets.presence import present
from ui.widgets.quality_panel import FactGrid
from ui.widgets.tag import TagLabel
from ui.widgets.text import Role, Text


class PaperView(Screen[PaperState]):
    """PgDn and PgUp turn the pages, digits choose among several papers."""

    choose = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._pages = LetterPages(theming)
        self._tag, self._title = TagLabel(theming), Text(Role.TITLE, wraps=True)
        self._facts, self._papers = FactGrid(theming), ChoiceList(theming)
        self._papers.chosen.connect(self.choose)
        self._note = Text(wraps=True)
        self._lay_out()

    def _lay_out(self) -> None:
        space = self.theming.tokens.space
        about = card_of(self.theming, self._tag, self._title, self._facts, self._note)
        about.body.setContentsMargins(space["lg"], space["lg"], space["lg"], space["lg"])
        about.body.setSpacing(space["md"])
        right = column(about, self._papers, SPRING, gap=space["md"])
        page(row((self._pages, 1), (right, 1), on=self.content), self.theming).setSpacing(space["lg"])

    def show_state(self, state: PaperState) -> None:
        """Show the paper and what it is about."""
        say = self.theming.say
        self._tag.render_tag(state.tag)
        self._title.show_text(say(state.title))
        self._facts.render_facts(state.facts)
        self._note.show_text(say(state.note))
        present(self._papers, len(state.papers) > 1)
        self._papers.render_choices(state.papers, state.chosen)
        self._pages.render_pages(state.pages, message(f"letter.{state.chosen}") if state.chosen else "")
        take_keyboard(self)

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys beside the buttons."""
        return PAGE_KEYS

    def perform(self, act: Action) -> bool:
        """Turn a page or choose a paper."""
        if act in CHOICES and self.state is not None and len(self.state.papers) > 1:
            return self._papers.choose(CHOICES.index(act))
        return self._pages.perform(act)
