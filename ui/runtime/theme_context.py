"""What every widget is given: the theme and the language in force, and what was picked lately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from fieldkit.domain.errors import Problem
from fieldkit.domain.shown import shown
from fieldkit.ports.messages import Messages, ProblemText
from ui.presenters.messages import CatalogMessage, Message
from ui.presenters.picking import Recent
from ui.runtime.theme import Theme, Tokens


class Catalog(QObject):
    """The catalogues of the program, one per language ("id", "en"); the first is where it starts."""

    changed = Signal()

    def __init__(self, catalogues: Mapping[str, Messages], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogues = catalogues
        self._language = next(iter(catalogues))

    @property
    def language(self) -> str:
        """Return the language in force."""
        return self._language

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages that have a catalogue."""
        return tuple(self._catalogues)

    def choose(self, language: str) -> None:
        """Change the language of the running program. Raise `KeyError` when it has no catalogue."""
        if language == self._language:
            return
        self._catalogues[language]
        self._language = language
        self.changed.emit()

    def choose_next(self) -> None:
        """Change to the next language."""
        self.choose(self.languages[(self.languages.index(self._language) + 1) % len(self.languages)])

    def say(self, words: Message) -> str:
        """Return words in the language in force, of literal text what is hidden in a line by its number."""
        if isinstance(words, CatalogMessage):
            return self._catalogues[self._language].text(words.key, **words.params)
        if isinstance(words, Problem):
            return self.explain(words).what
        return "\n".join(map(shown, words.split("\n")))

    def explain(self, problem: Problem) -> ProblemText:
        """Return what happened, what is safe and what to do."""
        return self._catalogues[self._language].problem(problem)


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
