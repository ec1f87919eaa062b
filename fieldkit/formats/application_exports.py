"""Exports of an app in CSV, XLSX or JSON, and mails with attachments (.eml): `fieldkit.ports.application_exports`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from functools import partial
from typing import Any

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.sheets import Cell, Sheet, SheetRow
from fieldkit.formats.csv_lists import MAX_CELLS, MAX_ROWS
from fieldkit.formats.target_sheets import MAX_FILE_BYTES, SpreadsheetFiles
from fieldkit.ports.application_exports import ComeFile

MOST_PARTS = 40
_MOST_WORDS = 4_000  # of the text of a mail
_LISTS = ("data", "rows", "items", "permohonan", "applications", "results")


class AppExports:
    """Tells an export by its content, a mail by its ending."""

    def __init__(self) -> None:
        self._sheets = SpreadsheetFiles()

    def read(self, name: str, content: bytes) -> tuple[Sheet, ...]:
        """Return the sheets that have rows. Raise `InputError`: `list.…`, `export.broken_json`."""
        if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{"):
            return (_json_sheet(name, content),)
        return self._sheets.read(name, content)

    def unpack(self, file: ComeFile) -> Sequence[ComeFile]:
        """Return the attachments of a mail with its subject and text, or the file itself."""
        if not file.name.lower().endswith(".eml"):
            return (file,)
        content = file.read()
        try:
            mail = BytesParser(policy=policy.default).parsebytes(content)
            words = f"{file.words} {mail['subject'] or ''} {_text(mail)}"
            parts = [part for part in mail.walk() if part.get_filename() and not part.is_multipart()]
            return [
                ComeFile(str(part.get_filename()), f"{part.get_filename()} {words}", partial(_payload, part))
                for part in parts[:MOST_PARTS]
            ]
        except (MessageError, LookupError, ValueError, AttributeError, TypeError) as error:
            raise InputError("export.broken_mail", name=file.name) from error


def _json_sheet(name: str, content: bytes) -> Sheet:
    if len(content) > MAX_FILE_BYTES:
        raise InputError("list.too_big", name=name, limit=MAX_FILE_BYTES // 1_000_000)
    if content.count(b"{") + content.count(b"[") > MAX_CELLS or content.count(b",") > 2 * MAX_CELLS:
        raise InputError("list.too_big_inside", name=name)
    try:
        read: Any = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError("export.broken_json", name=name) from error
    if isinstance(read, dict):
        read = next((read[key] for key in _LISTS if isinstance(read.get(key), list)), [read])
    rows = [row for row in read if isinstance(row, dict)] if isinstance(read, list) else []
    if not rows:
        raise InputError("list.no_rows", name=name)
    if len(rows) > MAX_ROWS:
        raise InputError("list.too_many_rows", name=name, limit=MAX_ROWS)
    header = list(dict.fromkeys(str(key) for row in rows for key in row))
    if len(header) * len(rows) > MAX_CELLS:
        raise InputError("list.too_big_inside", name=name)
    heads = SheetRow(1, tuple(header))
    return Sheet(name, (heads, *(SheetRow(no, _cells(row, header)) for no, row in enumerate(rows, 2))), is_text=True)


def _cells(row: dict[str, Any], header: Sequence[str]) -> tuple[Cell, ...]:
    """Return plain values; a list of file names becomes one text, anything deeper its JSON."""

    def cell(value: Any) -> Cell:
        if value is None or isinstance(value, bool | int | float):
            return value  # a NIK that is a number there lost no digit: JSON keeps whole ones
        if isinstance(value, str):
            return value.strip() or None
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return "; ".join(value)
        return json.dumps(value, ensure_ascii=False)

    told = (cell(row.get(name)) for name in header)
    return tuple(str(each) if isinstance(each, int) and not isinstance(each, bool) else each for each in told)


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain", "html"))
    return str(body.get_content())[:_MOST_WORDS] if body is not None else ""


def _payload(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
