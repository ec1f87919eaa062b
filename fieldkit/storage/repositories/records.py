"""Repositories of recordings: sessions, attachments, drafts, learnt fingers, sealed records."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import FromClause, Integer, Select, Text, case, column, delete, func, insert, or_, select, text
from sqlalchemy.dialects.sqlite import insert as insert_or_not
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from fieldkit.domain.delivery import UNACKNOWLEDGED, CentralStatus, DeliveryState, QueueEntry, SealedRecord
from fieldkit.domain.errors import Recovery, StoreError
from fieldkit.domain.recording.capture import CAPTURED_AT, CaptureStep, Sample
from fieldkit.domain.recording.record import ChainLink
from fieldkit.domain.recording.session import UNFINISHED, CaptureSession
from fieldkit.domain.typed import Draft, DraftName
from fieldkit.domain.visits import OfficialRecording
from fieldkit.ports.repositories import Attachment
from fieldkit.storage import mappers, tables
from fieldkit.storage.mappers import AnyRow, read_json, read_plain_json
from fieldkit.storage.repositories.event_log import KitChain
from fieldkit.storage.repositories.things import chunks, get, not_found, put
from fieldkit.storage.search_terms import masked_query, prefix_query
from fieldkit.storage.session_journal import SessionChanges
from fieldkit.storage.tables import (
    DayText,
    UtcText,
    attachments,
    central_statuses,
    drafts,
    finger_templates,
    sealed_records,
    targets,
    things,
)

# Files that belong to things.


class SqlAttachments:
    """`fieldkit.ports.repositories.Attachments` over the table `attachments`."""

    def __init__(self, connection: Connection, note_erasing: Callable[[], None]) -> None:
        self._connection, self._note_erasing = connection, note_erasing

    def put(self, attachment: Attachment) -> None:
        """Insert. Raise `StoreError("store.attachment_exists")` for the same id."""
        values = {name: getattr(attachment, name) for name in Attachment.__slots__}
        try:
            self._connection.execute(insert(attachments).values(values))
        except IntegrityError as twice:
            raise StoreError("store.attachment_exists", recovery=Recovery.NONE, key=attachment.attachment_id) from twice

    def get(self, attachment_id: str) -> Attachment:
        """Return one. Raise `StoreError("store.not_found")`."""
        return _attachment(get(self._connection, attachments, "attachment_id", attachment_id))

    def of(self, owner: str) -> Sequence[Attachment]:
        """Return those of a thing, oldest first."""
        mine = select(attachments).where(attachments.c.owner == owner).order_by(attachments.c.row)
        return [_attachment(row) for row in self._connection.execute(mine)]

    def remove(self, attachment_id: str) -> None:
        """Erase one."""
        self._connection.execute(delete(attachments).where(attachments.c.attachment_id == attachment_id))
        self._note_erasing()


def _attachment(row: AnyRow) -> Attachment:
    return Attachment(row.attachment_id, row.owner, row.name, row.media_type, row.content, row.sha256, row.added_at)


# What was typed and not accepted yet.


class SqlDrafts:
    """`fieldkit.ports.recording.Drafts` over the table `drafts`.

    The column `name` is unique and two people may type into the same form: it holds the owner before the form.

    A long value, a photographed paper, stands in a row of its own, whose owner is the draft: it is written once and not
    with each key, and whoever lists drafts does not read it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, draft: Draft) -> None:
        """Insert or replace the draft that this person has of this form."""
        key, long = _key(draft.name, draft.owner), {n: text for n, text in draft.fields.items() if len(text) > _LONG}
        short = {name: text for name, text in draft.fields.items() if name not in long}
        row = {"name": key, "owner": draft.owner, "body": _json(short), "at": draft.at}
        put(self._connection, drafts, "name", [row])
        apart = {_apart(key, name, text): {name: text} for name, text in long.items()}
        had = set(self._connection.scalars(select(drafts.c.name).where(drafts.c.owner == key)))
        self._connection.execute(delete(drafts).where(drafts.c.name.in_(had - set(apart))))
        new = [(name, _json(value)) for name, value in apart.items() if name not in had]
        put(self._connection, drafts, "name", [{**row, "name": name, "owner": key, "body": body} for name, body in new])

    def find(self, name: DraftName, owner: str) -> Draft | None:
        """Return what this person typed into a form, None when nothing waits."""
        key = _key(name, owner)
        row = self._connection.execute(select(drafts).where(drafts.c.name == key)).first()
        if row is None:
            return None
        draft, apart = _draft(row), self._connection.scalars(select(drafts.c.body).where(drafts.c.owner == key))
        fields = {name: text for body in apart for name, text in read_plain_json(body).items()}
        return replace(draft, fields={**draft.fields, **fields})

    def of(self, owner: str) -> Sequence[Draft]:
        """Return all drafts of a person, latest first, without their long values."""
        found = select(drafts).where(drafts.c.owner == owner).order_by(drafts.c.at.desc(), drafts.c.row.desc())
        return [_draft(row) for row in self._connection.execute(found)]

    def erase(self, name: DraftName, owner: str) -> None:
        """Forget what this person typed into a form; nothing to forget is no error."""
        key = _key(name, owner)
        self._connection.execute(delete(drafts).where(or_(drafts.c.name == key, drafts.c.owner == key)))

    def erase_all_of(self, name: DraftName) -> None:
        """Forget what anybody typed into a form."""
        mine = select(drafts.c.name).where(drafts.c.name == drafts.c.owner + _BETWEEN + name.text)
        keys = list(self._connection.scalars(mine))
        self._connection.execute(delete(drafts).where(or_(drafts.c.name.in_(keys), drafts.c.owner.in_(keys))))


