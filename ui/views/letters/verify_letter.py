"""Periksa tanda tangan: name a file at the left, see it at the right."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ui.presenters.acts import Act
from ui.presenters.letters.verify_letter import VerifyLetterState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.focus import take_keyboard
from ui.views.layout import bare, page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.field import TextField
from ui.widgets.letter_pages import LetterPages
from ui.widgets.text import Role, Text
from ui.widgets.verdict_card import VerdictCard

_STEPS = {Act.NEXT_STEP: 1, Act.PREVIOUS_STEP: -1}


class VerifyLetterView(Screen[VerifyLetterState]):
    """Enter checks; PgDn and PgUp turn the pages."""

    accept = Signal()
    type_path = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        space = look.tokens.space
        self._title, self._path = Text(Role.TITLE, wraps=True), TextField(look, max_length=4096)
        self._note, self._verdict, self._pages = Text(Role.MUTED, wraps=True), VerdictCard(look), LetterPages(look)
        self._path.edited.connect(self.type_path)
        self._path.entered.connect(self.accept)
        asked = Card(look)
        asked.body.setSpacing(space["md"])
        for widget in (self._title, self._path, self._note):
            asked.body.addWidget(widget)
        left = bare(QVBoxLayout(), space["md"])
        left.addWidget(asked)
        left.addWidget(self._verdict)
        left.addStretch(1)
        row = page(QHBoxLayout(self.content), look)
        row.setSpacing(space["lg"])
        row.addLayout(left, 3)
        row.addWidget(self._pages, 2)
        self.setFocusProxy(self._path)

    def show_state(self, state: VerifyLetterState) -> None:
        """Show the file and its verdict."""
        say = self.look.say
        self._title.show_text(say(phrase("tte.verify_title")))
        hint = phrase("tte.path_hint")
        self._path.render_field(phrase("tte.file"), state.path, problem=state.wrong or "", hint=hint)
        told = self.look.phrases.explain(state.wrong) if state.wrong else None
        waiting = "" if state.verdict else say(phrase("tte.verdict_none"))
        self._note.show_text(f"{told.safe} {told.do}" if told else waiting or say(state.name))
        self._verdict.render_verdict(state.verdict)
        self._pages.render_pages(state.pages, state.name or phrase("tte.no_page"))
        take_keyboard(self)

    def perform(self, act: Act) -> bool:
        """Turn a page."""
        if act not in _STEPS:
            return False
        self._pages.turn(_STEPS[act])
        return True
