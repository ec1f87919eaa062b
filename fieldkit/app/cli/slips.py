"""Enrolment slips: one on the screen, or many for a table of kits, on sheets to be printed and cut."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fieldkit.app.bootstrap.slip import lines_of
from fieldkit.app.cli.private_files import demand_free, write_private
from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import checked_id
from fieldkit.domain.people.slip import Slip

if TYPE_CHECKING:
    from datetime import datetime

_HEADS = (("kit", "laptop"), ("admin", "user", "id admin"))
_MOST = 2_000


def kits_in(file: Path) -> Sequence[tuple[str, str]]:
    """Return kit and admin of each row; a head row names the columns, else they are the first two.

    Raise `InputError` `cli.unreadable`, `slips.row` (row), `slips.twice` (kit), `slips.none`.
    """
    lines = [line.lstrip("\ufeff") for line in lines_of(file)]
    between = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
    columns, found = (0, 1), dict[str, str]()
    for number, row in enumerate(csv.reader(lines, delimiter=between), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        heads = [cell.casefold() for cell in cells]
        named = [next((at for at, head in enumerate(heads) if head in words), None) for words in _HEADS]
        if not found and named[0] is not None and named[1] is not None:
            columns = (named[0], named[1])
            continue
        if len(cells) <= max(columns) or not all(cells[at] for at in columns) or len(found) >= _MOST:
            raise InputError("slips.row", row=number, file=file.name)
        kit, admin = (cells[at] for at in columns)
        if kit in found:
            raise InputError("slips.twice", kit=kit, row=number)
        found[kit] = checked_id(admin)
    if not found:
        raise InputError("slips.none", file=file.name)
    return list(found.items())


def demand_sheet(sheet: Path) -> None:
    """Raise `InputError` `cli.exists` when a file is there already: no codes are made for nothing."""
    demand_free(sheet.parent, [sheet.name])


def print_sheet(sheet: Path, dinas: str, slips: Sequence[Slip], until: datetime) -> int:
    """Write the slips as one PDF that only its owner may read; return its pages. Raise `OSError`."""
    from fieldkit.documents.sheets import TypstSheets

    made = TypstSheets().slips(dinas, slips, until)
    write_private(sheet.parent, {sheet.name: made.pdf})
    return len(made.pages)


def make_slips(kits: Sequence[tuple[str, str]], make: Callable[[str, str], Slip]) -> Sequence[Slip]:
    """Make a code for each kit. Raise `InputError`; codes that were made before stay good, and may be made again."""
    return [make(kit, admin) for kit, admin in kits]
