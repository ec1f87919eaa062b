"""One permohonan: who and how far at the left, what is to do at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt

from ui.presenters.actions import Action
from ui.presenters.applications.one_application import OneApplicationPresenter, OneApplicationState
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.views.timeline_screen import TimelineScreen
from ui.widgets.card import Card
from ui.widgets.layout import fill
from ui.widgets.text import Role, Text


class OneApplicationView(TimelineScreen[OneApplicationState]):
    """The digits and Enter do what the panel offers."""

    def __init__(self, theming: ThemeContext, presenter: OneApplicationPresenter) -> None:
        super().__init__(theming, presenter)
        self._time = Text(Role.SECTION)
        self._head.addWidget(self._time, 0, Qt.AlignmentFlag.AlignBottom)
        card = Card(theming)
        fill(card.body, self._now_card, (self.scrolling_facts(), 1), self._ways)
        self.lay_out(card)
        self.setFocusProxy(self._timeline)

    def show_state(self, state: OneApplicationState) -> None:
        """Show the application."""
        super().show_state(state)
        self._time.setText(self.theming.say(state.time))
        self._time.set_tone(Tone.BAD if state.is_slow else Tone.NEUTRAL)
        self._now.setText(self.theming.say(state.now))
        self._now_card.set_tone(state.now_tone)
        self._facts.render_facts(state.facts)
        self._ways.render_ways(state.ways)

    def perform(self, act: Action) -> bool:
        """Do what a digit means."""
        return super().perform(act) or (self.state is not None and self._ways.perform(act, self.state.ways))
