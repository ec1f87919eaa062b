"""Sheets of paper that are no letters of the dinas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Sheet:
    """A paper as PDF, and its pages as PNG for a printer."""

    pdf: bytes = field(repr=False)
    pages: tuple[bytes, ...] = field(repr=False)


class Sheets(Protocol):
    """Renders them; any thread may ask."""

    def recovery(self, facts: Mapping[str, str]) -> Sheet:
        """Return the recovery sheet: `kit`, `dinas`, `user`, `name`, `at`, `code`."""
        ...
