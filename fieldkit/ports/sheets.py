"""Sheets of paper that are no letters of the dinas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    def spare_codes(self, facts: Mapping[str, str], codes: Sequence[str]) -> Sheet:
        """Return the spare codes of a second factor: `kit`, `dinas`, `user`, `name`, `at`, and the codes."""
        ...

    def qr(self, line: str) -> bytes:
        """Return a line as QR code: PNG, black on white with its margin."""
        ...
