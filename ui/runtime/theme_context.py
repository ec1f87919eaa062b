"""What every widget is given: the theme and the language in force, and what was picked lately."""

from __future__ import annotations

from dataclasses import dataclass, field

from ui.presenters.messages import Message
from ui.presenters.picking import Recent
from ui.runtime.i18n import Catalog
from ui.runtime.theme import Theme, Tokens


@dataclass(slots=True)
class Voice:
    """Whether the program speaks to the resident."""

    is_on: bool = False


@dataclass(frozen=True, slots=True)
class ThemeContext:
    """How things look, read and sound now."""

    theme: Theme
    catalog: Catalog
    recent: Recent = field(default_factory=Recent)
    voice: Voice = field(default_factory=Voice)

    @property
    def tokens(self) -> Tokens:
        """Return the tokens in force."""
        return self.theme.tokens

    def say(self, words: Message) -> str:
        """Return words in the language in force."""
        return self.catalog.say(words)
