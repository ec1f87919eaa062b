"""One kegiatan: head and timeline at the left, the step under the cursor at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.presenters.actions import Action
from ui.presenters.parts import Tone
from ui.presenters.planning.activity import ActivityPresenter, ActivityState
from ui.presenters.planning.sop_figures import StepPanel
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.timeline_screen import TimelineScreen
from ui.widgets.card import Card
from ui.widgets.layout import fill, row
from ui.widgets.numbers import NumberRow
from ui.widgets.presence import present
from ui.widgets.tag import TagLabel
from ui.widgets.text import Role, Text


class ActivityView(TimelineScreen[ActivityState]):
    """Enter does what the panel offers first, the digits all of it."""

    def __init__(self, theming: ThemeContext, presenter: ActivityPresenter) -> None:
        super().__init__(theming, presenter)
        self._numbers = NumberRow(theming)
        self._step_title, self._step_tag, self._step_words = Text(Role.SECTION), TagLabel(theming), Text(wraps=True)
        self._now_card.set_tone(Tone.SOFT)
        self._head.addWidget(self._numbers, 2)
        self.lay_out(self._panel())
        self._steps.body.addStretch(0)
        self._timeline.chosen.connect(presenter.choose_step)
        self.setFocusProxy(self._timeline)

    def _panel(self) -> QWidget:
        card = Card(self.theming)
        head = row((self._step_title, 1), self._step_tag, gap=self.theming.tokens.space["sm"])
        fill(card.body, head, self._now_card, (self.scrolling_facts(self._step_words), 1), self._ways)
        return card

    def show_state(self, state: ActivityState) -> None:
        """Show the activity."""
        super().show_state(state)
        self._numbers.render_numbers(state.numbers)
        present(self._timeline, bool(state.steps))
        if state.panel is not None:
            self._show_panel(state.panel)
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

    def perform(self, act: Action) -> bool:
        """Do what a digit means."""
        panel = self.state.panel if self.state is not None else None
        return super().perform(act) or (panel is not None and self._ways.perform(act, panel.ways))
