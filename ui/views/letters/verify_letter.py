"""Periksa tanda tangan: name a file at the left, see it at the right."""

from __future__ import annotations

from ui.presenters.actions import Action
from ui.presenters.letters.verify_letter import VerifyLetterPresenter, VerifyLetterState
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.file_field import FileField
from ui.widgets.layout import SPRING, column, fill, row
from ui.widgets.letter_pages import PAGE_KEYS, LetterPages
from ui.widgets.text import Role, Text
from ui.widgets.verdict_card import VerdictCard


class VerifyLetterView(Screen[VerifyLetterState]):
    """Enter checks; PgDn and PgUp turn the pages."""

    own_keys = PAGE_KEYS

    def __init__(self, theming: ThemeContext, presenter: VerifyLetterPresenter) -> None:
        super().__init__(theming)
        space = theming.tokens.space
        self._title, self._path = Text(Role.TITLE, wraps=True), FileField(theming)
        self._note, self._verdict, self._pages = (
            Text(Role.MUTED, wraps=True),
            VerdictCard(theming),
            LetterPages(theming),
        )
        self._path.edited.connect(presenter.type_path)
        self._path.entered.connect(presenter.accept)
        asked = Card(theming)
        asked.body.setSpacing(space["md"])
        fill(asked.body, self._title, self._path, self._note)
        left = column(asked, self._verdict, SPRING, gap=space["md"])
        page(row((left, 3), (self._pages, 2), on=self.content), theming, "lg")
        self.setFocusProxy(self._path)

    def show_state(self, state: VerifyLetterState) -> None:
        """Show the file and its verdict."""
        say = self.theming.say
        self._title.show_text(say(message("tte.verify_title")))
        hint = message("tte.path_hint")
        self._path.render_field(message("tte.file"), state.path, problem=state.wrong or "", hint=hint)
        told = self.theming.catalog.explain(state.wrong) if state.wrong else None
        waiting = "" if state.verdict else say(message("tte.verdict_none"))
        self._note.show_text(f"{told.safe} {told.do}" if told else waiting or say(state.name))
        self._verdict.render_verdict(state.verdict)
        self._pages.render_pages(state.pages, state.name or message("tte.no_page"))
        take_keyboard(self)

    def perform(self, act: Action) -> bool:
        """Turn a page."""
        return self._pages.perform(act)
