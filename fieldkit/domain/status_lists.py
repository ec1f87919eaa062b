"""Lists of statuses out of the official application: which column says what, and what a row means for us."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import ClassVar

from fieldkit.domain.delivery import CentralCode, CentralStatus, follows, known_code, typed_code
from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import Nik
from fieldkit.domain.targets.columns import cell_text, guess_layout, head_meaning, number_text, plain_words
from fieldkit.domain.targets.sheets import Cell, CellError, Field, Layout, Reason, Sheet, SheetRow
from fieldkit.domain.typed import day_at_end

LISTED_IN_SIAK = "SIAK, daftar"  # the source of what a list says, as `TYPED_FROM_SIAK` of what a person typed

# What is kept: the list itself without its rows, and what it says of people who have no record here.


@dataclass(frozen=True, slots=True)
class NotedStatus:
    """What a list added: to a record, or to a target that has none; the other id is ""."""

    code: str
    record_id: str = ""
    target_id: str = ""


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list that was taken over. Its rows and its file are not kept: most people in it are on no list of ours."""

    KIND: ClassVar[str] = "status_list"

    thing_id: str
    activity_id: str  # "" for all
    name: str  # of the file, "" for pasted text
    sha256: str  # hex, of the file
    observed_at: datetime  # the end of the day that the list speaks of, or when it was taken over on that day
    taken_at: datetime
    by: str  # user_id
    counts: dict[str, int]  # `RowMeaning` → rows
    missing: int  # people on our lists whom the file does not name
    noted: tuple[NotedStatus, ...]
    taken_back_at: datetime | None = None

    @property
    def words(self) -> str:
        """The name of the file."""
        return self.name

    def status_of(self, noted: NotedStatus) -> CentralStatus:
        """Return the observation as it was added."""
        return CentralStatus(noted.code, LISTED_IN_SIAK, self.observed_at, self.name)


@dataclass(frozen=True, slots=True)
class SeenStatuses:
    """What was seen in the official application of a target without a sealed record here, oldest first."""

    KIND: ClassVar[str] = "seen_statuses"

    thing_id: str  # target_id
    activity_id: str
    statuses: tuple[CentralStatus, ...]

    @property
    def words(self) -> str:
        """Nothing: a status is not searched for by words."""
        return ""


@dataclass(frozen=True, slots=True)
class CopiedNiks:
    """Whose numbers of an activity were copied to be looked up in SIAK, and when last."""

    KIND: ClassVar[str] = "copied_niks"

    thing_id: str  # activity_id
    activity_id: str
    at: dict[str, datetime]  # by target_id

    @property
    def words(self) -> str:
        """Nothing that anybody searches for."""
        return ""


# What a row means beside what is known. Every row of a file has exactly one meaning.


class RowMeaning(StrEnum):
    """The meaning of a row, what is to be taken over first."""

    NEW = "new"
    BACKWARDS = "backwards"  # a step that lies behind the one known: taken over when somebody says so
    OLDER = "older"  # than what is known
    CONTRADICTED = "contradicted"  # the person stands twice in the file, with different statuses
    UNCHANGED = "unchanged"
    REPEATED = "repeated"  # a further row that says the same of the same person
    SILENT = "silent"  # the person without a status
    NOT_OURS = "not_ours"
    REFUSED = "refused"
    SKIPPED = "skipped"  # no person: a title, a total, a head of the next page


@dataclass(frozen=True, slots=True)
class StatusRow:
    """A row of a list. `nik` is "" where none could be read; `why` is the key of what was refused or skipped."""

    number: int
    nik: str
    code: str  # known ones as `typed_code` writes them, strangers verbatim
    meaning: RowMeaning
    why: str = ""


def same_code(one: str, other: str) -> bool:
    """Return whether two writings mean the same code."""
    return (known_code(one) or one) == (known_code(other) or other)


def goes_back(before: str, after: str) -> bool:
    """Return whether a code lies behind another on the way; lists skip steps, so a step ahead is never odd."""
    known, arrived = known_code(before), known_code(after)
    order = list(CentralCode)
    return (
        known is not None
        and arrived is not None
        and order.index(arrived) < order.index(known)
        and not follows(before, after)
    )


