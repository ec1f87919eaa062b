"""Domain values ↔ rows. Biodata and the state of a session are kept as JSON of their dataclasses."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Row

from fieldkit.domain.delivery import CentralStatus, DeliveryState, QueueEntry, SealedRecord
from fieldkit.domain.errors import Recovery, StoreError
from fieldkit.domain.events import Event
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import (
    Activity,
    ModePerekaman,
    ServiceCategory,
    Target,
    TargetLine,
    TargetState,
    TargetVerdict,
)
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.domain.recording.capture import DeviceEvidence, QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import Base64, ChainLink, DetachedJws, detach
from fieldkit.domain.recording.session import CaptureSession

T = TypeVar("T")
Values = dict[str, Any]
AnyRow = Row[Any]
# Looked up, because lists of thousands would call an enumeration three times a row.
_CATEGORIES = {each.value: each for each in ServiceCategory}
_STATES = {each.value: each for each in TargetState}
_JSON = json.JSONDecoder()
_VERDICTS = {each.value: each for each in TargetVerdict}


# Built at first use: together they take a fifth of a second, which sign-in should not wait for.
@cache
def _biodata_json() -> TypeAdapter[Biodata]:
    return TypeAdapter(Biodata)


@cache
def _session_json() -> TypeAdapter[CaptureSession]:
    return TypeAdapter(CaptureSession)


def read_json(adapter: TypeAdapter[T], text: str) -> T:
    """Return a value from its JSON. Raise `StoreError("store.damaged")` for one that a bad page cut."""
    try:
        return adapter.validate_json(text)
    except ValueError as error:  # what pydantic raises too
        _tell_damage(text, error)
        raise


def read_plain_json(text: str) -> Any:
    """Return what a JSON text says. Raise `StoreError("store.damaged")` for one that a bad page cut."""
    try:
        return json.loads(text)
    except ValueError as error:
        _tell_damage(text, error)
        raise


def _tell_damage(text: str, error: ValueError) -> None:
    """SQLCipher gives zeros for a bad page that continues a value; any other mistake in it is ours."""
    if "\0" in text:
        raise StoreError("store.damaged", recovery=Recovery.ASK_OFFICE) from error


def user_values(user: User) -> Values:
    """Return the row of an account."""
    return {"user_id": user.user_id, "name": user.name, "role": user.role.value}


def user_of(row: AnyRow) -> User:
    """Return the account of a row."""
    return User(row.user_id, row.name, Role(row.role))


def activity_values(activity: Activity) -> Values:
    """Return the row of an outreach day."""
    return {
        "activity_id": activity.activity_id,
        "name": activity.name,
        "place": activity.place,
        "on_day": activity.on,
        "mode": activity.mode.value,
        "surat_tugas": activity.surat_tugas,
        "sop": activity.sop,
    }


def activity_of(row: AnyRow) -> Activity:
    """Return the outreach day of a row."""
    return Activity(row.activity_id, row.name, row.place, row.on_day, ModePerekaman(row.mode), row.surat_tugas, row.sop)


def target_values(target: Target) -> Values:
    """Return the row of a target."""
    return {
        "target_id": target.target_id,
        "activity_id": target.activity_id,
        "house": target.house,
        "biodata": _biodata_json().dump_json(target.biodata).decode(),
        "category": target.category.value,
        "state": target.state.value,
        "reason": target.reason,
        "is_walk_in": int(target.is_walk_in),
        "nik": target.biodata.nik.digits,
        "verdict": target.verdict.value,
    }


class _Standings(dict[str, tuple[Any, ...]]):
    """What thousands of lines say in few different words, each of them read once."""

    def __missing__(self, standing: str) -> tuple[Any, ...]:
        category, state, verdict, came, reason = standing.split(" ", 4)
        read = _CATEGORIES[category], _STATES[state], reason, _VERDICTS[verdict], came == "1"
        self[standing] = read
        return read


def lines_of(rows: Iterable[Sequence[Any]], activity_id: str) -> list[TargetLine]:
    """Return the lines of rows: id, house, biodata, and in one text category, state, verdict, walk-in and reason.

    Raise `StoreError("store.damaged")` as `target_of` does: said while the list is read, not when somebody comes to
    that line. What is decoded there stands whole.
    """
    # Each of these thousands of tuples is made by the tuple itself: Python's own `__new__` of it costs as much again.
    made, standings, read, read_part = tuple.__new__, _Standings(), _biodata_of, _part_of
    lines: list[TargetLine] = []
    add = lines.append
    for target_id, house, biodata, standing in rows:
        if "\0" in biodata:
            raise StoreError("store.damaged", recovery=Recovery.ASK_OFFICE)
        of, stands, why, said, came = standings[standing]
        add(made(TargetLine, (target_id, activity_id, house, of, stands, why, said, came, biodata, read, read_part)))
    return lines


def _biodata_of(text: str) -> Biodata:
    return read_json(_biodata_json(), text)


def _part_of(text: str, name: str) -> Any:
    """Return the value of a field from the JSON of a dataclass. Inside of a value every quote has its backslash."""
    mark = f'"{name}":'
    return _JSON.raw_decode(text, text.index(mark) + len(mark))[0]


def target_of(row: AnyRow) -> Target:
    """Return the target of a row."""
    return Target(
        target_id=row.target_id,
        activity_id=row.activity_id,
        house=row.house,
        biodata=_biodata_of(row.biodata),
        category=_CATEGORIES[row.category],
        state=_STATES[row.state],
        reason=row.reason,
        is_walk_in=bool(row.is_walk_in),
        verdict=_VERDICTS[row.verdict],
    )


def session_values(session: CaptureSession) -> Values:
    """Return the row of a session."""
    return {
        "session_id": session.session_id,
        "activity_id": session.activity_id,
        "target_id": session.target_id,
        "phase": session.phase.value,
        "opened_at": session.opened_at,
        "snapshot": _session_json().dump_json(session).decode(),
    }


def session_of(row: AnyRow) -> CaptureSession:
    """Return the session of a row."""
    return read_json(_session_json(), row.snapshot)


def sample_values(session_id: str, sample_id: str, sample: Sample) -> Values:
    """Return the row of a sample."""
    evidence = sample.evidence
    return {
        "sample_id": sample_id,
        "session_id": session_id,
        "position": sample.position.value,
        "format": sample.format.value,
        "content": sample.data,
        "quality": sample.quality.value,
        "quality_algorithm": sample.quality.algorithm,
        "quality_version": sample.quality.version,
        "hints": json.dumps(sample.hints),
        "device_jws": evidence and _without_sample(evidence.jws, sample.data),
        "device_chain_hash": evidence and evidence.chain_hash,
        "device_code": evidence and evidence.device_code,
        "device_signed_at": evidence and evidence.signed_at,
        "device_certificate": evidence and evidence.certificate_der,
    }


def sample_of(row: AnyRow) -> Sample:
    """Return the sample of a row."""
    evidence = None
    if row.device_jws is not None:
        evidence = DeviceEvidence(
            _with_sample(row.device_jws, row.content),
            row.device_chain_hash,
            row.device_code,
            row.device_signed_at,
            row.device_certificate,
        )
    return Sample(
        position=Position(row.position),
        format=SampleFormat(row.format),
        data=row.content,
        quality=QualityScore(row.quality, row.quality_algorithm, row.quality_version),
        evidence=evidence,
        hints=tuple(read_plain_json(row.hints)),
    )


def _without_sample(jws: str, sample: bytes) -> str:
    """Return what is kept of a JWS: JSON of its parts without the sample, or the JWS where it does not hold that."""
    found = detach(jws.encode(), sample)
    if found is None:
        return jws
    claims = base64.b64encode(found.claims).decode()
    return json.dumps([found.header.decode(), claims, found.signature.decode(), found.at, found.alphabet])


def _with_sample(kept: str, sample: bytes) -> str:
    if not kept.startswith("["):
        return kept
    header, claims, signature, at, alphabet = read_plain_json(kept)
    parts = header.encode(), base64.b64decode(claims), signature.encode(), at, Base64(alphabet)
    return DetachedJws(*parts).attach(sample).decode()


def record_values(record: SealedRecord) -> Values:
    """Return the row of a record that was just sealed."""
    return {
        "record_id": record.record_id,
        "session_id": record.session_id,
        "activity_id": record.activity_id,
        "target_id": record.target_id,
        "chain": record.link.chain,
        "sequence": record.link.sequence,
        "previous": record.link.previous,
        "sealed_at": record.sealed_at,
        "size_bytes": record.size_bytes,
        "sha256": record.sha256,
        "manifest_jws": record.manifest_jws,
        "masked_name": record.masked_name,
        "masked_nik": record.masked_nik,
        "nik_digest": record.nik_digest,
        "place": record.place,
        "card_from": record.card_from,
        "exceptions": record.exceptions,
        "amends": record.amends,
        "state": DeliveryState.QUEUED.value,
        "offset_bytes": 0,
        "attempts": 0,
        "reason": "",
        "next_try_at": None,
        "acknowledged_at": None,
        "receipt_jws": "",
    }


def entry_of(row: AnyRow, statuses: tuple[CentralStatus, ...]) -> QueueEntry:
    """Return the queue entry of a row and its central statuses in the order they came."""
    record = SealedRecord(
        record_id=row.record_id,
        session_id=row.session_id,
        activity_id=row.activity_id,
        target_id=row.target_id,
        link=ChainLink(row.chain, row.sequence, row.previous),
        sealed_at=row.sealed_at,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        manifest_jws=row.manifest_jws,
        masked_name=row.masked_name,
        masked_nik=row.masked_nik,
        nik_digest=row.nik_digest,
        place=row.place,
        card_from=row.card_from,
        exceptions=row.exceptions,
        amends=row.amends,
    )
    return QueueEntry(
        record=record,
        state=DeliveryState(row.state),
        offset_bytes=row.offset_bytes,
        attempts=row.attempts,
        reason=row.reason,
        next_try_at=row.next_try_at,
        acknowledged_at=row.acknowledged_at,
        receipt_jws=row.receipt_jws,
        statuses=statuses,
    )


def event_values(event: Event) -> Values:
    """Return the row of an event."""
    return {
        "event_id": event.event_id,
        "kit": event.kit,
        "chain": event.chain,
        "sequence": event.sequence,
        "actor": event.actor,
        "at": event.at,
        "aggregate": event.aggregate,
        "version": event.version,
        "kind": event.kind,
        "payload": event.payload,
        "previous": event.previous,
        "digest": event.digest,
    }


def event_of(row: AnyRow) -> Event:
    """Return the event of a row."""
    return Event(
        event_id=row.event_id,
        kit=row.kit,
        chain=row.chain,
        sequence=row.sequence,
        actor=row.actor,
        at=row.at,
        aggregate=row.aggregate,
        version=row.version,
        kind=row.kind,
        payload=row.payload,
        previous=row.previous,
        digest=row.digest,
    )
