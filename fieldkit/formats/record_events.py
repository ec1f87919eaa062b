"""The events of an opened record: whether they are whole, and whether the enrollment tells the same story."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from fieldkit.domain.errors import InputError
from fieldkit.domain.events import Event, canonical_json, digest_of
from fieldkit.domain.recording.biodata import digest_of_facts
from fieldkit.domain.recording.capture import CAPTURED_AT, StepKind
from fieldkit.domain.recording.record import FORM
from fieldkit.formats.container import OpenedRecord
from fieldkit.formats.osia import FINALIZED, request_type
from fieldkit.formats.stated import Stated, StatedAttempt

_BIODATA = {
    "nik": "nik",
    "provisional": "nomorSementara",
    "kk": "noKk",
    "name": "fullName",
    "birth_place": "placeOfBirth",
    "birth_date": "dateOfBirth",
    "sex": "gender",
    "citizenship": "kewarganegaraan",
    "blood_type": "golonganDarah",
    "religion": "agama",
    "marital_status": "statusKawin",
    "family_relation": "hubunganKeluarga",
    "education": "pendidikan",
    "occupation": "pekerjaan",
    "mother_name": "namaIbu",
}
_ADDRESS = {
    "street": "jalan",
    "rt": "rt",
    "rw": "rw",
    "village": "desa",
    "district": "kecamatan",
    "region": "kodeWilayah",
}
NEEDED = frozenset({"notice_given", "biodata_confirmed", "sealing_started"})
# Two readings of one clock within one act.
_ONE_ACT, _NO_TIME = timedelta(minutes=1), timedelta(0)


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    kit: str
    chain: str
    sequence: int
    actor: str
    at: AwareDatetime
    aggregate: str
    version: int
    kind: str
    payload: str
    previous: str


@dataclass(frozen=True, slots=True)
class Story:
    """The events of one recording, in order. `form` says what the program that began it bound together."""

    events: tuple[Event, ...]
    payloads: tuple[dict[str, Any], ...]

    @property
    def session_id(self) -> str:
        """The recording that they are of."""
        return self.events[0].aggregate

    @property
    def form(self) -> int:
        """5 when acts of authority are signed.

        4 when inks of exceptions are kept, 3 when events hold a digest of each exception and all links are kept, 2
        when each names the one before it and devices sign the recording's id; 1 before that.
        """
        form = self.payloads[0].get("form")
        return form if isinstance(form, int) and 1 < form <= FORM else 1

    @property
    def is_from_the_beginning(self) -> bool:
        """Whether the first event is the first of a recording."""
        return self.events[0].kind == "session_opened"

    @property
    def sealing_at(self) -> datetime:
        """When the sealing began for the last time."""
        return next(e.at for e in reversed(self.events) if e.kind == "sealing_started")

    @property
    def went_back(self) -> timedelta:
        """How far the laptop's clock was set back between events, all in all."""
        pairs = zip(self.events, self.events[1:], strict=False)
        return sum((max(before.at - after.at, _NO_TIME) for before, after in pairs), _NO_TIME)

    def of(self, kind: str) -> Iterator[tuple[Event, dict[str, Any]]]:
        """Yield the events of one kind with their payloads."""
        return (
            (event, payload) for event, payload in zip(self.events, self.payloads, strict=True) if event.kind == kind
        )


def story_of(record: OpenedRecord, *, is_lost: bool = False) -> Story:
    """Return the events of a record when they are whole, or as far as they are when it states that some are lost.

    Raise `InputError`: `record.events_unreadable`, `record.events_foreign` (of another kit, chain or recording),
    `record.events_broken` (a line is missing, changed or out of order) or `record.events_incomplete`.
    """
    events, payloads = [], []
    try:
        for line in record.entries["events.jsonl"].decode().splitlines():
            event = _event(line)
            payload = json.loads(event.payload)
            if not isinstance(payload, dict) or event.line() != line or canonical_json(payload) != event.payload:
                raise InputError("record.events_unreadable")
            events.append(event)
            payloads.append(payload)
    except (ValidationError, ValueError, KeyError, TypeError, RecursionError) as damage:
        raise InputError("record.events_unreadable") from damage
    if not events:
        raise InputError("record.events_incomplete")
    story = Story(tuple(events), tuple(payloads))
    _check_owner(record, story)
    # Before the second version nobody stated a loss: an older store begins anew.
    _check_whole(story, is_lost=is_lost or (record.version == 1 and not story.is_from_the_beginning))
    return story


def check_story(story: Story, stated: Stated) -> None:
    """Raise `InputError` when the enrollment tells another story than the events.

    `record.events_incomplete`, `record.biodata_differs`, `record.context_differs`, `record.attempts_differ`,
    `record.attempt_time_differs`, `record.exceptions_differ` or `record.failure_not_allowed`.
    """
    if not story.is_from_the_beginning or not {event.kind for event in story.events} >= NEEDED:
        raise InputError("record.events_incomplete")
    who = stated.biodata
    told = canonical_json({"nik": who.get("nik"), "kk": who.get("noKk"), "name": who.get("fullName")})
    *_, (_, confirmed) = story.of("biodata_confirmed")
    if confirmed.get("digest") != digest_of(told):
        raise InputError("record.biodata_differs")
    # Before the second form the log had a digest of number and name alone.
    if story.form > 1 and confirmed.get("biodata") != _confirmed_digest(stated):
        raise InputError("record.biodata_differs")
    _check_context(story, stated)
    _check_attempts(story, stated)
    _check_exceptions(story, stated)
    allowed = {str(payload.get("step")) for _, payload in story.of("failure_allowed")}
    for position in stated.context.failed:
        if not any(position in CAPTURED_AT[step] and step.value in allowed for step in CAPTURED_AT):
            raise InputError("record.failure_not_allowed", position=position.value)