def meaning_beside(history: Sequence[CentralStatus], code: str, on: date, zone: tzinfo | None) -> RowMeaning:
    """Return what a code seen on a day means after everything that is known of its person."""
    if not history:
        return RowMeaning.NEW
    last = history[-1]
    if same_code(last.code, code):
        return RowMeaning.UNCHANGED
    if on < last.observed_at.astimezone(zone).date():
        return RowMeaning.OLDER
    return RowMeaning.BACKWARDS if goes_back(last.code, code) else RowMeaning.NEW


# Which column holds the NIK and which the status: by their words, and by their values where words do not tell.

_NO_VALUE = frozenset({"", "NULL", "-", "–", "NIHIL"})
_MOST = 0.8  # of the values of a column that decide what it means
_LOOKED_AT = 40  # rows in which a head or the first NIK is looked for
_SAMPLE = 400  # rows whose values are looked at
# Heads of a status, the more exact ones first; those in one line are equally exact.
_HEADS = (
    ("current status code", "ektp status", "status ektp", "kode status"),
    ("stat rkm", "status rekam", "status perekaman", "stat rekam", "status ktp el", "status siak"),
    ("ktpel", "ktp el", "status ktp"),
)
_RANK = {words: rank for rank, line in enumerate(_HEADS) for words in line}
_UNRANKED = len(_HEADS)


def status_text(cell: Cell) -> str:
    """Return what a cell says as a status, "" for nothing: known codes in their own writing, strangers verbatim."""
    text = cell_text(cell)
    return "" if text.upper() in _NO_VALUE else typed_code(text)


def read_nik(cell: Cell) -> Nik:
    """Return the NIK of a cell. Raise `CellError` for one that a spreadsheet cut, `InputError` for what is no NIK."""
    digits = number_text(cell)
    if len(digits) == 15 and digits.isdigit():
        raise CellError(Reason.LOST_DIGITS)  # SIAK never writes 15: never repaired
    return Nik.parse(digits)


def guess_statuses(sheets: Sequence[Sheet]) -> Layout:
    """Return where NIK and status stand; what may be either is `unsure`, for a person to say.

    A list without a head is read by its values. Raise `InputError("siak.no_nik")` where no sheet has a NIK.
    """
    try:
        layout = guess_layout(sheets)
    except InputError:
        layout = None
    if layout is None or not layout.has(Field.NIK):
        layout = next(filter(None, (_headed(at, sheet) or _bare(at, sheet) for at, sheet in enumerate(sheets))), None)
    if layout is None:
        raise InputError("siak.no_nik", name=sheets[0].name)
    return _with_status(layout, sheets[layout.sheet])


def check_statuses(layout: Layout, code: str) -> None:
    """Raise `InputError` while a column is missing without which nobody is told apart or nothing is said of them."""
    if not layout.has(Field.NIK):
        raise InputError("siak.which_nik")
    if not code and not layout.has(Field.STATUS):
        raise InputError("siak.which_status")


def _headed(at: int, sheet: Sheet) -> Layout | None:
    """Return the layout of a list whose only known head is that of the NIK."""
    for row, line in enumerate(sheet.rows[:_LOOKED_AT]):
        known = [head_meaning(str(cell)) if isinstance(cell, str) else None for cell in line.cells]
        niks = [place for place, meaning in enumerate(known) if meaning is not None and meaning[1] is Field.NIK]
        if len(niks) == 1:
            return Layout(at, tuple(str(cell or "") for cell in line.cells), row + 1, {Field.NIK: niks[0]})
    return None


def _bare(at: int, sheet: Sheet) -> Layout | None:
    """Return the layout of rows without a head, as somebody pastes them."""
    counts: dict[int, int] = {}
    for row in sheet.rows[:_SAMPLE]:
        for place, cell in enumerate(row.cells):
            counts[place] = counts.get(place, 0) + _is_nik(cell)
    most = max(counts.values(), default=0)
    if not most:
        return None
    places = tuple(place for place, count in counts.items() if count >= _MOST * most)
    found = {Field.NIK: places[0]} if len(places) == 1 else {}
    first = next(number for number, row in enumerate(sheet.rows) if any(map(_is_nik, row.cells)))
    header = tuple(f"({place + 1})" for place in range(max(len(row.cells) for row in sheet.rows)))
    return Layout(at, header, first, found, () if found else places)


