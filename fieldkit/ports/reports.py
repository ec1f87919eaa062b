"""Spreadsheets of reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ReportSheet:
    """One table on its sheet: text stays text, numbers are numbers. `charted` is the column that a chart shows."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | None, ...], ...]
    charted: int | None = None


class ReportSheets(Protocol):
    """Writes XLSX."""

    def write(self, sheets: Sequence[ReportSheet], made_at: datetime) -> bytes:
        """Return an XLSX with one sheet per table."""
        ...