def _confirmed_digest(stated: Stated) -> str:
    who, address = stated.biodata, stated.biodata.get("alamat")
    facts = {name: who.get(told, "") for name, told in _BIODATA.items()}
    where = {name: (address if isinstance(address, dict) else {}).get(told) for name, told in _ADDRESS.items()}
    return digest_of_facts({**facts, **where, "request": stated.request})


def _check_context(story: Story, stated: Stated) -> None:
    """Hold against the events what they tell of notice, beginning and comparison."""
    context = stated.context
    *_, (_, noticed) = story.of("notice_given")
    said = {"language": context.notice.language, "has_companion": bool(context.notice.companion)}
    compared = [payload.get("result") for _, payload in story.of("indexes_verified")]
    if noticed != {**noticed, **said} or compared[-1:] != [context.comparison]:
        raise InputError("record.context_differs")
    if abs(context.opened_at - story.events[0].at) > _ONE_ACT:
        raise InputError("record.context_differs")
    # The day at the dinas, by the same clock; what is asked for, in our word and in that of OSIA.
    told = context.day, stated.status, stated.asked.get("permohonan"), stated.asked.get("requestType")
    meant = context.finished_at.date().isoformat(), FINALIZED, stated.request, request_type(stated.request)
    *_, (_, sealing) = story.of("sealing_started")
    if story.form > 2 and (told != meant or sealing.get("context") != context.digest):
        raise InputError("record.context_differs")


def _event(line: str) -> Event:
    read = _Line.model_validate_json(line)
    fields = {**read.model_dump(exclude={"id"}), "event_id": read.id}
    return Event(**fields, digest=digest_of(line))


def _check_owner(record: OpenedRecord, story: Story) -> None:
    for event in story.events:
        if event.kit != record.kit_id or event.aggregate != story.session_id:
            raise InputError("record.events_foreign")
    sealings = [payload.get("record") for _, payload in story.of("sealing_started")]
    if not sealings:
        raise InputError("record.events_incomplete")
    if set(map(str, sealings)) != {record.record_id} or story.events[-1].chain != record.link.chain:
        raise InputError("record.events_foreign")


def _check_whole(story: Story, *, is_lost: bool) -> None:
    last = None
    for number, (event, payload) in enumerate(zip(story.events, story.payloads, strict=True)):
        is_next = is_lost or event.version == number
        if last is not None and event.chain == last.chain:
            is_next &= event.sequence > last.sequence
            is_next &= event.sequence != last.sequence + 1 or event.previous == last.digest
        if story.form > 1 and not is_lost:
            is_next &= payload.get("after") == (last.digest if last else "")
        if not is_next:
            raise InputError("record.events_broken", number=number + 1)
        last = event


def _check_attempts(story: Story, stated: Stated) -> None:
    heard = list(story.of("attempt_made"))
    told = [(step, attempt) for step, attempts in stated.context.attempts.items() for attempt in attempts]
    by_name = {(str(payload.get("step")), str(payload.get("attempt"))): (event, payload) for event, payload in heard}
    numbers = [[attempt.number for attempt in attempts] for attempts in stated.context.attempts.values()]
    is_counted = all(each == list(range(1, len(each) + 1)) for each in numbers)
    if not is_counted or len(by_name) != len(heard) or len(heard) != len(told):
        raise InputError("record.attempts_differ")
    for step, attempt in told:
        known = by_name.get((step.value, str(attempt.number)))
        if known is None or known[1] != {**known[1], **_payload_of(step, attempt)}:
            raise InputError("record.attempts_differ")
        event = known[0]
        if story.form > 1 and attempt.operator != event.actor:
            raise InputError("record.attempts_differ")
        if abs(event.at - attempt.at) > _ONE_ACT:
            raise InputError("record.attempt_time_differs", step=step.value, number=attempt.number)


def _payload_of(step: StepKind, attempt: StatedAttempt) -> dict[str, Any]:
    """Return what the log notes of an attempt."""
    return {
        "step": step.value,
        "attempt": attempt.number,
        "device": attempt.device,
        "samples": [
            {"position": s.position.value, "quality": s.quality, "sha256": s.sha256, "chain": s.chain_hash}
            for s in attempt.samples
        ],
        "faults": [{"position": fault.position.value, "code": fault.code} for fault in attempt.faults],
    }


def _check_exceptions(story: Story, stated: Stated) -> None:
    marks = stated.context.exceptions
    if Counter(position for _, position in _marked(story)) != Counter(mark.position.value for mark in marks):
        raise InputError("record.exceptions_differ")


def check_marks(story: Story, stated: Stated) -> None:
    """Raise `InputError` `record.exceptions_differ` for another reason, petugas, witness, time or photo than noted."""
    digests = Counter(map(str, _marked(story).values()))
    # Before the third form the log had the positions alone.
    if story.form > 2 and digests != Counter(mark.digest for mark in stated.context.exceptions):
        raise InputError("record.exceptions_differ")


def _marked(story: Story) -> dict[tuple[str, str], object]:
    """Return the digest of each exception that was not taken back, by step and position."""
    noted: dict[tuple[str, str], object] = {}
    for event, payload in zip(story.events, story.payloads, strict=True):
        place = str(payload.get("step")), str(payload.get("position"))
        if event.kind == "exception_marked":
            noted[place] = payload.get("mark")
        elif event.kind == "exception_taken_back":
            noted.pop(place, None)
    return noted
