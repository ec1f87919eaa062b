"""What happened to an item, read from the lists on which it stood and from the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fieldkit.domain.sarpras.checklist import CheckIn, CheckOut, DamageReport, ItemLine, RepairNote
from fieldkit.domain.sarpras.inventory import Condition
from fieldkit.ports.store import Unit


class PastKind(StrEnum):
    """What kind of thing happened."""

    OUT = "out"
    IN = "in"
    DAMAGED = "damaged"
    REPAIRED = "repaired"
    KEPT = "kept"
    RETIRED = "retired"


_OF_EVENT = {
    "sarpras_item_kept": PastKind.KEPT,
    "sarpras_retired": PastKind.RETIRED,
}


@dataclass(frozen=True, slots=True)
class Past:
    """One line of a history. `by` is a user_id; `line` is that of the list, where there was one."""

    at: datetime
    what: PastKind
    by: str
    place: str = ""
    condition: Condition | None = None
    note: str = ""
    line: ItemLine | None = None
    photos: tuple[str, ...] = ()


def history_of(unit: Unit, item_id: str) -> Sequence[Past]:
    """Return what happened to an item, the newest first."""
    places = {activity.activity_id: activity.place for activity in unit.activities.all()}
    found = [*_events(unit, item_id), *_lists(unit, item_id, places), *_notes(unit, item_id, places)]
    found.sort(key=lambda past: past.at)
    return found[::-1]


def _lists(unit: Unit, item_id: str, places: dict[str, str]) -> Iterator[Past]:
    for out in unit.repository(CheckOut).search():
        line = _line(out, item_id)
        if out.out_at is not None and line is not None:
            place = places.get(out.activity_id, "")
            yield Past(out.out_at, PastKind.OUT, out.taken_by, place, line.condition, line.note, line, line.photos)
    for back in unit.repository(CheckIn).search():
        line = _line(back, item_id)
        if back.in_at is not None and line is not None:
            place = places.get(back.activity_id, "")
            yield Past(back.in_at, PastKind.IN, back.brought_by, place, line.condition, line.note, line, line.photos)


def _line(found: CheckOut | CheckIn, item_id: str) -> ItemLine | None:
    return next((line for line in found.checklist.lines if line.item_id == item_id), None)


def _notes(unit: Unit, item_id: str, places: dict[str, str]) -> Iterator[Past]:
    for report in unit.repository(DamageReport).search():
        if report.item_id == item_id:
            place = places.get(report.activity_id, "")
            yield Past(
                report.reported_at,
                PastKind.DAMAGED,
                report.reported_by,
                place,
                report.after,
                report.note,
                photos=report.photos,
            )
    for told in unit.repository(RepairNote).search():
        if told.item_id == item_id:
            yield Past(told.at, PastKind.REPAIRED, told.by, note=told.note)


def _events(unit: Unit, item_id: str) -> Iterator[Past]:
    for event in unit.events.of(item_id):
        what = _OF_EVENT.get(event.kind)
        if what is not None:
            yield Past(event.at, what, event.actor)