_BETWEEN = " "  # no name of a form has one
_LONG = 20_000  # letters; what is typed is shorter


def _key(name: DraftName, owner: str) -> str:
    return f"{owner}{_BETWEEN}{name.text}"


def _apart(key: str, name: str, text: str) -> str:
    return _BETWEEN.join((key, name, sha256(text.encode()).hexdigest()))


def _json(fields: Mapping[str, str]) -> str:
    return json.dumps(dict(fields), ensure_ascii=False, sort_keys=True)


def _draft(row: AnyRow) -> Draft:
    name = DraftName.parse(row.name.removeprefix(f"{row.owner}{_BETWEEN}"))
    return Draft(name, row.owner, read_plain_json(row.body), row.at)


# What the fingers of records without a receipt are compared by.

_columns = finger_templates.c


class SqlFingerTemplates:
    """`fieldkit.ports.recording.FingerTemplates` over the table `finger_templates`."""

    def __init__(self, connection: Connection, note_erasing: Callable[[], None]) -> None:
        self._connection, self._note_erasing = connection, note_erasing

    def keep(self, record_id: str, content: bytes) -> None:
        """Insert what is kept of a record."""
        self._connection.execute(insert(finger_templates).values(record_id=record_id, content=content))

    def get(self, record_id: str) -> bytes:
        """Return what is kept of a record. Raise `StoreError("store.not_found")`."""
        return bytes(get(self._connection, finger_templates, "record_id", record_id).content)

    def held(self) -> frozenset[str]:
        """Return the ids of the records of which something is kept."""
        return frozenset(self._connection.scalars(select(_columns.record_id)))

    def erase(self, record_id: str) -> None:
        """Erase what is kept of a record; an unknown one is no error."""
        self._connection.execute(delete(finger_templates).where(_columns.record_id == record_id))
        self._note_erasing()


# Records of both programs: those sealed here, and those of the official application, which stand among the things.

# As `UtcText` writes a time, for bodies name it with any offset and any fraction.
_RECORDED_AT = "strftime('%Y-%m-%dT%H:%M:%S', json_extract(body, '$.recorded_at')) || '.000000+00:00'"
OFFICIAL = (
    text(
        "SELECT row, thing_id AS record_id, thing_id AS target_id, activity_id, "
        f"{_RECORDED_AT} AS sealed_at, json_extract(body, '$.card_from') AS card_from, "
        "json_array_length(body, '$.exceptions') AS exceptions, json_extract(body, '$.masked_name') AS masked_name, "
        f"json_extract(body, '$.masked_nik') AS masked_nik, '{DeliveryState.OFFICIAL.value}' AS state "
        f"FROM things WHERE kind = '{OfficialRecording.KIND}'"
    )
    .columns(
        column("row", Integer),
        *(column(name, Text) for name in ("record_id", "target_id", "activity_id")),
        column("sealed_at", UtcText),
        column("card_from", DayText),
        column("exceptions", Integer),
        *(column(name, Text) for name in ("masked_name", "masked_nik", "state")),
    )
    .subquery("official")
)
"""Recordings of the official application with the columns of `sealed_records` that lists and reports read."""

RECORDINGS: tuple[FromClause, ...] = (sealed_records, OFFICIAL)
"""One query for each: over a union of both, SQLite would not use the narrow indexes of the first."""

AMENDED = select(sealed_records.c.amends).where(sealed_records.c.amends != "").correlate(None)
"""The ids of what a later record amends; it does not count."""

