"""XML of a spreadsheet whose elements are counted while its bytes come, before a parser makes anything of them.

A parser keeps the elements of a row until its end, and what it does not know until the end of all: megabytes of them
become gigabytes.
"""

from __future__ import annotations

import re
import zipfile
from typing import IO

from fieldkit.domain.errors import InputError
from fieldkit.formats.csv_lists import MAX_CELLS

MAX_BLANK_ROWS = 1_100_000  # Excel has 1,048,576, and formats them all at times
MAX_OTHERS = 500_000  # elements that are neither row, cell nor what stands in a cell
MAX_RUN = 100_000  # elements of one row or one text; a row has 16,384 cells
MAX_WHOLE_BYTES = 8_000_000  # of a part that is read as one: styles, relations
_FIRST = re.compile(rb"<(\w+:)?(?:worksheet|sst)\b")


class BoundedArchive(zipfile.ZipFile):
    """An archive whose parts are read as one only while they are small."""

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        """Return a part. Raise `InputError("list.too_big_inside")`."""
        if self.getinfo(name if isinstance(name, str) else name.filename).file_size > MAX_WHOLE_BYTES:
            raise InputError("list.too_big_inside", name=str(self.filename or ""))
        return super().read(name, pwd)


class CountedXml:
    """A part that is read in pieces; `read` raises `InputError("list.too_big_inside")` once there is too much in it."""

    def __init__(self, source: IO[bytes], name: str) -> None:
        self._source, self._name = source, name
        self._prefix: bytes | None = None
        self._rows = self._cells = self._insides = self._tags = self._run = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, counted."""
        piece = self._source.read(size if size > 0 else 1 << 16)
        if self._prefix is None:
            first = _FIRST.search(piece)
            self._prefix = (first.group(1) or b"") if first else b""
        rows = self._count(piece, b"row") + self._count(piece, b"si")
        tags = piece.count(b"<") - piece.count(b"</")
        self._rows += rows
        self._tags += tags
        self._cells += self._count(piece, b"c")
        self._insides += sum(self._count(piece, tag) for tag in (b"v", b"is", b"t", b"f", b"r"))
        self._run = 0 if rows else self._run + tags
        others = self._tags - self._rows - self._cells - self._insides
        if (
            self._cells > MAX_CELLS
            or self._rows > MAX_BLANK_ROWS
            or others > MAX_OTHERS
            or self._run > MAX_RUN
            or self._insides > 4 * MAX_CELLS
        ):
            raise InputError("list.too_big_inside", name=self._name)
        return piece

    def _count(self, piece: bytes, tag: bytes) -> int:
        begin = b"<" + (self._prefix or b"") + tag
        return piece.count(begin + b" ") + piece.count(begin + b">") + piece.count(begin + b"/")
