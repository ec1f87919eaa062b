"""People by NIK for work in SIAK: statuses of many at once, numbers to look up there, sheets with SIAK's own heads."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fieldkit.domain.delivery import (
    CentralStatus,
    WorkPart,
    known_code,
    looks_illegal,
    part_of,
    task_after,
)
from fieldkit.domain.errors import RuleError
from fieldkit.domain.nik import Nik
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Target, TargetLine
from fieldkit.domain.status_lists import CopiedNiks
from fieldkit.ports.documents import TargetSheets
from fieldkit.ports.messages import Messages
from fieldkit.ports.recording import NikKey
from fieldkit.ports.store import Unit
from fieldkit.services.status_lists import OurPerson, note_all, people_of
from fieldkit.services.statuses import read_status
from fieldkit.services.unit_of_work import UnitsOfWork

PORTION = 50
"""So many numbers are copied at once."""
# Heads of SIAK's own database, as lists of other offices bear them; ours stands last.
HEADS = (
    *("NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TMPT_LHR", "TGL_LHR", "ALAMAT", "NO_RT", "NO_RW"),
    *("KEL_NAME", "KEC_NAME", "CURRENT_STATUS_CODE", "KETERANGAN", "ID_FIELDKIT"),
)
TROUBLE_HEADS = (
    *("NO", "NIK", "NAMA_LGKP", "CURRENT_STATUS_CODE", "TGL_STATUS", "TGL_REKAM", "KETERANGAN"),
    *("TGL_DIAJUKAN", "TGL_BISA_REKAM_ULANG"),  # the dinas and the center fill these
)
_DAY = "%d-%m-%Y"


@dataclass(frozen=True, slots=True)
class NikLine:
    """Somebody on our lists by NIK, with what was said of the status here and in SIAK, oldest first."""

    target: TargetLine
    nik: str
    record_id: str  # "" without a record here
    statuses: tuple[CentralStatus, ...]
    copied_at: datetime | None = None

    @property
    def central(self) -> CentralStatus | None:
        """Return what was said last."""
        return self.statuses[-1] if self.statuses else None

    @property
    def is_trouble(self) -> bool:
        """Return whether somebody has to mend what SIAK says."""
        code = self.central.code if self.central else ""
        return bool(code) and part_of(task_after(code)) is WorkPart.TROUBLE


@dataclass(frozen=True, slots=True)
class TypedForMany:
    """What came of a status for many: where it is new, and of how many it does not follow from the one before."""

    noted: int
    doubtful: int


class ListByNik:
    """Reads people by NIK, notes statuses of many, hands out numbers and sheets."""

    def __init__(self, units: UnitsOfWork, sheets: TargetSheets, nik_key: NikKey) -> None:
        self._units, self._sheets, self._nik_key = units, sheets, nik_key

    def people(self, activity_id: str = "") -> Sequence[NikLine]:
        """Return everybody with a NIK on the lists of one activity or all, each person once."""
        with self._units.read() as unit:
            return self._people(unit, activity_id)

    def seen(self, target_ids: Iterable[str]) -> Mapping[str, tuple[CentralStatus, ...]]:
        """Return by target what was said of its person, here or in a list."""
        with self._units.read() as unit:
            found = unit.targets.with_ids(target_ids)
            ours = people_of(unit, self._nik_key, {target.biodata.nik.official for target in found.values()} - {""})
        return {
            name: ours[nik].statuses for name, target in found.items() if (nik := target.biodata.nik.official) in ours
        }

    def type_status(
        self, target_ids: Collection[str], code: str, observed_at: datetime | None = None, reason: str = ""
    ) -> TypedForMany:
        """Note what somebody saw in SIAK of many people, at the record of each, else beside the target.

        Raise `InputError` like the status of one record, `RuleError("siak.nothing_new")`.
        """
        with self._units.write(Permission.TYPE_STATUS) as work:
            status = read_status(code, observed_at, work.at, reason)
            niks = {target.biodata.nik.official for target in work.unit.targets.with_ids(target_ids).values()} - {""}
            ours = people_of(work.unit, self._nik_key, niks)
            doubtful = sum(looks_illegal(person.statuses, status) for person in ours.values())
            noted = note_all(work, ((person, status) for person in ours.values()))
            if not noted:
                raise RuleError("siak.nothing_new")
            known = known_code(status.code)
            work.note("statuses_typed", "", code=known.value if known else None, count=len(noted), doubtful=doubtful)
            return TypedForMany(len(noted), doubtful)

    def copied(self, target_ids: Collection[str]) -> None:
        """Note that the numbers of these people were copied, to be looked up in SIAK."""
        with self._units.write(Permission.VERIFY_TARGETS) as work:
            at = defaultdict[str, list[str]](list)
            for target in work.unit.targets.with_ids(target_ids).values():
                at[target.activity_id].append(target.target_id)
            for activity_id, ids in at.items():
                before = work.unit.repository(CopiedNiks).find(activity_id)
                known = dict(before.at) if before else {}
                copied = CopiedNiks(activity_id, activity_id, {**known, **dict.fromkeys(ids, work.at)})
                work.keep(copied, "niks_copied", count=len(ids))

    def xlsx(self, activity_id: str, messages: Messages) -> tuple[str, bytes]:
        """Return name and XLSX with SIAK's own heads, every cell a text. Raise `RuleError("siak.nobody")`."""
        rows, name = self._exported(activity_id, "xlsx")
        return f"{name}.xlsx", self._sheets.write("SIAK", HEADS, [*rows, (), (self._mark(messages),)])

    def csv(self, activity_id: str) -> tuple[str, bytes]:
        """Return name and CSV likewise: semicolons, UTF-8 with its mark, numbers so that Excel keeps them as texts."""
        rows, name = self._exported(activity_id, "csv")
        memory = io.StringIO()
        writer = csv.writer(memory, delimiter=";", lineterminator="\r\n")
        writer.writerow(HEADS)
        writer.writerows([_csv_cell(cell) for cell in row] for row in rows)
        return f"{name}.csv", memory.getvalue().encode("utf-8-sig")

    def troubles(self, activity_id: str, messages: Messages) -> tuple[str, bytes]:
        """Return name and XLSX of those whom the center must answer for. Raise `RuleError("siak.no_trouble")`."""
        with self._units.write(Permission.VERIFY_TARGETS) as work:
            lines = [line for line in self._people(work.unit, activity_id) if line.is_trouble]
            if not lines:
                raise RuleError("siak.no_trouble")
            sealed = work.unit.records.with_ids(line.record_id for line in lines if line.record_id)
            days = {
                name: self._units.clock.local(entry.record.sealed_at).strftime(_DAY) for name, entry in sealed.items()
            }
            rows = [self._trouble(no, line, days.get(line.record_id, "")) for no, line in enumerate(lines, 1)]
            work.note("niks_exported", activity_id, format="troubles", count=len(rows))
        name = f"masalah-siak-{self._units.clock.today():%Y%m%d}.xlsx"
        return name, self._sheets.write("Masalah", TROUBLE_HEADS, [*rows, (), (self._mark(messages),)])

    def _trouble(self, no: int, line: NikLine, recorded_on: str) -> tuple[str, ...]:
        said = line.central
        assert said is not None
        on = self._units.clock.local(said.observed_at).strftime(_DAY)
        return (str(no), line.nik, line.target.name, _siak_code(said), on, recorded_on, said.reason, "", "")

    def _exported(self, activity_id: str, form: str) -> tuple[list[tuple[str, ...]], str]:
        with self._units.write(Permission.VERIFY_TARGETS) as work:
            lines = self._people(work.unit, activity_id)
            if not lines:
                raise RuleError("siak.nobody")
            whole = work.unit.targets.with_ids(line.target.target_id for line in lines)
            rows = [_row(line, whole[line.target.target_id]) for line in lines]
            work.note("niks_exported", activity_id, format=form, count=len(rows))
        return rows, f"nik-siak-{self._units.clock.today():%Y%m%d}"

    def _mark(self, messages: Messages) -> str:
        moment = self._units.clock.local(self._units.clock.now()).strftime("%d-%m-%Y %H.%M")
        return messages.text("verify.export_mark", name=self._units.user.name, moment=moment)

    def _people(self, unit: Unit, activity_id: str) -> list[NikLine]:
        activities = [activity_id] if activity_id else [each.activity_id for each in unit.activities.all()]
        lines: dict[str, TargetLine] = {}
        for each in activities:
            for line in unit.targets.lines(each):
                nik = Nik(str(line.part("nik")["digits"])).official
                if nik:  # who has none yet cannot be looked up
                    lines.setdefault(nik, line)
        ours = people_of(unit, self._nik_key, lines)
        copied = {name: at for each in activities for name, at in _copied(unit, each).items()}
        nobody = OurPerson("", "", (), "", ())
        return [
            NikLine(line, nik, person.record_id, person.statuses, copied.get(line.target_id))
            for nik, line in lines.items()
            for person in (ours.get(nik, nobody),)
        ]


def _copied(unit: Unit, activity_id: str) -> Mapping[str, datetime]:
    found = unit.repository(CopiedNiks).find(activity_id)
    return found.at if found else {}


def _siak_code(said: CentralStatus) -> str:
    """Return a code as SIAK writes it, a stranger verbatim."""
    known = known_code(said.code)
    return known.value if known else said.code


def _row(line: NikLine, target: Target) -> tuple[str, ...]:
    who, said = target.biodata, line.central
    place = who.address
    return (
        line.nik,
        who.no_kk.digits,
        who.name,
        who.sex.value,
        who.birth_place,
        who.birth_date.strftime(_DAY),
        place.street,
        place.rt,
        place.rw,
        place.village,
        place.district,
        _siak_code(said) if said else "",
        said.reason if said else "",
        line.target.target_id,
    )


def _csv_cell(text: str) -> str:
    """Return a cell that Excel takes for the text that it is, neither for a number nor for a formula."""
    if text.isdigit():
        return f'="{text}"'
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") and text else text
