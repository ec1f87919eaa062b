"""The catalogue in the language of the window, for services that write words into files."""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.domain.errors import Problem
from fieldkit.ports.messages import ProblemText
from ui.presenters.messages import CatalogMessage, Message


class Spoken:
    """Implements `Messages` by what a window says."""

    def __init__(self, say: Callable[[Message], str], explain: Callable[[Problem], ProblemText]) -> None:
        self._say, self._explain = say, explain

    def text(self, key: str, /, **params: str | int) -> str:
        """Return the sentence of a key."""
        return self._say(CatalogMessage(key, params))

    def problem(self, problem: Problem) -> ProblemText:
        """Return the sentences of a problem."""
        return self._explain(problem)
