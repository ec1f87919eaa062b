"""What screens along an SOP have in common: head and timeline at the left, what is to know and to do at the right."""

from __future__ import annotations

from typing import Protocol, TypeVar

from PySide6.QtWidgets import QScrollArea, QWidget

from ui.presenters.actions import Action
from ui.presenters.planning.sop_figures import TimelineState
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.layout import SPRING, column, fill, row
from ui.widgets.steps import SopTimeline
from ui.widgets.tag import TagLabel
from ui.widgets.text import ElidedText, Role, Text
from ui.widgets.touch import ScrollDown
from ui.widgets.way_list import FactList, WayList

SIDE = 464
_TURNS = {Action.NEXT_STEP: 1, Action.PREVIOUS_STEP: -1}
S = TypeVar("S", bound=TimelineState)


class Walked(Protocol):
    """A presenter whose cursor goes from step to step."""

    def next_step(self, by: int) -> None:
        """Move the cursor."""


class TimelineScreen(Screen[S]):
    """Arrows move along the timeline, PgUp and PgDn scroll the facts, the digits do what the ways offer."""

    own_keys = (*_TURNS, Action.REFRESH)

    def __init__(self, theming: ThemeContext, presenter: Walked) -> None:
        super().__init__(theming)
        self._tag = TagLabel(theming)
        self._title, self._subtitle = Text(Role.TITLE, wraps=True), Text(Role.MUTED, wraps=True)
        self._sop, self._timeline, self._steps = ElidedText(Role.MUTED), SopTimeline(theming), Card(theming)
        self._now, self._now_card = Text(Role.STRONG, wraps=True), Card(theming)
        self._facts, self._ways = FactList(theming), WayList(theming)
        self._now_card.body.setContentsMargins(12, 8, 12, 8)
        self._now_card.body.addWidget(self._now)
        self._timeline.moved.connect(presenter.next_step)
        self._ways.commanded.connect(self.command)
        self._head = row(gap=theming.tokens.space["lg"])  # the words; a screen adds what stands beside them

    def lay_out(self, side: QWidget) -> None:
        """Put head and timeline at the left and `side` at the right."""
        space = self.theming.tokens.space
        head = Card(self.theming)
        self._head.insertLayout(0, column(self._tag, self._title, self._subtitle, gap=space["xs"]), 3)
        head.body.addLayout(self._head)
        self._steps.body.setContentsMargins(4, space["md"], 4, space["sm"])
        fill(self._steps.body, row(self._sop, gap=0, margins=(16, 0, 16, 0)), (self._timeline, 1))
        side.setFixedWidth(SIDE)
        left = column(head, (self._steps, 1), gap=space["md"])
        page(row((left, 1), side, on=self.content), self.theming)

    def scrolling_facts(self, *above: QWidget) -> QScrollArea:
        """Return the facts, below other parts, as what the page keys scroll."""
        inside = QWidget()
        column(*above, self._facts, SPRING, on=inside, gap=self.theming.tokens.space["sm"])
        self._info = ScrollDown(inside)
        return self._info

    def show_state(self, state: S) -> None:
        """Show head and timeline."""
        self._tag.render_tag(state.tag)
        self._title.show_text(self.theming.say(state.title))
        self._subtitle.show_text(self.theming.say(state.subtitle))
        self._sop.setText(self.theming.say(state.sop))
        self._timeline.render_timeline(state.steps, state.cursor)

    def perform(self, act: Action) -> bool:
        """Scroll the facts, or read anew."""
        if act not in _TURNS:
            return super().perform(act)
        bar = self._info.verticalScrollBar()
        bar.setValue(bar.value() + _TURNS[act] * bar.pageStep())
        return True
