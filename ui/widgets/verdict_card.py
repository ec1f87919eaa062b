"""What the signatures of a letter are worth, as one card."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.presenters.letters.verdict_messages import SignatureShown, VerdictShown
from ui.runtime.theme_context import ThemeContext
from ui.widgets.card import Card
from ui.widgets.presence import present
from ui.widgets.tag import TagLabel, TagRow
from ui.widgets.text import Role, Text


class VerdictCard(Card):
    """The word, what it means, and below it each signature."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._tag, self._heading = TagLabel(theming), Text(Role.TITLE, wraps=True)
        self._meaning = Text(wraps=True)
        self._signatures = QVBoxLayout()
        self._signatures.setSpacing(theming.tokens.space["md"])
        self._blocks: list[_Signature] = []
        self.body.setSpacing(theming.tokens.space["md"])
        head = QHBoxLayout()
        head.addWidget(self._heading, 1)
        head.addWidget(self._tag, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(head)
        self.body.addWidget(self._meaning)
        self.body.addLayout(self._signatures)

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
        while len(self._blocks) < len(verdict.signatures):
            self._blocks.append(_Signature(self._theming))
            self._signatures.addWidget(self._blocks[-1])
        for at, block in enumerate(self._blocks):
            present(block, at < len(verdict.signatures))
            if at < len(verdict.signatures):
                block.render_signature(verdict.signatures[at])


class _Signature(QWidget):
    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._signer, self._tags, self._line = Text(Role.SECTION, wraps=True), TagRow(theming), Text(wraps=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theming.tokens.space["xs"])
        for widget in (self._signer, self._line, self._tags):
            column.addWidget(widget)

    def render_signature(self, shown: SignatureShown) -> None:
        self._signer.show_text(self._theming.say(shown.signer))
        self._tags.render_tags(shown.tags)
        self._line.show_text(self._theming.say(shown.line))
