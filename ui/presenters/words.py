"""Words that a presenter hands to a view: a key of the catalogue, or text that is nobody's to translate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from fieldkit.domain.errors import Problem


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence of the catalogue and what fills it; built with `phrase()`."""

    key: str
    params: Mapping[str, str | int] = field(default_factory=dict)


Words: TypeAlias = Phrase | Problem | str
"""A phrase to translate, a problem (its first sentence), or literal text: a name, a number. "" is nothing."""


def phrase(key: str, **params: str | int) -> Phrase:
    """Return the phrase `key` with its parameters."""
    return Phrase(key, params)
