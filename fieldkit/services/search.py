"""The search that reaches everything: people, letters, documents and applications by the beginnings of their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fieldkit.domain.applications import Application
from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.events import Thing
from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.planning.outreach import Target
from fieldkit.services.unit_of_work import UnitsOfWork

_KINDS: tuple[type[Thing], ...] = (Letter, CardCase, Application)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a text finds, of each kind the newest first."""

    people: Sequence[Target] = ()
    letters: Sequence[Letter] = ()
    documents: Sequence[CardCase | Application] = ()


class SearchEverything:
    """Reads for every role: what a role may do with a result, the screen says that opens it."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def find(self, text: str, limit: int) -> SearchResult:
        """Return up to `limit` of each kind; a text without words finds nothing."""
        if not text.strip():
            return SearchResult()
        with self._units.read() as unit:
            people, things = unit.targets.named(text, limit), unit.search(_KINDS, text, limit)
        letters = [thing for thing in things if isinstance(thing, Letter)]
        documents = [thing for thing in things if isinstance(thing, CardCase | Application)]
        return SearchResult(people, letters, documents[:limit])
