"""Words that a presenter hands to a view: a key of the catalogue, or text that is nobody's to translate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from fieldkit.domain.errors import Problem


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
