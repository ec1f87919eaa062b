"""Spreadsheets of target lists; the only foreign names behind it are those of the file formats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fieldkit.domain.targets.sheets import Sheet


class TargetSheets(Protocol):
    """Reads XLSX and CSV, writes XLSX. Nothing in a file is ever executed."""

    def read(self, name: str, content: bytes) -> tuple[Sheet, ...]:
        """Return the sheets that have rows. Raise `InputError` with one clear sentence for anything else."""
        ...

    def write(self, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
        """Return an XLSX of one sheet whose cells are all text, so that no number loses a digit."""
        ...
