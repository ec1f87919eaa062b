"""CSV as spreadsheet programs write it: encoding and delimiter are found out, cells stay text."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from unicodedata import category

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.sheets import Sheet, SheetRow

MAX_ROWS = 100_000
MAX_CELLS = 1_500_000
_DELIMITERS = (";", ",", "\t", "|")
_LOOKED_AT = 200  # rows, to find the delimiter
_UNSEEN = ("Zs", "Cf")  # hard blanks and marks without width, as copied from a web page: no letters, yet text
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_csv(name: str, content: bytes) -> tuple[Sheet, ...]:
    """Return the one sheet of a CSV file. Raise `InputError`: `list.not_a_list`, `list.too_big_inside` and the like."""
    text = decoded(name, content)
    text, stated = _stated_delimiter(text)
    try:
        if max(map(text.count, stated or "".join(_DELIMITERS))) > MAX_CELLS:
            raise InputError("list.too_big_inside", name=name)
        delimiter = stated or _best_delimiter(text)
        rows = list[SheetRow]()
        for number, row in enumerate(_reader(text, delimiter), 2 if stated else 1):
            if any(cell.strip() for cell in row):
                if len(rows) == MAX_ROWS:
                    raise InputError("list.too_many_rows", name=name, limit=MAX_ROWS)
                rows.append(SheetRow(number, tuple(cell.strip() or None for cell in row)))
    except csv.Error as error:
        raise InputError("list.not_a_list", name=name) from error
    return (Sheet(name, tuple(rows), is_text=True),)


def decoded(name: str, content: bytes) -> str:
    """Return the text of a file. Windows' own encoding comes last: it takes nearly any bytes for letters."""
    encodings = [encoding for bom, encoding in _BOMS if content.startswith(bom)] or ["utf-8", "cp1252"]
    if (zeros := content[:2_000].count(0)) > len(content[:2_000]) // 4 and "utf-16" not in encodings:
        encodings = ["utf-16-le" if content[1:2_000:2].count(0) * 2 > zeros else "utf-16-be"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(letter.isprintable() or letter in "\r\n\t" or category(letter) in _UNSEEN for letter in text[:20_000]):
            return text
    raise InputError("list.not_a_list", name=name)


def _stated_delimiter(text: str) -> tuple[str, str]:
    """Excel writes "sep=;" into the first line at times."""
    first, _, rest = text.partition("\n")
    first = first.strip().strip('"')
    if first.lower().startswith("sep=") and len(first) == 5:
        return rest, first[4]
    return text, ""


def _best_delimiter(text: str) -> str:
    """Return the delimiter that cuts the most rows into the same number of columns, above one."""

    def agreement(delimiter: str) -> int:
        widths = Counter(len(row) for row in islice(_reader(text, delimiter), _LOOKED_AT) if row)
        return max(((width - 1) * rows for width, rows in widths.items()), default=0)

    return max(_DELIMITERS, key=agreement)


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
