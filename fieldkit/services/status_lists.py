"""Statuses by NIK: lists out of the official application come in, and the numbers that are looked up there go out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, tzinfo
from hashlib import sha256

from fieldkit.domain.delivery import CODE_LIMIT, CentralStatus, QueueEntry, known_code
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people import Permission
from fieldkit.domain.status_lists import (
    NotedStatus,
    RowMeaning,
    SeenStatuses,
    StatusList,
    StatusRow,
    check_statuses,
    cut_lines,
    day_of_list,
    guess_statuses,
    meaning_beside,
    read_nik,
    status_text,
)
from fieldkit.domain.targets.columns import NO_FAMILY, read_family
from fieldkit.domain.targets.sheets import Cell, CellError, Field, Layout, Sheet, SheetRow
from fieldkit.ports.documents import TargetSheets
from fieldkit.ports.recording import NikKey
from fieldkit.ports.repositories import Repository
from fieldkit.ports.store import Unit
from fieldkit.services.sop.run_sop import statuses_noted
from fieldkit.services.targets.import_targets import are_rounded, no_person
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

PASTED = "tempelan"  # the name of pasted text, where a file has its own
_END_OF_DAY = time(23, 59)


@dataclass(frozen=True, slots=True)
class StatusFile:
    """A list as it was read. Nothing of it is kept."""

    name: str
    sha256: str
    sheets: tuple[Sheet, ...]
    layout: Layout
    observed_on: date | None  # the day that it names, None where that is to be asked


@dataclass(frozen=True, slots=True)
class OurPerson:
    """Somebody on a list of ours, or recorded here, with everything that is known of their status."""

    nik: str
    name: str  # "" where the target is not on this laptop
    targets: tuple[tuple[str, str], ...]  # target_id and activity_id
    record_id: str  # of the last record here, "" for none
    statuses: tuple[CentralStatus, ...]


@dataclass(frozen=True, slots=True)
class StatusDraft:
    """Every row of a list with what it means, before anything is kept."""

    file: StatusFile
    activity_id: str
    observed_on: date
    rows: tuple[StatusRow, ...]
    ours: Mapping[str, OurPerson]  # by NIK: those of the rows
    missing: tuple[OurPerson, ...]  # on our lists, and not in the file

    @property
    def counts(self) -> Mapping[RowMeaning, int]:
        """Return how many rows have each meaning; together they are all rows of the sheet."""
        return Counter(row.meaning for row in self.rows)


class ImportStatuses:
    """Reads lists of statuses and takes them over. Who is on no list of ours never reaches the store."""

    def __init__(self, units: UnitsOfWork, sheets: TargetSheets, nik_key: NikKey) -> None:
        self._units, self._sheets, self._nik_key = units, sheets, nik_key

    def read(self, name: str, content: bytes) -> StatusFile:
        """Return a file with its columns and day as far as it tells them. Raise `InputError`."""
        sheets = cut_lines(self._sheets.read(name, content))
        layout = guess_statuses(sheets)
        day = day_of_list(name, sheets[layout.sheet], layout, self._units.clock.today())
        return StatusFile(name, sha256(content).hexdigest(), sheets, layout, day)

    def preview(
        self, activity_id: str, file: StatusFile, layout: Layout, observed_on: date, code: str = ""
    ) -> StatusDraft:
        """Say of each row what it means; `code` is that of everybody in a list without a column for it.

        Without an activity the lists of all activities count whose people stand in the file.
        Raise `InputError` while a column is missing, and for a day to come.
        """
        check_statuses(layout, code)
        if observed_on > self._units.clock.today():
            raise InputError("status.future").at("at")
        file = replace(file, layout=layout, observed_on=observed_on)
        rows = read_statuses(file.sheets[layout.sheet], layout, code)
        with self._units.read() as unit:
            return self._judged(unit, StatusDraft(file, activity_id, observed_on, rows, {}, ()))

    def take_over(self, draft: StatusDraft, also: Collection[RowMeaning] = ()) -> StatusList:
        """Note the new statuses in one transaction, and those that go `BACKWARDS` where `also` says so.

        Raise `RuleError("siak.nothing_new")`.
        """
        with self._units.write(Permission.TYPE_STATUS) as work:
            draft = self._judged(work.unit, draft)  # the data center may have said something meanwhile
            wanted = {RowMeaning.NEW, *(set(also) & {RowMeaning.BACKWARDS})}
            taken = StatusList(
                thing_id=work.ids.new(),
                activity_id=draft.activity_id,
                name=draft.file.name,
                sha256=draft.file.sha256,
                observed_at=min(self._end_of(draft.observed_on), work.at),
                taken_at=work.at,
                by=work.user.user_id,
                counts={meaning.value: count for meaning, count in draft.counts.items()},
                missing=len(draft.missing),
                noted=(),
            )
            rows = [row for row in draft.rows if row.meaning in wanted]
            noted = note_all(work, ((draft.ours[row.nik], taken.status_of(NotedStatus(row.code))) for row in rows))
            if not noted:
                raise RuleError("siak.nothing_new")
            taken = replace(taken, noted=tuple(noted))
            work.keep(taken, "statuses_taken_over", noted=len(noted), rows=len(draft.rows), missing=taken.missing)
            return taken

    def lists(self) -> Sequence[StatusList]:
        """Return the lists that were taken over, the newest first."""
        with self._units.read() as unit:
            return unit.repository(StatusList).search()

    def take_back(self, list_id: str) -> StatusList:
        """Forget what a list added; what was said since stays. Raise `RuleError("siak.taken_back_before")`."""
        with self._units.write(Permission.TYPE_STATUS) as work:
            taken = work.unit.repository(StatusList).get(list_id)
            if taken.taken_back_at is not None:
                raise RuleError("siak.taken_back_before")
            seen = work.unit.repository(SeenStatuses)
            for noted in taken.noted:
                status = taken.status_of(noted)
                if noted.record_id:
                    work.unit.records.forget_status(noted.record_id, status)
                else:
                    _forget_seen(seen, noted.target_id, status)
            taken = replace(taken, taken_back_at=work.at)
            work.keep(taken, "statuses_taken_back", noted=len(taken.noted))
            return taken

    def _end_of(self, day: date) -> datetime:
        zone = self._zone()
        return datetime.combine(day, _END_OF_DAY, zone)

    def _zone(self) -> tzinfo | None:
        return self._units.clock.local(self._units.clock.now()).tzinfo

    def _judged(self, unit: Unit, draft: StatusDraft) -> StatusDraft:
        niks = {row.nik for row in draft.rows if row.nik}
        ours = people_of(unit, self._nik_key, niks)
        at = {activity for person in ours.values() for _, activity in person.targets}
        rows = _with_meanings(draft.rows, ours, draft.observed_on, self._zone())
        missing = tuple(_missing(unit, {draft.activity_id} if draft.activity_id else at, niks))
        return replace(draft, rows=rows, ours=ours, missing=missing)


# Who somebody is to us by NIK, and where a status is noted.


def people_of(unit: Unit, nik_key: NikKey, niks: Iterable[str]) -> dict[str, OurPerson]:
    """Return those of the NIKs that a list of ours or a record here has, with what is known of their status."""
    by_digest = {nik_key.digest(nik): nik for nik in niks}
    records: dict[str, QueueEntry] = {
        by_digest[entry.record.nik_digest]: entry
        for entry in unit.records.of_niks(
            {each: by_digest[each] for each in unit.records.known(by_digest)}
        )  # of several the last one
    }
    keys = defaultdict[str, list[tuple[str, str]]](list)
    for key in unit.targets.with_niks(by_digest.values()):
        keys[key.nik].append((key.target_id, key.activity_id))
    named = unit.targets.with_ids(target_id for found in keys.values() for target_id, _ in found)
    seen = _seen_in(unit, {activity for found in keys.values() for _, activity in found})
    people = {}
    for nik in records.keys() | keys.keys():
        entry, targets = records.get(nik), tuple(keys.get(nik, ()))
        known = [seen[target_id] for target_id, _ in targets if target_id in seen]
        statuses = entry.statuses if entry else max(known, key=len, default=())
        name = next((named[target_id].name for target_id, _ in targets if target_id in named), "")
        people[nik] = OurPerson(nik, name, targets, entry.record.record_id if entry else "", statuses)
    return people


def _seen_in(unit: Unit, activities: Iterable[str]) -> dict[str, tuple[CentralStatus, ...]]:
    seen = unit.repository(SeenStatuses)
    return {each.thing_id: each.statuses for activity_id in activities for each in seen.of(activity_id)}


def _missing(unit: Unit, activities: Iterable[str], niks: Collection[str]) -> Iterator[OurPerson]:
    """Yield the people of some activities whom a file does not name; who has no NIK yet cannot be in it."""
    found: dict[str, OurPerson] = {}
    for activity_id in sorted(activities):
        for line in unit.targets.lines(activity_id):
            nik = str(line.part("nik")["digits"])
            if nik.isdigit() and nik not in niks:
                found.setdefault(nik, OurPerson(nik, line.name, ((line.target_id, activity_id),), "", ()))
    yield from found.values()


def note_all(work: UnitOfWork, said: Iterable[tuple[OurPerson, CentralStatus]]) -> list[NotedStatus]:
    """Note statuses of people at their records, else at their targets as seen elsewhere; return what is new there."""
    said, noted = [*said], list[NotedStatus]()
    seen = work.unit.repository(SeenStatuses)
    at = {activity for person, _ in said if not person.record_id for _, activity in person.targets}
    known = {each.thing_id: each for activity_id in at for each in seen.of(activity_id)}
    changed: dict[str, SeenStatuses] = {}
    for person, status in said:
        if person.record_id:
            if work.unit.records.note_status(person.record_id, status):
                noted.append(NotedStatus(status.code, record_id=person.record_id))
            continue
        for target_id, activity_id in person.targets:
            before = changed.get(target_id) or known.get(target_id) or SeenStatuses(target_id, activity_id, ())
            if status not in before.statuses:
                changed[target_id] = replace(before, statuses=(*before.statuses, status))
                noted.append(NotedStatus(status.code, target_id=target_id))
    seen.save_all(changed.values())
    statuses_noted(work, [each.record_id for each in noted if each.record_id])
    return noted


def _forget_seen(seen: Repository[SeenStatuses], target_id: str, status: CentralStatus) -> None:
    known = seen.find(target_id)
    if known is None:
        return
    left = tuple(said for said in known.statuses if said != status)
    if left:
        seen.save(replace(known, statuses=left))
    else:
        seen.remove(target_id)


# Each row of a list: who it means and what it says, or why neither can be read.


def read_statuses(sheet: Sheet, layout: Layout, code: str = "") -> tuple[StatusRow, ...]:
    """Return every row of a sheet once, those above its head too; what can be read stands as `NEW` until it is judged.

    `code` is that of everybody where no column says it.
    """
    rows: list[StatusRow] = []
    is_rounded = are_rounded(sheet.rows[layout.first_row :], layout)
    family = NO_FAMILY
    for at, row in enumerate(sheet.rows):
        above = read_family(row, family)
        family = above or family
        why = "list.skipped_words" if at < layout.first_row else _skipped(row, layout, is_family=above is not None)
        if not why:
            rows.append(_row(row, layout, is_rounded, code))
        elif _goes_on(rows, row, layout, why):
            rest = status_text(_cell(row, layout, Field.STATUS))
            rows[-1] = replace(rows[-1], code=status_text(f"{rows[-1].code}_{rest}"))
            rows.append(StatusRow(row.number, "", "", RowMeaning.SKIPPED, "siak.skipped_rest"))
        elif why == "list.skipped_words" and known_code(status_text(_cell(row, layout, Field.STATUS))):
            rows.append(StatusRow(row.number, "", "", RowMeaning.REFUSED, "list.no_nik"))
        else:
            rows.append(StatusRow(row.number, "", "", RowMeaning.SKIPPED, why))
    return tuple(rows)


def _skipped(row: SheetRow, layout: Layout, *, is_family: bool) -> str:
    """Return why a row is no person, "" when it may be one."""
    if is_family:
        return "list.skipped_family"
    return no_person(row, layout)


def _goes_on(rows: Sequence[StatusRow], row: SheetRow, layout: Layout, why: str) -> bool:
    """Return whether a row holds only the rest of the status above it, which had no room in its cell."""
    if why != "list.skipped_words" or not rows or rows[-1].meaning is not RowMeaning.NEW:
        return False
    rest, above = status_text(_cell(row, layout, Field.STATUS)), rows[-1].code
    is_alone = sum(cell is not None for cell in row.cells) == 1
    return bool(is_alone and rest and above) and known_code(status_text(f"{above}_{rest}")) is not None


def _row(row: SheetRow, layout: Layout, is_rounded: bool, code: str) -> StatusRow:
    """Return a person's row, or every reason in one why it is refused."""
    cell = _cell(row, layout, Field.NIK)
    if cell is None:
        return StatusRow(row.number, "", "", RowMeaning.REFUSED, "list.no_nik")
    try:
        nik = read_nik(cell).digits
    except CellError as error:
        return StatusRow(row.number, "", "", RowMeaning.REFUSED, error.reason.value)
    except InputError as error:
        return StatusRow(row.number, "", "", RowMeaning.REFUSED, f"list.{error.code.replace('.', '_')}")
    if is_rounded and nik.endswith("0"):
        return StatusRow(row.number, "", "", RowMeaning.REFUSED, "list.lost_digits")
    said = code or status_text(_cell(row, layout, Field.STATUS))
    if len(said) > CODE_LIMIT or not said.isprintable():
        return StatusRow(row.number, "", "", RowMeaning.REFUSED, "siak.code_unreadable")
    return StatusRow(row.number, nik, said, RowMeaning.NEW)


def _cell(row: SheetRow, layout: Layout, field: Field) -> Cell:
    at = layout.columns.get(field)
    return row.cells[at] if at is not None and at < len(row.cells) else None


def _with_meanings(
    rows: Sequence[StatusRow], ours: Mapping[str, OurPerson], on: date, zone: tzinfo | None
) -> tuple[StatusRow, ...]:
    """Return the rows with what each means; of a person who stands there twice the first row counts."""
    codes = defaultdict[str, set[str]](set)
    for row in rows:
        if row.nik and row.code:
            codes[row.nik].add(known_code(row.code) or row.code)
    told, seen = [], set[str]()
    for row in rows:
        if not row.nik:
            told.append(row)
            continue
        meaning = RowMeaning.NOT_OURS
        if row.nik in ours and not row.code:
            meaning = RowMeaning.SILENT
        elif row.nik in ours and len(codes[row.nik]) > 1:
            meaning = RowMeaning.CONTRADICTED
        elif row.nik in ours:
            is_again = row.nik in seen
            seen.add(row.nik)
            beside = meaning_beside(ours[row.nik].statuses, row.code, on, zone)
            meaning = RowMeaning.REPEATED if is_again else beside
        told.append(replace(row, meaning=meaning))
    return tuple(told)
