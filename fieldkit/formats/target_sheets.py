"""Target lists in XLSX, XLS, ODS, CSV, HTML and JSON: `fieldkit.ports.documents.TargetSheets`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.sheets import Sheet

MAX_FILE_BYTES = 20_000_000
_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-"


class SpreadsheetFiles:
    """Tells a file by its content, never by its name."""

    def read(self, name: str, content: bytes) -> tuple[Sheet, ...]:
        """Return the sheets that have rows.

        Raise `InputError`: `list.empty_file`, `list.too_big`, `list.locked`, `list.pdf`, `list.broken`,
        `list.not_a_list`, `list.too_big_inside`, `list.too_many_rows`, `list.no_rows`.
        """
        if not content:
            raise InputError("list.empty_file", name=name)
        if len(content) > MAX_FILE_BYTES:
            raise InputError("list.too_big", name=name, limit=MAX_FILE_BYTES // 1_000_000)
        if content.startswith(_PDF):
            raise InputError("list.pdf", name=name)
        sheets = _reader_of(content)(name, content)
        found = tuple(sheet for sheet in sheets if sheet.rows)
        if not found:
            raise InputError("list.no_rows", name=name)
        return found

    def write(self, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
        """Return an XLSX of one sheet whose cells are all text."""
        from fieldkit.formats.xlsx_lists import write_xlsx

        return write_xlsx(title, header, rows)


def _reader_of(content: bytes) -> Callable[[str, bytes], tuple[Sheet, ...]]:
    """Return what reads a file; each reader is imported for a file of its kind only."""
    if content.startswith(_OLE):
        from fieldkit.formats.xlsx_lists import read_xls

        return read_xls
    if content.startswith(_ZIP):
        from fieldkit.formats.ods_lists import MIMETYPE, read_ods
        from fieldkit.formats.xlsx_lists import read_xlsx

        return read_ods if MIMETYPE in content[:200] else read_xlsx  # its type lies first, and is not packed
    from fieldkit.formats.text_lists import is_html, is_json, read_html, read_json_list

    if is_html(content):
        return read_html
    if is_json(content):
        return read_json_list
    from fieldkit.formats.csv_lists import read_csv

    return read_csv
