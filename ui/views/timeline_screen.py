"""What screens along an SOP have in common: head and timeline at the left, what is to know and to do at the right."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.presenters.actions import Action
from ui.presenters.planning.sop_figures import TimelineState
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import bare, page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.sop_timeline import SopTimeline
from ui.widgets.tag import TagLabel
from ui.widgets.text import ElidedText, Role, Text
from ui.widgets.touch import scrolled
from ui.widgets.way_list import FactList, WayList

SIDE = 464
S = TypeVar("S", bound=TimelineState)


class TimelineScreen(Screen[S]):
    """Arrows move along the timeline, PgUp and PgDn scroll the facts, the digits do what the ways offer."""

    refresh = Signal()
    next_step = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._tag = TagLabel(theming)
        self._title, self._subtitle = Text(Role.TITLE, wraps=True), Text(Role.MUTED, wraps=True)
        self._sop, self._timeline, self._steps = ElidedText(Role.MUTED), SopTimeline(theming), Card(theming)
        self._now, self._now_card = Text(Role.STRONG, wraps=True), Card(theming)
        self._facts, self._ways = FactList(theming), WayList(theming)
        self._now_card.body.setContentsMargins(12, 8, 12, 8)
        self._now_card.body.addWidget(self._now)
        self._timeline.moved.connect(self.next_step)
        self._ways.commanded.connect(self.command)
        self._head = bare(QHBoxLayout(), theming.tokens.space["lg"])  # the words; a screen adds what stands beside them

    def lay_out(self, side: QWidget) -> None:
        """Put head and timeline at the left and `side` at the right."""
        space = self.theming.tokens.space
        head, words = Card(self.theming), bare(QVBoxLayout(), space["xs"])
        for widget in (self._tag, self._title, self._subtitle):
            words.addWidget(widget)
        self._head.insertLayout(0, words, 3)
        head.body.addLayout(self._head)
        named = bare(QHBoxLayout(), 0)
        named.setContentsMargins(16, 0, 16, 0)
        named.addWidget(self._sop)
        self._steps.body.setContentsMargins(4, space["md"], 4, space["sm"])
        self._steps.body.addLayout(named)
        self._steps.body.addWidget(self._timeline, 1)
        left = bare(QVBoxLayout(), space["md"])
        left.addWidget(head)
        left.addWidget(self._steps, 1)
        side.setFixedWidth(SIDE)
        row = page(QHBoxLayout(self.content), self.theming)
        row.addLayout(left, 1)
        row.addWidget(side)

    def scrolling_facts(self, *above: QWidget) -> QScrollArea:
        """Return the facts, below other parts, as what the page keys scroll."""
        inside = QWidget()
        column = bare(QVBoxLayout(inside), self.theming.tokens.space["sm"])
        for widget in (*above, self._facts):
            column.addWidget(widget)
        column.addStretch(1)
        self._info = scrolled(inside)
        return self._info

    def show_state(self, state: S) -> None:
        """Show head and timeline."""
        self._tag.render_tag(state.tag)
        self._title.show_text(self.theming.say(state.title))
        self._subtitle.show_text(self.theming.say(state.subtitle))
        self._sop.setText(self.theming.say(state.sop))
        self._timeline.render_timeline(state.steps, state.cursor)

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys beside the buttons."""
        return (Action.NEXT_STEP, Action.PREVIOUS_STEP, Action.REFRESH)

    def perform(self, act: Action) -> bool:
        """Scroll the facts, or read anew."""
        if act is Action.REFRESH:
            self.refresh.emit()
        elif act in (Action.NEXT_STEP, Action.PREVIOUS_STEP):
            bar = self._info.verticalScrollBar()
            bar.setValue(bar.value() + (1 if act is Action.NEXT_STEP else -1) * bar.pageStep())
        else:
            return False
        return True