_OFFICIAL = select(things.c.thing_id).where(things.c.kind == OfficialRecording.KIND)


_NOBODY: Mapping[str, str] = {}
_PERSON_FOUND = text("targets.row IN (SELECT rowid FROM targets_fts WHERE targets_fts MATCH :words)")


class _OfficialRecordings:
    """Reads them as the entries of records are read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_activity(self, activity_id: str) -> Sequence[QueueEntry]:
        """Return those of an activity, as they were noted."""
        return self._entries(_OFFICIAL.where(things.c.activity_id == activity_id))

    def with_ids(self, record_ids: Iterable[str]) -> Sequence[QueueEntry]:
        """Return those with these ids; unknown ids are left out."""
        return [
            entry
            for some in chunks(record_ids)
            for entry in self._entries(_OFFICIAL.where(things.c.thing_id.in_(some)))
        ]

    def of_niks(self, niks: Mapping[str, str]) -> Sequence[QueueEntry]:
        """Return those of people who have one of these NIKs, which are by their digest, on a list of this laptop."""
        digests = {nik: digest for digest, nik in niks.items()}
        of_target = _OFFICIAL.join(targets, targets.c.target_id == things.c.thing_id)
        return [
            entry
            for some in chunks(digests)
            for entry in self._entries(of_target.where(targets.c.nik.in_(some)), digests)
        ]

    def found(self, typed: str) -> frozenset[str]:
        """Return the ids of those whose person a search for a text finds."""
        wanted = _OFFICIAL
        if words := prefix_query(typed):
            wanted = wanted.join(targets, targets.c.target_id == things.c.thing_id)
            wanted = wanted.where(_PERSON_FOUND.bindparams(words=words))
        return frozenset(self._connection.scalars(wanted))

    def _entries(self, wanted: Select[Any], digests: Mapping[str, str] = _NOBODY) -> list[QueueEntry]:
        columns = (things.c.thing_id, things.c.body, *((targets.c.nik,) if digests else ()))
        rows = self._connection.execute(wanted.with_only_columns(*columns).order_by(things.c.row)).all()
        said = _said(self._connection, wanted) if rows else {}
        return [
            _official_of(row.body).entry(digests[row.nik] if digests else "", said.get(row.thing_id, ()))
            for row in rows
        ]


def _official_of(body: str) -> OfficialRecording:
    recording: OfficialRecording = read_json(_official_json(), body)
    return recording


@cache
def _official_json() -> TypeAdapter[OfficialRecording]:
    return TypeAdapter(OfficialRecording)


# The queue of sealed records with the statuses that the data center reported.

_FOUND = text("sealed_records.row IN (SELECT rowid FROM sealed_records_fts WHERE sealed_records_fts MATCH :words)")


class SqlSealedRecords:
    """`fieldkit.ports.store.SealedRecords` over `sealed_records` and recordings of the official application."""

    def __init__(self, connection: Connection, chain: KitChain) -> None:
        self._connection, self._chain, self._official = connection, chain, _OfficialRecordings(connection)

    def add(self, record: SealedRecord) -> None:
        """Append a record as queued. Raise `StoreError("store.record_exists")` for a second one of the same id."""
        same = select(sealed_records.c.row).where(sealed_records.c.record_id == record.record_id)
        if self._connection.scalar(same) is not None:
            raise StoreError("store.record_exists", recovery=Recovery.NONE, record=record.record_id)
        self._connection.execute(insert(sealed_records).values(mappers.record_values(record)))

    def get(self, record_id: str) -> QueueEntry:
        """Return one. Raise `StoreError("store.not_found")`."""
        for entry in self.with_ids([record_id]).values():
            return entry
        raise not_found(record_id)

    def search(self, text: str = "", limit: int | None = None) -> Sequence[QueueEntry]:
        """Return entries, oldest unacknowledged first, then the newest acknowledged ones."""
        # First which, over a narrow index: to sort the rows themselves reads every manifest.
        which = select(sealed_records.c.row)
        if words := masked_query(text):
            which = which.where(_FOUND.bindparams(words=words))
        sealed_at = sealed_records.c.sealed_at
        waits = sealed_records.c.state.in_(UNACKNOWLEDGED)
        order = (waits.desc(), case((waits, sealed_at)), sealed_at.desc(), sealed_records.c.row)
        rows = self._connection.scalars(which.order_by(*order).limit(limit)).all()
        found = {
            row: entry
            for some in chunks(rows)
            for row, entry in self._numbered(select(sealed_records).where(sealed_records.c.row.in_(some)))
        }
        return [found[row] for row in rows]

    def found(self, text: str) -> frozenset[str]:
        """Return the ids of all records that a search for a text finds, without reading the records."""
        wanted = select(sealed_records.c.record_id)
        if words := masked_query(text):
            wanted = wanted.where(_FOUND.bindparams(words=words))
        return frozenset(self._connection.scalars(wanted)) | self._official.found(text)

    def oldest_waiting(self) -> datetime | None:
        """Return when the oldest record was sealed that nobody acknowledged, None when all are."""
        waiting = sealed_records.c.state.in_(UNACKNOWLEDGED)
        oldest: datetime | None = self._connection.scalar(select(func.min(sealed_records.c.sealed_at)).where(waiting))
        return oldest

    def with_ids(self, record_ids: Iterable[str]) -> Mapping[str, QueueEntry]:
        """Return entries by their id; unknown ids are left out."""
        wanted = list(record_ids)
        found = {
            entry.record.record_id: entry
            for some in chunks(wanted)
            for entry in self._entries(select(sealed_records).where(sealed_records.c.record_id.in_(some)))
        }
        official = self._official.with_ids(each for each in wanted if each not in found)
        return found | {entry.record.record_id: entry for entry in official}

    def of_activity(self, activity_id: str) -> Sequence[QueueEntry]:
        """Return the records of one activity that none amends, of whatever activity, oldest first."""
        mine = select(sealed_records).where(
            sealed_records.c.activity_id == activity_id, sealed_records.c.record_id.not_in(AMENDED)
        )
        sealed = self._entries(mine.order_by(sealed_records.c.sealed_at, sealed_records.c.row))
        return _as_sealed([*sealed, *self._official.of_activity(activity_id)])

    def note_status(self, record_id: str, status: CentralStatus, verdict: str = "") -> bool:
        """Append what was said about a record; return whether it is new."""
        new = insert_or_not(central_statuses).values(
            record_id=record_id,
            code=status.code,
            source=status.source,
            observed_at=status.observed_at,
            reason=status.reason,
            verdict=verdict,
        )
        return bool(self._connection.execute(new.on_conflict_do_nothing()).rowcount)

    def forget_status(self, record_id: str, status: CentralStatus) -> None:
        """Take back what was noted about a record; what was never noted is no error."""
        said = central_statuses.c
        same = (said.record_id == record_id) & (said.verdict == "")
        same &= (said.code == status.code) & (said.source == status.source) & (said.reason == status.reason)
        self._connection.execute(delete(central_statuses).where(same, said.observed_at == status.observed_at))

    def next_link(self) -> ChainLink:
        """Return the place of the next record in this kit's chain."""
        on_chain = select(sealed_records.c.sequence, sealed_records.c.sha256)
        on_chain = on_chain.where(sealed_records.c.chain == self._chain.chain)
        last = self._connection.execute(on_chain.order_by(sealed_records.c.sequence.desc()).limit(1)).first()
        return (
            ChainLink(self._chain.chain, last.sequence + 1, last.sha256)
            if last
            else ChainLink(self._chain.chain, 1, "")
        )

    def is_taken(self, link: ChainLink) -> bool:
        """Return whether a record stands on this place of a chain."""
        same = (sealed_records.c.chain == link.chain) & (sealed_records.c.sequence == link.sequence)
        return self._connection.scalar(select(sealed_records.c.row).where(same)) is not None

    def states(self, record_ids: Iterable[str]) -> dict[str, DeliveryState]:
        """Return where these records are, without reading them; unknown ids are left out."""
        columns = sealed_records.c
        return {
            row.record_id: DeliveryState(row.state)
            for some in chunks(record_ids)
            for row in self._connection.execute(
                select(columns.record_id, columns.state).where(columns.record_id.in_(some))
            )
        }

    def by_nik(self, nik_digest: str, nik: str) -> Sequence[QueueEntry]:
        """Return the records of one NIK on this laptop, oldest first."""
        same = select(sealed_records).where(sealed_records.c.nik_digest == nik_digest)
        sealed = self._entries(same.order_by(sealed_records.c.sealed_at))
        return _as_sealed([*sealed, *self._official.of_niks({nik_digest: nik})])

    def of_niks(self, niks: Mapping[str, str]) -> Sequence[QueueEntry]:
        """Return the records of many NIKs, which are by their digest, that none amends, oldest first."""
        sealed = [
            entry
            for some in chunks(niks)
            for entry in self._entries(
                select(sealed_records).where(
                    sealed_records.c.nik_digest.in_(some), sealed_records.c.record_id.not_in(AMENDED)
                )
            )
        ]
        return _as_sealed([*sealed, *self._official.of_niks(niks)])

    def known(self, niks: Mapping[str, str]) -> set[str]:
        """Return those of the digests, each with its NIK, that have a record on this laptop."""
        column = sealed_records.c.nik_digest
        sealed = {
            digest
            for some in chunks(niks)
            for digest in self._connection.scalars(select(column).where(column.in_(some)))
        }
        return sealed | {entry.record.nik_digest for entry in self._official.of_niks(niks)}

    def _entries(self, wanted: Select[Any]) -> list[QueueEntry]:
        return [entry for _, entry in self._numbered(wanted)]

    def _numbered(self, wanted: Select[Any]) -> list[tuple[int, QueueEntry]]:
        rows = self._connection.execute(wanted).all()
        by_record = _said(self._connection, wanted.with_only_columns(sealed_records.c.record_id))
        return [(row.row, mappers.entry_of(row, by_record.get(row.record_id, ()))) for row in rows]


