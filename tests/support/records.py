"""The smallest record that a data center accepts: a portrait, and for everything else why it could not be taken."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from support.kept import biodata
from support.samples import sample

from fieldkit.domain.events import Event, canonical_json, digest_of
from fieldkit.domain.recording.biodata import digest_of_biodata
from fieldkit.domain.recording.capture import CAPTURED_AT, Attempt, SampleRef, StepKind
from fieldkit.domain.recording.positions import ExceptionMark, ExceptionReason, Modality, Position
from fieldkit.domain.recording.record import (
    FORM,
    ChainLink,
    IndexComparison,
    Notice,
    RecordContext,
    RecordDraft,
    RecordSample,
    StepAttempts,
    digest_of_context,
)

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
_REASONS = {
    Modality.FINGER: ExceptionReason.BANDAGED,
    Modality.IRIS: ExceptionReason.EYES_CLOSED,
    Modality.SIGNATURE: ExceptionReason.CANNOT_SIGN,
}


def small_draft(
    record_id: str,
    kit: str,
    nik: str = "3315014107900001",
    sequence: int = 1,
    amends: str = "",
    at: datetime = AT,
    petugas: str = "rina",
) -> RecordDraft:
    context = RecordContext(kit, "kegiatan-1", "Jemput bola", "Desa Uji", "094/1", "luring", (petugas,), at, at)
    places = [(step, position) for step, positions in CAPTURED_AT.items() for position in positions]
    marks = tuple(
        ExceptionMark(position, _REASONS[position.modality], 1, (petugas,), "Pak RT", at)
        for step, position in places
        if step is not StepKind.PHOTO
    )
    portrait = sample(Position.PORTRAIT)
    digest = hashlib.sha256(portrait.data).hexdigest()
    ref = SampleRef("s1", Position.PORTRAIT, portrait.format, portrait.quality, digest, len(portrait.data), 1)
    draft = RecordDraft(
        record_id=record_id,
        link=ChainLink("c1", sequence, ""),
        context=context,
        notice=Notice(at, "id"),
        biodata=replace(biodata("SITI", nik), birth_date=date(1990, 7, 1)),
        samples=(RecordSample(StepKind.PHOTO, portrait, 1),),
        exceptions=marks,
        failed=(),
        attempts=(StepAttempts(StepKind.PHOTO, (Attempt(1, at, "Device 1", (ref,), operator=petugas),)),),
        index_comparison=IndexComparison.NOT_COMPARED,
        events=(),
        amends=amends,
    )
    return told(draft)


def told(draft: RecordDraft) -> RecordDraft:
    """Return a draft with the events that a kit would have noted of it."""
    who, link, at = draft.biodata, draft.link, draft.context.finished_at
    named = canonical_json({"nik": who.nik.official, "kk": who.no_kk.digits, "name": who.name})
    happened: list[tuple[str, Mapping[str, object]]] = [
        ("session_opened", {"target": "t1", "form": FORM}),
        ("notice_given", {"language": "id", "has_companion": False}),
        ("biodata_confirmed", {"digest": digest_of(named), "biodata": digest_of_biodata(who)}),
    ]
    for steps in draft.attempts:
        for attempt in steps.attempts:
            samples = [
                {"position": s.position.value, "quality": s.quality.value, "sha256": s.sha256, "chain": s.chain_hash}
                for s in attempt.samples
            ]
            made = {"step": steps.step.value, "attempt": attempt.number, "device": attempt.device, "samples": samples}
            happened.append(("attempt_made", {**made, "faults": []}))
    signed = [StepKind.CONFIRMATION, StepKind.SIGNATURE]
    for mark in draft.exceptions:
        step = next(s for s, positions in CAPTURED_AT.items() if mark.position in positions)
        place = signed.pop().value if mark.position is Position.SIGNATURE else step.value
        marked = {"step": place, "position": mark.position.value, "attempts": 1, "mark": mark.digest}
        happened.append(("exception_marked", marked))
    for position in draft.failed:
        step = next(s for s, positions in CAPTURED_AT.items() if position in positions)
        happened.append(("failure_allowed", {"step": step.value, "allowed_by": "bagus"}))
    happened.append(("indexes_verified", {"result": draft.index_comparison.value}))
    place = draft.context.activity_id, draft.context.activity_name, draft.context.place, draft.context.surat_tugas
    sealing = {"record": draft.record_id, "context": digest_of_context(*place, draft.context.program)}
    happened.append(("sealing_started", sealing))
    lines, last = [], ""
    for number, (kind, payload) in enumerate(happened):
        text = canonical_json({**payload, "after": last})
        event = Event(
            *(f"e{number}", draft.context.kit_id, link.chain, number + 1, draft.context.attendants[0], at),
            *("session-1", number, kind, text, last, ""),
        )
        lines.append(event.line())
        last = digest_of(event.line())
    return replace(draft, events=tuple(lines))


def without_mark(draft: RecordDraft, position: Position) -> RecordDraft:
    return told(replace(draft, exceptions=tuple(mark for mark in draft.exceptions if mark.position is not position)))
