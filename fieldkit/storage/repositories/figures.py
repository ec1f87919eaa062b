"""Numbers over many records, visits and documents: one query each, over the insides of things where need be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, FromClause, Select, func, select
from sqlalchemy.engine import Connection

from fieldkit.domain.cards.card import CardCase, Place
from fieldkit.domain.delivery import UNACKNOWLEDGED, CentralStatus
from fieldkit.domain.nik import MaritalStatus
from fieldkit.domain.planning.outreach import TargetState, TargetVerdict
from fieldkit.domain.reports import CoverageLine
from fieldkit.domain.sop.profile import Sla
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.ports.repositories import RecordLine, VisitLine, Within
from fieldkit.storage.mappers import read_json
from fieldkit.storage.repositories.records import AMENDED, OFFICIAL, RECORDINGS
from fieldkit.storage.repositories.targets import CARDS
from fieldkit.storage.tables import central_statuses, targets, things

# What is said while a record is on its way decides nothing, and is half of all that is ever said.
_ON_THE_WAY = ("BIO_CAPTURED", "PROCESSING", "SENT_FOR_ENROLLMENT", "SFE", "RECEIVED_AT_CENTRAL")
_RECORDED = (TargetState.RECORDED.value, TargetState.RECORDED_WITH_EXCEPTION.value)
_TO_VISIT = (TargetState.PLANNED.value, TargetState.RECORDING.value, TargetState.POSTPONED.value)
_SETTLED = (TargetVerdict.SUDAH_MEREKAM.value, TargetVerdict.MENINGGAL.value, TargetVerdict.PINDAH.value)
_PROMISES = TypeAdapter(tuple[Sla, ...])
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_END = datetime(9000, 1, 1, tzinfo=UTC)


class SqlFigures:
    """`fieldkit.ports.repositories.Figures` over the tables of records and things."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def records(self, within: Within) -> Sequence[RecordLine]:
        """Return the records sealed within a time that none amends, oldest first."""
        found = [line for source in RECORDINGS for line in self._records(source, within)]
        return sorted(found, key=lambda line: line.sealed_at)

    def _records(self, source: FromClause, within: Within) -> list[RecordLine]:
        record = source.c
        mine = (
            (record.sealed_at >= (within.begun_at or _BEGINNING))
            & (record.sealed_at < (within.ended_at or _END))
            & record.record_id.not_in(AMENDED)
        )
        if within.activity_id:
            mine &= record.activity_id == within.activity_id
        said = self._statuses(select(record.record_id).where(mine))
        wanted = select(
            record.record_id,
            record.activity_id,
            record.target_id,
            record.sealed_at,
            record.card_from,
            record.exceptions,
            record.state,
        )
        is_official = source is OFFICIAL
        return [
            RecordLine(*row[:6], row[6] not in UNACKNOWLEDGED, tuple(said.get(row[0], ())), is_official)
            for row in self._connection.execute(wanted.where(mine).order_by(record.sealed_at, record.row)).all()
        ]

    def visits(self, within: Within) -> Sequence[VisitLine]:
        """Return the visits that ended within a time."""
        ended, started = _moment("$.ended_at"), _moment("$.started_at")
        outcome, worked = _inside("$.outcome"), func.nullif(_inside("$.worked_ms"), 0)
        minutes = func.round(func.coalesce(worked / 1000.0, ended - started) / 60.0)
        wanted = select(things.c.activity_id, outcome, minutes).where(
            *_of(Visit.KIND, within), outcome.is_not(None), *_between(ended, within)
        )
        return [
            VisitLine(activity_id, Outcome(told), max(0, int(length)))
            for activity_id, told, length in self._connection.execute(wanted).all()
        ]

    def documents(self, within: Within) -> Mapping[Place, int]:
        """Return where the documents are now that were first printed within a time."""
        place = _inside("$.place")
        wanted = select(place, func.count()).where(
            *_of(CardCase.KIND, within), *_between(_moment("$.prints[0].at"), within)
        )
        return {Place(where): number for where, number in self._connection.execute(wanted.group_by(place))}

    def coverage(self, born_by: date, activity_ids: Collection[str]) -> Sequence[CoverageLine]:
        """Return by village who on the lists of activities was born by a day or is or was married."""
        who = targets.c.biodata
        village = func.json_extract(who, "$.address.village")
        is_obliged = (func.json_extract(who, "$.birth_date") <= born_by.isoformat()) | (
            func.json_extract(who, "$.marital_status") != int(MaritalStatus.BELUM_KAWIN)
        )
        is_left = targets.c.state.in_(_TO_VISIT) & targets.c.verdict.not_in(_SETTLED)
        wanted = (
            select(village, func.count(), _count_of(targets.c.state.in_(_RECORDED)), _count_of(is_left))
            .where(is_obliged, targets.c.activity_id.in_(activity_ids))
            .group_by(village)
            .order_by(village)
        )
        return [CoverageLine(name or "", *map(int, counts)) for name, *counts in self._connection.execute(wanted).all()]

    def first_prints(self) -> Mapping[str, datetime]:
        """Return by record when its document was first printed."""
        wanted = select(CARDS.c.record_id, CARDS.c.printed_at).where(CARDS.c.record_id != "")
        return {found: datetime.fromisoformat(at) for found, at in self._connection.execute(wanted).all()}

    def promises(self) -> Mapping[str, tuple[Sla, ...]]:
        """Return by activity what its SOP promises, without reading the rest of the profile."""
        wanted = select(things.c.thing_id, _inside("$.profile.sla")).where(things.c.kind == SopRun.KIND)
        read = cache(_promises_of)  # few profiles run in many activities
        return {activity_id: read(sla) for activity_id, sla in self._connection.execute(wanted).all()}

    def _statuses(self, record_ids: Select[Any]) -> Mapping[str, list[CentralStatus]]:
        said = central_statuses.c
        wanted = (
            select(said.record_id, said.code, said.source, said.observed_at, said.reason)
            .where(said.record_id.in_(record_ids), said.code.not_in(_ON_THE_WAY))
            .order_by(said.row)
        )
        found: dict[str, list[CentralStatus]] = defaultdict(list)
        for record_id, *told in self._connection.execute(wanted).all():
            found[record_id].append(CentralStatus(*told))
        return found


def _promises_of(sla: str | None) -> tuple[Sla, ...]:
    promises: tuple[Sla, ...] = read_json(_PROMISES, sla or "[]")
    return promises


def _count_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)  # a sum of truths is read back as a truth: never above 1


def _inside(path: str) -> ColumnElement[Any]:
    return func.json_extract(things.c.body, path)


def _moment(path: str) -> ColumnElement[Any]:
    """Return a time of a body in seconds since 1970: bodies name it with any offset and any fraction."""
    return func.unixepoch(_inside(path))


def _of(kind: str, within: Within) -> tuple[ColumnElement[bool], ...]:
    mine = (things.c.kind == kind,)
    return (*mine, things.c.activity_id == within.activity_id) if within.activity_id else mine


def _between(moment: ColumnElement[Any], within: Within) -> tuple[ColumnElement[bool], ...]:
    begun, ended = within.begun_at or _BEGINNING, within.ended_at or _END
    return (moment >= int(begun.timestamp()), moment < int(ended.timestamp()))
