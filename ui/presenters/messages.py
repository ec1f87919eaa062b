"""Words that a presenter hands to a view: a key of the catalogue, or text that is nobody's to translate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from fieldkit.domain.errors import Problem
from fieldkit.ports.messages import ProblemText


@dataclass(frozen=True, slots=True)
class CatalogMessage:
    """A sentence of the catalogue and what fills it; built with `message()`."""

    key: str
    params: Mapping[str, str | int] = field(default_factory=dict)


Message: TypeAlias = CatalogMessage | Problem | str
"""A sentence to translate, a problem (its first sentence), or literal text: a name, a number. "" is nothing."""


def message(key: str, **params: str | int) -> CatalogMessage:
    """Return the message `key` with its parameters."""
    return CatalogMessage(key, params)


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
