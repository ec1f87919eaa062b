"""Target lists come in: read, mapped, looked at, and taken over as a whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fieldkit.domain.errors import RuleError
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Target
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.targets.cells import cell_text
from fieldkit.domain.targets.columns import check_layout, guess_layout, recalled, remapped
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.domain.targets.requests import SuratPermohonan
from fieldkit.domain.targets.sheets import (
    Field,
    Layout,
    ReadRow,
    RefusedRow,
    Remark,
    Sheet,
    TargetDraft,
    TargetList,
)
from fieldkit.ports.codec import NikKey
from fieldkit.ports.messages import Messages
from fieldkit.ports.store import Unit
from fieldkit.ports.target_lists import TargetSheets
from fieldkit.services.sop.fulfil import fulfil
from fieldkit.services.targets.read_target_rows import ListContext, read_rows
from fieldkit.services.unit_of_work import UnitsOfWork

REMEMBERED = "target_columns"  # setting: pairs of a header's signature and its columns by field, the latest last
_MOST_REMEMBERED = 50
_KINDS = {
    b"PK": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"\xd0\xcf\x11\xe0": "application/vnd.ms-excel",
    b"<": "text/html",
    b"{": "application/json",
    b"[": "application/json",
}


@dataclass(frozen=True, slots=True)
class TargetFile:
    """A file of a target list and the sheets in it."""

    name: str
    content: bytes
    sheets: tuple[Sheet, ...]


class ImportTargets:
    """Reads and takes over target lists."""

    def __init__(
        self, units: UnitsOfWork, sheets: TargetSheets, nik_key: NikKey, is_known_region: Callable[[str], bool]
    ) -> None:
        self._units, self._sheets, self._nik_key, self._is_known_region = units, sheets, nik_key, is_known_region

    def read(self, name: str, content: bytes) -> TargetFile:
        """Return the sheets of a file. Raise `InputError` with one clear sentence for anything that is no list."""
        return TargetFile(name, content, self._sheets.read(name, content))

    def guess(self, file: TargetFile) -> Layout:
        """Return header and columns: as somebody set them for this header before, or by their words."""
        layout = guess_layout(file.sheets)
        with self._units.read() as unit:
            columns = _remembered(unit).get(layout.signature)
        return layout if columns is None else recalled(layout, columns)

    def choose(self, layout: Layout, field: Field, column: int | None) -> Layout:
        """Return the mapping with a field at another column, or at none."""
        return remapped(layout, field, column)

    def preview(self, activity_id: str, file: TargetFile, layout: Layout) -> TargetDraft:
        """Read every row and check it against itself, the list, earlier lists and what this kit has recorded.

        Raise `InputError` while a column is missing without which nobody can be named.
        """
        check_layout(layout)
        with self._units.read() as unit:
            draft = read_rows(file.sheets[layout.sheet], layout, self._context(unit, activity_id))
            return self._compared(unit, activity_id, draft, file)

    def take_over(self, activity_id: str, file: TargetFile, draft: TargetDraft) -> TargetList:
        """Keep all accepted rows, the refused ones as a list of their own, and the file itself, in one transaction.

        Raise `RuleError`: `list.nobody_accepted`, `list.came_meanwhile` when the activity got some of them meanwhile.
        """
        if not draft.accepted:
            raise RuleError("list.nobody_accepted", refused=len(draft.refused))
        with self._units.write(Permission.REGISTER) as work:
            unit = work.unit
            listed = unit.targets.with_niks(row.biodata.nik.digits for row in draft.accepted)
            if any(key.activity_id == activity_id for key in listed):
                raise RuleError("list.came_meanwhile")
            first = unit.targets.last_house(activity_id) + 1
            people = [(row, work.ids.new()) for row in draft.accepted]
            unit.targets.save(
                Target(target_id, activity_id, first + place, row.biodata, row.category)
                for place, (row, target_id) in enumerate(people)
            )
            made = (notes_of(row, target_id, activity_id) for row, target_id in people)
            unit.repository(TargetNotes).save_all(notes for notes in made if notes is not None)
            taken = TargetList(
                thing_id=work.ids.new(),
                activity_id=activity_id,
                name=file.name,
                imported_at=work.at,
                header=draft.layout.header,
                accepted=len(draft.accepted),
                refused=draft.refused,
            )
            work.keep(taken, "targets_taken_over", accepted=taken.accepted, refused=len(taken.refused))
            work.attach(taken.thing_id, file.name, media_type_of(file.content), file.content)
            columns = _remembered(unit)
            columns.pop(draft.layout.signature, None)
            columns[draft.layout.signature] = {field.value: at for field, at in draft.layout.columns.items()}
            unit.settings.put(REMEMBERED, list(columns.items())[-_MOST_REMEMBERED:])
            fulfil(work, activity_id, Fulfilment.TARGETS_COLLECTED, taken.thing_id)
            return taken

    def refused_file(
        self, title: str, header: Sequence[str], refused: Sequence[RefusedRow], messages: Messages
    ) -> bytes:
        """Return refused rows as an XLSX with row number and reasons in front, to be corrected and read again."""
        heads = (messages.text("common.row"), messages.text("list.column_reasons"))
        rows = [(str(row.number), "; ".join(messages.text(r.code) for r in row.reasons), *row.cells) for row in refused]
        return self._sheets.write(title, (*heads, *(words.replace("\n", " ") for words in header)), rows)

    def _context(self, unit: Unit, activity_id: str) -> ListContext:
        requests = unit.repository(SuratPermohonan).of(activity_id)
        last = requests[-1] if requests else None
        return ListContext(
            today=self._units.clock.today(),
            is_known_region=self._is_known_region,
            region=last.region if last else "",
            village=last.village if last else "",
            district=last.district if last else "",
        )

    def _compared(self, unit: Unit, activity_id: str, draft: TargetDraft, file: TargetFile) -> TargetDraft:
        niks = [row.biodata.nik.digits for row in draft.accepted]
        digests = {nik: self._nik_key.digest(nik) for nik in niks}
        recorded = set(unit.records.known(digests.values()))
        names = {activity.activity_id: activity.name for activity in unit.activities.all()}
        here: set[str] = set()
        elsewhere: dict[str, str] = {}
        for key in unit.targets.with_niks(niks):
            if key.activity_id == activity_id:
                here.add(key.nik)
            else:
                elsewhere[key.nik] = names.get(key.activity_id, "")
        column = draft.layout.header[draft.layout.columns[Field.NIK]].replace("\n", " ")
        by_number = {row.number: row for row in file.sheets[draft.layout.sheet].rows}
        accepted, refused = [], list(draft.refused)
        for row in draft.accepted:
            nik, warnings = row.biodata.nik.digits, list(row.warnings)
            if nik in here:
                cells = tuple(map(cell_text, by_number[row.number].cells))
                refused.append(RefusedRow(row.number, cells, (Remark("list.listed_already", column, nik),)))
                continue
            if digests[nik] in recorded:
                warnings.append(Remark("list.recorded_before", column, nik))
            if nik in elsewhere:
                warnings.append(Remark("list.in_other_list", "", elsewhere[nik]))
            accepted.append(replace(row, warnings=tuple(warnings)))
        refused.sort(key=lambda row: row.number)
        return replace(draft, accepted=tuple(accepted), refused=tuple(refused))


def _remembered(unit: Unit) -> dict[str, dict[str, int]]:
    """Return the columns of each header that was set before; older programs kept a mapping, which has no order."""
    kept = unit.settings.get(REMEMBERED) or {}
    return dict(kept.items() if isinstance(kept, dict) else kept)


def media_type_of(content: bytes) -> str:
    """Return what kind of file a list is."""
    return next((kind for begin, kind in _KINDS.items() if content.startswith(begin)), "text/csv")


def notes_of(row: ReadRow, target_id: str, activity_id: str) -> TargetNotes | None:
    """Return what a row says of a person beyond the biodata, None when it says nothing."""
    if not (row.legal or row.access or row.contact or row.safety) and row.latitude is None:
        return None
    return TargetNotes(
        thing_id=target_id,
        activity_id=activity_id,
        legal=row.legal,
        access=row.access,
        contact=row.contact,
        safety=row.safety,
        latitude=row.latitude,
        longitude=row.longitude,
    )
