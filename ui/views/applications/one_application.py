"""One permohonan: who and how far at the left, what is to do at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal

from ui.presenters.actions import Action
from ui.presenters.applications.one_application import OneApplicationState
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.views.timeline_screen import TimelineScreen
from ui.widgets.card import Card
from ui.widgets.lines import LineList
from ui.widgets.presence import present
from ui.widgets.text import Role, Text

_LINE = 46
_MOST_LINES, _MANY_WAYS = 4, 5  # where much can be done, one paper less is in sight


class OneApplicationView(TimelineScreen[OneApplicationState]):
    """Space ticks a paper, the digits and Enter do what the panel offers."""

    tick = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._time = Text(Role.SECTION)
        self._paper_head, self._papers = Text(Role.STRONG), LineList(theming)
        self._papers.toggled.connect(self.tick)
        self._head.addWidget(self._time, 0, Qt.AlignmentFlag.AlignBottom)
        card = Card(theming)
        for part in (self._now_card, self._paper_head, self._papers):
            card.body.addWidget(part)
        card.body.addWidget(self.scrolling_facts(), 1)
        card.body.addWidget(self._ways)
        self.lay_out(card)
        self._has_papers: bool | None = None

    def show_state(self, state: OneApplicationState) -> None:
        """Show the application."""
        super().show_state(state)
        self._time.setText(self.theming.say(state.time))
        self._time.set_tone(Tone.BAD if state.is_slow else Tone.NEUTRAL)
        self._now.setText(self.theming.say(state.now))
        self._now_card.set_tone(state.now_tone)
        self._show_papers(state)
        self._facts.render_facts(state.facts)
        self._ways.render_ways(state.ways)

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

    def perform(self, act: Action) -> bool:
        """Do what a digit means."""
        return super().perform(act) or (self.state is not None and self._ways.perform(act, self.state.ways))
