"""What the core asks of letters: one data set in, a paper out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from fieldkit.ports.receipts import Receipt


class Documents(Protocol):
    """Renders letters by name (`bukti_perekaman`, …); the same fields give the same bytes. Any thread may ask."""

    def render(self, letter: str, fields: Mapping[str, object]) -> bytes:
        """Return a PDF/A-2b. Raise `InputError("letter.…")` when a field is missing or the letter is unknown."""
        ...

    def preview(self, letter: str, fields: Mapping[str, object]) -> Sequence[bytes]:
        """Return the pages as PNG, for the screen."""
        ...

    def sheets(self, letter: str, fields: Mapping[str, object]) -> Sequence[bytes]:
        """Return the pages as PNG, fine enough for a printer."""
        ...

    def receipt(self, letter: str, fields: Mapping[str, object]) -> Receipt:
        """Return a letter in the short form for a receipt printer. Raise `InputError` likewise."""
        ...

    def wording(self, letter: str) -> Mapping[str, Any]:
        """Return what a letter proposes to say: `title` and fields, text or lists of text with {names} to fill."""
        ...
