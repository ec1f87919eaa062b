"""One permohonan: who and how far at the left, what is to do at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.presenters.actions import Action
from ui.presenters.applications.one_application import OneApplicationState
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import bare, page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.lines import LineList
from ui.widgets.presence import present
from ui.widgets.sop_timeline import SopTimeline
from ui.widgets.tag import TagLabel
from ui.widgets.text import ElidedText, Role, Text
from ui.widgets.way_list import FactList, WayList

_SIDE = 464
_LINE = 46
_MOST_LINES, _MANY_WAYS = 4, 5  # where much can be done, one paper less is in sight


class OneApplicationView(Screen[OneApplicationState]):
    """Space ticks a paper, the digits and Enter do what the panel offers; PgUp and PgDn scroll it."""

    refresh = Signal()
    tick = Signal(str)
    go_along = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._tag, self._title, self._subtitle = (
            TagLabel(theming),
            Text(Role.TITLE, wraps=True),
            Text(Role.MUTED, wraps=True),
        )
        self._time, self._timeline = Text(Role.SECTION), SopTimeline(theming)
        self._way_head, self._now, self._now_card = ElidedText(Role.MUTED), Text(Role.STRONG, wraps=True), Card(theming)
        self._paper_head, self._papers = Text(Role.STRONG), LineList(theming)
        self._facts, self._ways = FactList(theming), WayList(theming)
        self._papers.toggled.connect(self.tick)
        self._timeline.moved.connect(self.go_along)
        self._ways.commanded.connect(self.command)
        self._lay_out()
        self._has_papers: bool | None = None
        self._copies = 0

    def _lay_out(self) -> None:
        space = self.theming.tokens.space
        head, line, words = Card(self.theming), bare(QHBoxLayout(), space["lg"]), bare(QVBoxLayout(), space["xs"])
        for widget in (self._tag, self._title, self._subtitle):
            words.addWidget(widget)
        line.addLayout(words, 1)
        line.addWidget(self._time, 0, Qt.AlignmentFlag.AlignBottom)
        head.body.addLayout(line)
        steps, named = Card(self.theming), bare(QHBoxLayout(), 0)
        steps.body.setContentsMargins(4, space["md"], 4, space["sm"])
        named.setContentsMargins(16, 0, 16, 0)
        named.addWidget(self._way_head)
        steps.body.addLayout(named)
        steps.body.addWidget(self._timeline, 1)
        left = bare(QVBoxLayout(), space["md"])
        left.addWidget(head)
        left.addWidget(steps, 1)
        row = page(QHBoxLayout(self.content), self.theming)
        row.addLayout(left, 1)
        row.addWidget(self._panel())

    def _panel(self) -> QWidget:
        card, inside = Card(self.theming), QWidget()
        card.setFixedWidth(_SIDE)
        self._now_card.body.setContentsMargins(12, 8, 12, 8)
        self._now_card.body.addWidget(self._now)
        column = bare(QVBoxLayout(inside), self.theming.tokens.space["sm"])
        column.addWidget(self._facts)
        column.addStretch(1)
        self._info = QScrollArea()
        self._info.setWidgetResizable(True)
        self._info.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._info.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._info.setWidget(inside)
        card.body.addWidget(self._now_card)
        card.body.addWidget(self._paper_head)
        card.body.addWidget(self._papers)
        card.body.addWidget(self._info, 1)
        card.body.addWidget(self._ways)
        return card

    def show_state(self, state: OneApplicationState) -> None:
        """Show the application."""
        say = self.theming.say
        self._tag.render_tag(state.tag)
        self._title.show_text(say(state.title))
        self._subtitle.show_text(say(state.subtitle))
        self._time.setText(say(state.time))
        self._time.set_tone(Tone.BAD if state.is_slow else Tone.NEUTRAL)
        self._way_head.setText(say(message("counter.way")))
        self._timeline.render_timeline(state.steps, state.cursor)
        self._now.setText(say(state.now))
        self._now_card.set_tone(state.now_tone)
        self._show_papers(state)
        self._facts.render_facts(state.facts)
        self._ways.render_ways(state.ways)
        if state.copies != self._copies:
            self._copies = state.copies
            QGuiApplication.clipboard().setText(state.copied)

    def _show_papers(self, state: OneApplicationState) -> None:
        head = self.theming.say(message("counter.papers"))
        has_papers = bool(state.papers)
        present(self._paper_head, has_papers)
        present(self._papers, has_papers)
        if has_papers is not self._has_papers:
            self._has_papers = has_papers
            self.setFocusProxy(self._papers if has_papers else self._timeline)
            self.setFocus()
        if has_papers:
            self._paper_head.setText(head)
            most = _MOST_LINES - 1 if len(state.ways) >= _MANY_WAYS else _MOST_LINES
            self._papers.setFixedHeight(min(len(state.papers), most) * _LINE + 4)
            self._papers.render_lines(head, state.papers)

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys beside the buttons."""
        return (Action.NEXT_STEP, Action.PREVIOUS_STEP, Action.REFRESH)

    def perform(self, act: Action) -> bool:
        """Do what a digit means; scroll the panel."""
        state = self.state
        if state is None:
            return False
        if act in (Action.NEXT_STEP, Action.PREVIOUS_STEP):
            bar = self._info.verticalScrollBar()
            bar.setValue(bar.value() + (1 if act is Action.NEXT_STEP else -1) * bar.pageStep())
            return True
        if act is Action.REFRESH:
            self.refresh.emit()
            return True
        return self._ways.perform(act, state.ways)
