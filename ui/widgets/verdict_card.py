"""What the signatures of a letter are worth, as one card."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.presenters.letters.verify_letter import SignatureShown, VerdictShown
from ui.runtime.theme_context import ThemeContext
from ui.widgets.card import Card
from ui.widgets.layout import column, row
from ui.widgets.presence import Pool, present
from ui.widgets.tag import TagLabel, TagRow
from ui.widgets.text import Role, Text


class VerdictCard(Card):
    """The word, what it means, and below it each signature."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._tag, self._heading = TagLabel(theming), Text(Role.TITLE, wraps=True)
        self._meaning = Text(wraps=True)
        signatures = column(gap=theming.tokens.space["md"])
        self._signatures = Pool(signatures.addWidget, lambda: _Signature(theming))
        self.body.setSpacing(theming.tokens.space["md"])
        self.body.addLayout(row((self._heading, 1), (self._tag, 0, Qt.AlignmentFlag.AlignTop)))
        self.body.addWidget(self._meaning)
        self.body.addLayout(signatures)

    def render_verdict(self, verdict: VerdictShown | None) -> None:
        """Show a verdict; nothing without one."""
        present(self, verdict is not None)
        if verdict is None:
            return
        say = self._theming.say
        self.set_tone(verdict.tone)
        self._tag.render_tag(verdict.tag)
        self._heading.show_text(say(verdict.title))
        self._meaning.show_text(say(verdict.meaning))
        self._signatures.show(verdict.signatures, _Signature.render_signature)


class _Signature(QWidget):
    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._signer, self._tags, self._line = Text(Role.SECTION, wraps=True), TagRow(theming), Text(wraps=True)
        column(self._signer, self._line, self._tags, on=self, gap=theming.tokens.space["xs"])

    def render_signature(self, shown: SignatureShown) -> None:
        self._signer.show_text(self._theming.say(shown.signer))
        self._tags.render_tags(shown.tags)
        self._line.show_text(self._theming.say(shown.line))
