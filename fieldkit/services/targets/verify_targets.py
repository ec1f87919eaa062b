"""Before the team leaves every target is checked: against SIAK by an exported list, or one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Target, TargetFilter, TargetLine, TargetState, TargetVerdict
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.targets.columns import cell_text, guess_layout, number_text, read_verdict
from fieldkit.domain.targets.requests import TargetNotes
from fieldkit.domain.targets.sheets import Cell, CellError, Field, Layout, RefusedRow, Remark, SheetRow
from fieldkit.ports.documents import TargetSheets
from fieldkit.ports.messages import Messages
from fieldkit.services.sop.run_sop import fulfil
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

NEVER_VISITED = frozenset({TargetVerdict.SUDAH_MEREKAM, TargetVerdict.MENINGGAL, TargetVerdict.PINDAH})
_BEFORE_VISIT = (TargetState.PLANNED, TargetState.POSTPONED, TargetState.CANCELLED)
_COLUMNS = ("target_id", "nik", "name", "birth_date", "sex", "no_kk", "address", "verdict", "remark")


@dataclass(frozen=True, slots=True)
class Answered:
    """A row of the answer that fits one of our targets."""

    target: Target
    verdict: TargetVerdict
    remark: str
    number: int = 0  # of the row in the file; 0 for a verdict by hand


@dataclass(frozen=True, slots=True)
class SiakAnswer:
    """The answer as read: what can be taken, what fits no target, and why."""

    name: str
    rows: tuple[Answered, ...]
    refused: tuple[RefusedRow, ...]

    @property
    def counts(self) -> Mapping[TargetVerdict, int]:
        """Return how many rows have each verdict."""
        found: dict[TargetVerdict, int] = {}
        for row in self.rows:
            found[row.verdict] = found.get(row.verdict, 0) + 1
        return found


class VerifyTargets:
    """Keeps the verdicts of a target list."""

    def __init__(self, units: UnitsOfWork, sheets: TargetSheets) -> None:
        self._units, self._sheets = units, sheets

    def worklist(self, activity_id: str, wanted: TargetFilter) -> Sequence[TargetLine]:
        """Return targets in the order of visits."""
        with self._units.read() as unit:
            return unit.targets.lines(activity_id, wanted)

    def tally(self, activity_id: str) -> Mapping[TargetVerdict, int]:
        """Return how many targets have each verdict."""
        with self._units.read() as unit:
            return unit.targets.tally(activity_id)

    def notes(self, target_id: str) -> TargetNotes | None:
        """Return what is noted about a target."""
        with self._units.read() as unit:
            return unit.repository(TargetNotes).find(target_id)

    def notes_of(self, activity_id: str) -> Mapping[str, TargetNotes]:
        """Return what is noted about the targets of an activity by their ids."""
        with self._units.read() as unit:
            return {notes.thing_id: notes for notes in unit.repository(TargetNotes).of(activity_id)}

    def judge(self, activity_id: str, verdicts: Mapping[str, TargetVerdict]) -> None:
        """Keep verdicts by target. Raise `RuleError("verify.recorded")` for one whose recording has begun."""
        with self._units.write(Permission.VERIFY_TARGETS) as work:
            unit = work.unit
            found = unit.targets.with_ids([*verdicts])
            targets = [found.get(target_id) or unit.targets.get(target_id) for target_id in verdicts]
            self._keep(work, activity_id, [Answered(each, verdicts[each.target_id], "") for each in targets])

    def note(self, notes: TargetNotes) -> None:
        """Keep what is to know about a target: access, contact, safety, legal category."""
        with self._units.write(Permission.VERIFY_TARGETS) as work:
            work.keep(notes, "target_noted")

    def export(self, activity_id: str, messages: Messages) -> tuple[str, bytes]:
        """Return name and XLSX of the targets nobody has checked; who took them out stands below and in the log.

        Raise `RuleError("verify.nothing_left")`.
        """
        with self._units.write(Permission.VERIFY_TARGETS) as work:
            wanted = TargetFilter(verdicts=(TargetVerdict.BELUM_DICEK,))
            targets = work.unit.targets.filtered(activity_id, wanted)
            if not targets:
                raise RuleError("verify.nothing_left")
            work.note("targets_exported", activity_id, count=len(targets))
            activity = work.unit.activities.get(activity_id)
            moment = self._units.clock.local(work.at).strftime("%d-%m-%Y %H.%M")
        mark = messages.text("verify.export_mark", name=self._units.user.name, moment=moment)
        header = [messages.text(f"verify.column_{column}") for column in _COLUMNS]
        rows = [*map(_exported, targets), (), (mark,)]
        return f"siak-{activity.on:%Y%m%d}.xlsx", self._sheets.write(activity.place, header, rows)

    def read_answer(self, activity_id: str, name: str, content: bytes) -> SiakAnswer:
        """Return the answer of SIAK beside our targets; nothing is kept yet.

        A list that came back without our ids is read by its NIK. Raise `InputError("verify.not_our_file")` for one
        without NIK or result.
        """
        sheets = self._sheets.read(name, content)
        layout = guess_layout(sheets)
        if not all(layout.has(field) for field in (Field.NIK, Field.VERDICT)):
            raise InputError("verify.not_our_file", name=name)
        with self._units.read() as unit:
            ours = _Ours(unit.targets.filtered(activity_id, TargetFilter()))
        rows: list[Answered] = []
        refused: list[RefusedRow] = []
        seen: set[str] = set()
        for row in sheets[layout.sheet].rows[layout.first_row :]:
            if _cell(row, layout, Field.NIK) is None and _cell(row, layout, Field.VERDICT) is None:
                continue  # our own mark below the list, and blank lines
            answered = _answered(row, layout, ours, seen)
            if isinstance(answered, Remark):
                refused.append(RefusedRow(row.number, tuple(map(cell_text, row.cells)), (answered,)))
            else:
                seen.add(answered.target.target_id)
                rows.append(answered)
        return SiakAnswer(name, tuple(rows), tuple(refused))

    def take_answer(self, activity_id: str, answer: SiakAnswer) -> None:
        """Keep the verdicts and remarks of an answer. Raise `RuleError("verify.nothing_taken")` for none."""
        if not answer.rows:
            raise RuleError("verify.nothing_taken", refused=len(answer.refused))
        with self._units.write(Permission.VERIFY_TARGETS) as work:
            now = [replace(row, target=work.unit.targets.get(row.target.target_id)) for row in answer.rows]
            self._keep(work, activity_id, now)

    def _keep(self, work: UnitOfWork, activity_id: str, rows: Sequence[Answered]) -> None:
        unit = work.unit
        for row in rows:
            if row.target.activity_id != activity_id or row.target.state not in _BEFORE_VISIT:
                raise RuleError("verify.recorded", name=row.target.biodata.masked_name)
        for verdict in TargetVerdict:
            ids = [row.target.target_id for row in rows if row.verdict is verdict]
            if ids:
                unit.targets.judge(ids, verdict)
                work.note("targets_judged", activity_id, verdict=verdict.value, count=len(ids), targets=ids)
        for row in rows:
            self._mark(work, row)
        repository = unit.repository(TargetNotes)
        repository.save_all(
            replace(repository.find(target_id) or TargetNotes(target_id, activity_id), check=row.remark)
            for row in rows
            if (target_id := row.target.target_id) and row.remark
        )
        counts = unit.targets.tally(activity_id)
        if counts and not counts.get(TargetVerdict.BELUM_DICEK):
            fulfil(work, activity_id, Fulfilment.TARGETS_VERIFIED)

    def _mark(self, work: UnitOfWork, row: Answered) -> None:
        """Take somebody off the round whom nobody needs to visit, and put back on it who was taken off by mistake."""
        target = row.target
        was_taken_off = target.state is TargetState.CANCELLED and target.reason in set(NEVER_VISITED)
        if row.verdict in NEVER_VISITED:
            work.unit.targets.mark(target.target_id, TargetState.CANCELLED, row.verdict.value)
        elif was_taken_off:
            work.unit.targets.mark(target.target_id, TargetState.PLANNED)


def _exported(target: Target) -> tuple[str, ...]:
    who = target.biodata
    place = who.address
    address = f"{place.street} RT {place.rt} RW {place.rw} {place.village}"
    born = who.birth_date.strftime("%d-%m-%Y")
    return (target.target_id, who.nik.digits, who.name, born, who.sex.value, who.no_kk.digits, address, "", "")


class _Ours:
    """The targets of an activity by our id and by NIK."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._by_id = {target.target_id: target for target in targets}
        self._by_nik: dict[str, list[Target]] = {}
        for target in targets:
            self._by_nik.setdefault(target.biodata.nik.digits, []).append(target)

    def of(self, target_id: str, nik: str) -> Target | Remark:
        """Return whom a row means: by our id where it has one, else by NIK; or why it means nobody."""
        if not target_id:
            found = self._by_nik.get(nik, [])
            return found[0] if len(found) == 1 else Remark("verify.answer_unknown_nik", "", nik)
        target = self._by_id.get(target_id)
        if target is None:
            return Remark("verify.answer_unknown", "", target_id)
        return target if nik == target.biodata.nik.digits else Remark("verify.answer_other_nik", "", nik)


def _answered(row: SheetRow, layout: Layout, ours: _Ours, seen: set[str]) -> Answered | Remark:
    """Return the answer of a row, or why it fits none of our targets."""
    target_id, cell = cell_text(_cell(row, layout, Field.TARGET_ID)), _cell(row, layout, Field.NIK)
    try:
        target = ours.of(target_id, number_text(cell))
        if isinstance(target, Remark):
            return target
        if target.target_id in seen:
            return Remark("verify.answer_twice", "", target_id or target.biodata.nik.digits)
        cell = _cell(row, layout, Field.VERDICT)
        verdict = read_verdict(cell)
    except CellError as error:
        return Remark(error.reason, "", cell_text(cell))
    if verdict is None:
        return Remark("verify.answer_empty", "", target.biodata.name)
    return Answered(target, verdict, cell_text(_cell(row, layout, Field.REMARK)), row.number)


def _cell(row: SheetRow, layout: Layout, field: Field) -> Cell:
    at = layout.columns.get(field)
    return row.cells[at] if at is not None and at < len(row.cells) else None
