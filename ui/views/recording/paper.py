"""A paper on the screen, beside what it is about."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from ui.presenters.actions import CHOICES, Action
from ui.presenters.messages import message
from ui.presenters.recording.paper import PaperState
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import bare, page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.choices import ChoiceList
from ui.widgets.page_view import PageView
from ui.widgets.presence import present
from ui.widgets.tag import TagLabel
from ui.widgets.text import Role, Text

_STEPS = {Action.NEXT_STEP: 1, Action.PREVIOUS_STEP: -1}


class PaperView(Screen[PaperState]):
    """PgDn and PgUp turn the pages, digits choose among several papers."""

    choose = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._page, self._at, self._letter = PageView(theming), 0, ""
        self._tag, self._title = TagLabel(theming), Text(Role.TITLE, wraps=True)
        self._facts = QGridLayout()
        self._lines: list[tuple[Text, Text]] = []
        self._papers, self._count = ChoiceList(theming), Text(Role.MUTED)
        self._papers.chosen.connect(self.choose)
        self._note = Text(wraps=True)
        self._lay_out()

    def _lay_out(self) -> None:
        space = self.theming.tokens.space
        self._facts.setHorizontalSpacing(space["md"])
        self._facts.setVerticalSpacing(space["sm"])
        self._facts.setColumnStretch(1, 1)
        about = Card(self.theming)
        about.body.setContentsMargins(space["lg"], space["lg"], space["lg"], space["lg"])
        about.body.setSpacing(space["md"])
        about.body.addWidget(self._tag)
        about.body.addWidget(self._title)
        about.body.addLayout(self._facts)
        about.body.addWidget(self._note)
        right = bare(QVBoxLayout(), space["md"])
        right.addWidget(about)
        right.addWidget(self._papers)
        right.addStretch(1)
        right.addWidget(self._count)
        row = page(QHBoxLayout(self.content), self.theming)
        row.setSpacing(space["lg"])
        row.addWidget(self._page, 1)
        row.addLayout(right, 1)

    def show_state(self, state: PaperState) -> None:
        """Show the paper and what it is about."""
        say = self.theming.say
        self._tag.render_tag(state.tag)
        self._title.show_text(say(state.title))
        while len(self._lines) < len(state.facts):
            line = (Text(Role.MUTED), Text(Role.STRONG, wraps=True))
            line[1].setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            for column, text in enumerate(line):
                self._facts.addWidget(text, len(self._lines), column, Qt.AlignmentFlag.AlignTop)
            self._lines.append(line)
        for place, (label, value) in enumerate(self._lines):
            told = state.facts[place] if place < len(state.facts) else ("", "")
            label.show_text(say(told[0]))
            value.show_text(say(told[1]))
        self._note.show_text(say(state.note))
        present(self._papers, len(state.papers) > 1)
        self._papers.render_choices(state.papers, state.chosen)
        if state.chosen != self._letter:
            self._letter, self._at = state.chosen, 0
        self._show_page(state)
        take_keyboard(self)

    def _show_page(self, state: PaperState) -> None:
        pages = state.pages
        name = message(f"letter.{state.chosen}") if state.chosen else ""
        self._page.show_page(pages[self._at] if pages else b"", name)
        self._count.show_text(
            self.theming.say(message("paper.page", page=self._at + 1, pages=len(pages))) if len(pages) > 1 else ""
        )

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys beside the buttons."""
        return (Action.NEXT_STEP, Action.PREVIOUS_STEP)

    def perform(self, act: Action) -> bool:
        """Turn a page or choose a paper."""
        state = self.state
        if state is None:
            return False
        if act in CHOICES and len(state.papers) > 1:
            return self._papers.choose(CHOICES.index(act))
        if act not in _STEPS:
            return False
        self._at = max(0, min(len(state.pages) - 1, self._at + _STEPS[act]))
        self._show_page(state)
        return True
