"""What every widget is given: the theme and the language in force."""

from __future__ import annotations

from dataclasses import dataclass

from ui.presenters.words import Words
from ui.runtime.i18n import Phrases
from ui.runtime.theme import Theme, Tokens


@dataclass(frozen=True, slots=True)
class Look:
    """How things look and read now."""

    theme: Theme
    phrases: Phrases

    @property
    def tokens(self) -> Tokens:
        """Return the tokens in force."""
        return self.theme.tokens

    def say(self, words: Words) -> str:
        """Return words in the language in force."""
        return self.phrases.say(words)