def _is_nik(cell: Cell) -> bool:
    try:
        read_nik(cell)
    except CellError as error:
        return error.reason is Reason.LOST_DIGITS
    except InputError:
        return False
    return True


def _with_status(layout: Layout, sheet: Sheet) -> Layout:
    """Return the layout with the column of the status.

    Values decide: a column is one whose values are nearly all known words. Of several the one with the more exact head
    is taken, or one that says the same as the others in each row.
    """
    rows = sheet.rows[layout.first_row :][:_SAMPLE]
    width = max((len(row.cells) for row in rows), default=0)
    header = layout.header + ("",) * (width - len(layout.header))
    said = {at: [status_text(_cell(row, at)) for row in rows] for at in range(width)}
    found = [at for at in said if at != layout.columns.get(Field.NIK) and _is_known(said[at])]
    ranks = {at: _RANK.get(plain_words(header[at].split("\n")[-1]), _UNRANKED) for at in range(width)}
    if not found:  # strangers stand in a column only where its head says that they are statuses
        found = [at for at in said if ranks[at] < _UNRANKED and any(said[at])]
    best = min((ranks[at] for at in found), default=0)
    first = [at for at in found if ranks[at] == best]
    if first and (len(first) == 1 or all(said[at] == said[first[0]] for at in first)):
        return replace(layout, header=header, columns={**layout.columns, Field.STATUS: first[0]})
    unsure = tuple(found) or tuple(at for at in layout.unsure if at in said)
    return replace(layout, header=header, unsure=unsure)


def _is_known(said: Iterable[str]) -> bool:
    codes = [code for code in said if code]
    return bool(codes) and sum(known_code(code) is not None for code in codes) >= _MOST * len(codes)


def _cell(row: SheetRow, at: int) -> Cell:
    return row.cells[at] if at < len(row.cells) else None


def cut_lines(sheets: Sequence[Sheet]) -> tuple[Sheet, ...]:
    """Return sheets in which a line of one cell, as people paste them, is NIK and what stands after it."""
    return tuple(replace(sheet, rows=tuple(map(_cut, sheet.rows))) if _is_narrow(sheet) else sheet for sheet in sheets)


_NIK_FIRST = re.compile(r"\s*(?:\d{1,4}[.)]\s+)?['’]?(\d{16})\b[\s:,;=\-–]*(.*)", re.DOTALL)


def _is_narrow(sheet: Sheet) -> bool:
    return all(len(row.cells) == 1 for row in sheet.rows)


def _cut(row: SheetRow) -> SheetRow:
    found = _NIK_FIRST.fullmatch(row.cells[0]) if isinstance(row.cells[0], str) else None
    return replace(row, cells=(found[1], found[2].strip() or None)) if found else row


# The day that a list speaks of: in its name, in the name of a sheet, or in what stands above its head.

_ISO = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")


def day_of_list(name: str, sheet: Sheet, layout: Layout, today: date) -> date | None:
    """Return the one day that a list names, None where it names none, several, or one to come: then it is asked."""
    above = (cell for row in sheet.rows[: layout.first_row] for cell in row.cells)
    days = {day for cell in (name.rpartition(".")[0], sheet.name, *above) for day in _days(cell)}
    return days.pop() if len(days) == 1 and max(days) <= today else None


def _days(cell: Cell) -> Iterator[date]:
    if isinstance(cell, datetime):
        yield cell.date()
    elif isinstance(cell, date):
        yield cell
    elif isinstance(cell, str):
        for year, month, day in ((int(part) for part in found) for found in _ISO.findall(cell)):
            yield from _real(year, month, day)
        found = day_at_end(cell)
        if found is not None:
            (day, month, year), _ = found
            yield from _real(year, month, day)


def _real(year: int, month: int, day: int) -> Iterator[date]:
    try:
        if year >= 2000:  # a year of two digits, and a day of birth, are no day of a list
            yield date(year, month, day)
    except ValueError:
        return
