"""An SOP to read: what it is and asks for at the left, what it rests on at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.presenters.actions import Action
from ui.presenters.planning.sop_document import SopDocumentState
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import bare, page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.text import Role, Text
from ui.widgets.touch import scrolled
from ui.widgets.way_list import FactList


class SopDocumentView(Screen[SopDocumentState]):
    """PgUp and PgDn turn both columns."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._title, self._subtitle = Text(Role.SECTION, wraps=True), Text(Role.MUTED, wraps=True)
        self._facts = (FactList(theming), FactList(theming))
        self._turned = tuple(map(self._scrolled, self._facts))
        space = theming.tokens.space
        head, columns = Card(theming), bare(QHBoxLayout(), space["md"])
        head.body.setSpacing(space["xs"])
        head.body.addWidget(self._title)
        head.body.addWidget(self._subtitle)
        for area in self._turned:
            card = Card(theming)
            card.body.addWidget(area)
            columns.addWidget(card, 1)
        column = page(QVBoxLayout(self.content), theming)
        column.addWidget(head)
        column.addLayout(columns, 1)

    def _scrolled(self, facts: FactList) -> QScrollArea:
        inside = QWidget()
        column = bare(QVBoxLayout(inside), 0)
        column.addWidget(facts)
        column.addStretch(1)
        return scrolled(inside)

    def show_state(self, state: SopDocumentState) -> None:
        """Show the page."""
        self._title.show_text(state.title)
        self._subtitle.show_text(self.theming.say(state.subtitle))
        for facts, shown in zip(self._facts, (state.left, state.right), strict=True):
            facts.render_facts(shown)
        take_keyboard(self)

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys beside the buttons."""
        return (Action.NEXT_STEP, Action.PREVIOUS_STEP)

    def perform(self, act: Action) -> bool:
        """Turn the columns."""
        if act not in self.keys:
            return False
        for area in self._turned:
            bar = area.verticalScrollBar()
            bar.setValue(bar.value() + (1 if act is Action.NEXT_STEP else -1) * bar.pageStep())
        return True
