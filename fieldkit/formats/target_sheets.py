"""Target lists in XLSX and CSV: `fieldkit.ports.target_lists.TargetSheets`."""

from __future__ import annotations

from collections.abc import Sequence

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.sheets import Sheet

MAX_FILE_BYTES = 20_000_000
_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-"


class SpreadsheetFiles:
    """Tells a file by its content, never by its name."""

    def read(self, name: str, content: bytes) -> tuple[Sheet, ...]:
        """Return the sheets that have rows.

        Raise `InputError`: `list.empty_file`, `list.too_big`, `list.old_excel`, `list.opendocument`, `list.pdf`,
        `list.broken`, `list.not_a_list`, `list.no_rows`.
        """
        if not content:
            raise InputError("list.empty_file", name=name)
        if len(content) > MAX_FILE_BYTES:
            raise InputError("list.too_big", name=name, limit=MAX_FILE_BYTES // 1_000_000)
        if content.startswith(_OLE):
            raise InputError("list.old_excel", name=name)
        if content.startswith(_PDF):
            raise InputError("list.pdf", name=name)
        if content.startswith(_ZIP):
            from fieldkit.formats.xlsx_lists import read_xlsx

            sheets = read_xlsx(name, content)
        else:
            from fieldkit.formats.csv_lists import read_csv

            sheets = read_csv(name, content)
        found = tuple(sheet for sheet in sheets if sheet.rows)
        if not found:
            raise InputError("list.no_rows", name=name)
        return found

    def write(self, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
        """Return an XLSX of one sheet whose cells are all text."""
        from fieldkit.formats.xlsx_lists import write_xlsx

        return write_xlsx(title, header, rows)