def _said(connection: Connection, record_ids: Select[Any]) -> dict[str, tuple[CentralStatus, ...]]:
    """Return what was said about records in the order it came, by their id."""
    said = select(central_statuses).where(central_statuses.c.record_id.in_(select(record_ids.subquery())))
    said = said.order_by(central_statuses.c.record_id, central_statuses.c.row)
    return {
        record_id: tuple(CentralStatus(each.code, each.source, each.observed_at, each.reason) for each in statuses)
        for record_id, statuses in groupby(connection.execute(said), key=lambda each: each.record_id)
    }


def _as_sealed(entries: Iterable[QueueEntry]) -> Sequence[QueueEntry]:
    """Return entries in the order in which they were recorded."""
    return sorted(entries, key=lambda entry: entry.record.sealed_at)


# Open recordings and the encrypted rows of their samples.


class SqlSessions:
    """`fieldkit.ports.store.Sessions` over the tables `sessions` and `samples`."""

    def __init__(self, connection: Connection, on_erased: Callable[[], None], changes: SessionChanges) -> None:
        """Call `on_erased` when bytes went that must not stay in the log of the database either."""
        self._connection, self._on_erased, self._changes = connection, on_erased, changes

    def save(self, session: CaptureSession) -> None:
        """Insert or replace the state of a session."""
        row = mappers.session_values(session)
        put(self._connection, tables.sessions, "session_id", [row])
        self._changes.sessions[session.session_id] = row

    def get(self, session_id: str) -> CaptureSession:
        """Return one. Raise `StoreError("store.not_found")`."""
        return mappers.session_of(get(self._connection, tables.sessions, "session_id", session_id))

    def unfinished(self) -> Sequence[CaptureSession]:
        """Return the sessions that are neither sealed, refused nor abandoned, oldest first."""
        still_open = select(tables.sessions).where(tables.sessions.c.phase.in_(UNFINISHED))
        still_open = still_open.order_by(tables.sessions.c.opened_at, tables.sessions.c.row)
        return [mappers.session_of(row) for row in self._connection.execute(still_open)]

    def put_samples(self, session_id: str, samples: Mapping[str, Sample]) -> None:
        """Keep samples by their id, but those that this transaction dropped already."""
        kept = {sample_id: sample for sample_id, sample in samples.items() if sample_id not in self._changes.dropped}
        rows = [mappers.sample_values(session_id, sample_id, sample) for sample_id, sample in kept.items()]
        put(self._connection, tables.samples, "sample_id", rows)
        self._changes.samples |= {row["sample_id"]: row for row in rows}

    def sample(self, sample_id: str) -> Sample:
        """Return one. Raise `StoreError("store.not_found")`."""
        return mappers.sample_of(get(self._connection, tables.samples, "sample_id", sample_id))

    def drop_samples(self, sample_ids: Iterable[str]) -> None:
        """Forget the bytes; unknown ids are no error."""
        dropped = list(sample_ids)
        self._connection.execute(delete(tables.samples).where(tables.samples.c.sample_id.in_(dropped)))
        self._changes.dropped.update(dropped)

    def erase(self, session_id: str) -> None:
        """Erase samples, biodata, companion and witnesses of an ended session; its phase and reason stay."""
        self._connection.execute(delete(tables.samples).where(tables.samples.c.session_id == session_id))
        fresh = tuple(CaptureStep.fresh(kind) for kind in CAPTURED_AT)
        session = replace(self.get(session_id), notice=None, biodata=None, inks=(), index_comparison=None)
        self.save(replace(session, steps=fresh))
        self._on_erased()
