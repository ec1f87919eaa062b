"""The samples of an opened record: each one once, where it belongs, as it was captured and as its device signed it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.domain.recording.capture import CAPTURED_AT, SampleFormat, StepKind
from fieldkit.domain.recording.exceptions import DEMANDED, InkRole
from fieldkit.domain.recording.positions import FINGERS, REASONS, ExceptionMark, Modality, Position
from fieldkit.formats.container import OpenedRecord, OpenedSample
from fieldkit.formats.face import FaceRecord, decode_face_record
from fieldkit.formats.finger import FingerRecord, decode_finger_record
from fieldkit.formats.images import decode_grey
from fieldkit.formats.iris import IrisRecord, decode_iris_record
from fieldkit.formats.osia import SIGNATURE_PPI, dated_by_image, described_image, missed, osia_type
from fieldkit.formats.record_events import Story
from fieldkit.formats.signature import decode_signature, in_four_greys, render_signature_png
from fieldkit.formats.stated import (
    Stated,
    StatedAttempt,
    StatedCapture,
    StatedInk,
    StatedItem,
    StatedMark,
    StatedMetadata,
    metadata_of,
)
from fieldkit.ports.vault import DeviceProofs

# The driver allows five minutes between the clocks of laptop and device; the capture itself takes its time too.
_CAPTURE_TIME = timedelta(minutes=15)
_INK_TOLERANCE = 2.0  # grey levels on average: another version of the drawing library smooths edges otherwise
_NIK = re.compile(r"[0-9]{16}", re.ASCII)
_SERIAL = 120  # letters of a serial number that the kit keeps
_BIO_TYPES = {Modality.FINGER: "finger", Modality.IRIS: "iris", Modality.FACE: "face"}


@dataclass(frozen=True, slots=True)
class _Found:
    """A sample with everything that speaks of it."""

    item: StatedItem
    beside: StatedMetadata
    sample: OpenedSample
    attempt: StatedAttempt
    capture: StatedCapture

    @property
    def name(self) -> str:
        return _named(self.sample)


def check_samples(record: OpenedRecord, stated: Stated, story: Story, devices: DeviceProofs) -> None:
    """Raise `InputError` `record.sample_…`, `record.image_…` or `record.device_…`, with the position where one is."""
    samples = _listed(record, stated)
    pictures: dict[bytes, str] = {}
    for item, beside, sample in samples:
        name = _named(sample)
        digest = _check_image(record, item, sample, name)
        if sample.format is not SampleFormat.SIGNATURE_STROKES and pictures.setdefault(digest, name) != name:
            raise InputError("record.sample_twice", position=name, other=pictures[digest])
        found = _Found(item, beside, sample, *_captured(stated, item, sample, name))
        _check_capture(found, record.version)
        _check_threshold(found, stated)
        _check_device(record, found, story, devices)
    tried = {sample.position for item, _, sample in samples if item.missing}
    _check_complete(stated, [sample for _, _, sample in samples], tried, record.version)


def _listed(record: OpenedRecord, stated: Stated) -> list[tuple[StatedItem, StatedMetadata, OpenedSample]]:
    """Match files and items one to one; what stands in the container without being named is refused."""
    files = {_file_of(sample): sample for sample in record.samples}
    named = {"enrollment.json", "events.jsonl"}
    found = []
    for item in stated.items:
        if not item.image:
            continue
        name = item.image.removeprefix(f"urn:uuid:{record.record_id}#")
        sample = files.get(name)
        beside = metadata_of(item)
        for part in filter(None, (name, beside.strokes, beside.jws, beside.certificate)):
            if part in named:
                raise InputError("record.sample_twice", position=part, other=part)
            if part not in record.entries:
                raise InputError("record.sample_absent", entry=part)
            named.add(part)
        if sample is None:
            raise InputError("record.sample_absent", entry=name)
        if (item.kind, item.sub_kind) != osia_type(sample.position):
            raise InputError("record.position_differs", position=_named(sample))
        found.append((item, beside, sample))
    photos = [mark.photo for mark in stated.context.exceptions if mark.photo]
    refs = [part.ref for document in stated.documents for part in document.parts]
    for name in (*photos, *(ref.removeprefix(f"urn:uuid:{record.record_id}#") for ref in refs)):
        if name not in record.entries:
            raise InputError("record.sample_absent", entry=name)
        named.add(name)
    for name in (name for ink in stated.context.inks for name in (ink.picture, ink.strokes)):
        if name not in record.entries:
            raise InputError("record.sample_absent", entry=name)
        if name in named:
            raise InputError("record.sample_twice", position=name, other=name)
        named.add(name)
    if unlisted := sorted(record.entries.keys() - named):
        raise InputError("record.sample_unlisted", entry=unlisted[0])
    return found


def _check_image(record: OpenedRecord, item: StatedItem, sample: OpenedSample, name: str) -> bytes:
    """Return the digest of the pixels when the record can be read and is what the item says."""
    try:
        if sample.format is SampleFormat.SIGNATURE_STROKES:
            pixels, position = decode_grey(record.entries[_file_of(sample)]), sample.position
            is_drawn = is_drawn_from(pixels, sample.data)
        else:
            read = _decoded(sample)
            pixels, is_drawn = read.pixels(), True
            position = Position.PORTRAIT if isinstance(read, FaceRecord) else read.position
    except InputError as damage:
        raise InputError("record.sample_unreadable", position=name) from damage
    if position is not sample.position:
        raise InputError("record.position_differs", position=name)
    said = described_image(sample.format, sample.data)
    if not is_drawn or said != {key: (item.model_extra or {}).get(key) for key in said}:
        raise InputError("record.image_differs", position=name)
    return hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).digest()


def _captured(stated: Stated, item: StatedItem, sample: OpenedSample, name: str) -> tuple[StatedAttempt, StatedCapture]:
    digest = hashlib.sha256(sample.data).hexdigest()
    for attempt in _attempts_at(stated, sample, item.instance):
        for capture in attempt.samples:
            if capture.position is sample.position and capture.sha256 == digest:
                return attempt, capture
    raise InputError("record.sample_not_captured", position=name)


def _attempts_at(stated: Stated, sample: OpenedSample, instance: str) -> Iterator[StatedAttempt]:
    for step, attempts in stated.context.attempts.items():
        is_step = sample.position in CAPTURED_AT.get(step, ())
        if is_step and (step is StepKind.CONFIRMATION) is sample.is_confirmation:
            yield from (a for a in attempts if sample.is_confirmation or instance == str(a.number))


def _check_capture(found: _Found, version: int) -> None:
    item, capture = found.item, found.capture
    if (item.quality, item.algorithm) != (capture.quality, capture.algorithm):
        raise InputError("record.quality_differs", position=found.name)
    by_image = dated_by_image(found.sample.format, found.sample.data) if version > 1 else None
    if item.captured_at != (by_image or found.attempt.at) or item.device != found.attempt.device:
        raise InputError("record.capture_time_differs", position=found.name)


def _check_threshold(found: _Found, stated: Stated) -> None:
    """A sample below what the record itself calls enough stands for a failure that was allowed, or for nothing."""
    position, policy = found.sample.position, stated.context.policy
    is_let_pass = found.item.missing or position in stated.context.failed
    if policy and not is_let_pass and found.item.quality < policy.enough(position):
        raise InputError("record.below_threshold", position=found.name, score=found.item.quality)


def _check_device(record: OpenedRecord, found: _Found, story: Story, devices: DeviceProofs) -> None:
    """What a device signed is verified again, and it must speak of this sample, this time and this recording."""
    beside, capture = found.beside, found.capture
    if beside.chain_hash != capture.chain_hash or bool(beside.jws) is not bool(capture.chain_hash):
        raise InputError("record.device_proof_missing", position=found.name)
    if not beside.jws:
        return
    if not beside.certificate or beside.signed_at is None:
        raise InputError("record.device_proof_missing", position=found.name)
    token = record.entries[beside.jws].decode("ascii", "replace")
    try:
        payload = devices.verify(token, record.entries[beside.certificate], beside.signed_at)
    except KnownError as error:
        code = "device_untrusted" if error.code == "device.jws_untrusted" else "device_signature"
        raise InputError(f"record.{code}", position=found.name) from error
    _check_payload(payload, found, beside.signed_at)
    session = str(payload.get("transactionId"))
    if story.form > 1 and not session.startswith(story.session_id):
        raise InputError("record.device_session", position=found.name)


def _check_payload(payload: Mapping[str, Any], found: _Found, signed_at: datetime) -> None:
    if _base64(payload.get("bioValue")) != found.sample.data:
        raise InputError("record.device_content", position=found.name)
    said = (str(payload.get("bioType")).lower(), str(payload.get("bioSubType") or "UNKNOWN").lower())
    position = found.sample.position
    if said[0] != _BIO_TYPES.get(position.modality) or said[1] not in ("unknown", _sub_type(position)):
        raise InputError("record.device_position", position=found.name)
    if str(payload.get("purpose")).lower() != "registration":
        raise InputError("record.device_session", position=found.name)
    told = found.beside.device_quality
    if told is not None and _score_in(payload) != told:
        raise InputError("record.device_score", position=found.name)
    if not found.attempt.device.endswith(_serial(payload.get("digitalId"))[:_SERIAL]):
        raise InputError("record.device_other", position=found.name)
    if _moment(payload.get("timestamp")) != signed_at or abs(signed_at - found.attempt.at) > _CAPTURE_TIME:
        raise InputError("record.device_time", position=found.name)


def _check_complete(stated: Stated, samples: list[OpenedSample], tried: set[Position], version: int) -> None:
    """Each position needs a sample, an exception or a failure that the team lead allowed; the signature both times.

    A position in `tried` was excepted and has the best of what was tried, which counts for nothing else.
    """
    context = stated.context
    marked = Counter(mark.position for mark in context.exceptions)
    given = Counter(sample.position for sample in samples)
    # A failed position may have its best sample all the same. The signature is asked for twice.
    without = (p for p in context.failed if p is Position.SIGNATURE or p not in given)
    told = given + marked + Counter(without)
    wanted = Counter(position for positions in CAPTURED_AT.values() for position in positions)
    if missing := wanted - told:
        raise InputError("record.sample_missing", positions=", ".join(sorted(missing)))
    if both := sorted((given.keys() & marked.keys()) - tried - {Position.SIGNATURE}):
        raise InputError("record.sample_and_exception", position=both[0])
    for mark in context.exceptions:
        if mark.reason not in REASONS[mark.position.modality]:
            raise InputError("record.exception_reason", position=mark.position.value)
        if not mark.witness.strip() or not any(who.strip() for who in mark.petugas):
            raise InputError("record.exception_unwitnessed", position=mark.position.value)
        is_nik_wanted = mark.witness_nik or (context.policy and context.policy.witness_nik)
        if is_nik_wanted and not _NIK.fullmatch(mark.witness_nik):
            raise InputError("record.exception_nik", position=mark.position.value)
        if context.policy and context.policy.exception_photo and not mark.photo:
            raise InputError("record.exception_photo", position=mark.position.value)
    told_missing = [each for item in stated.items for each in item.missing]
    places = Counter(str(each.get("biometricSubType")) for each in told_missing)
    # The first version had another word for some reasons.
    is_told = version == 1 or all(each in map(missed, map(_marked, context.exceptions)) for each in told_missing)
    if not is_told or places != Counter(osia_type(position)[1] for position in marked.elements()):
        raise InputError("record.exceptions_differ")


def _marked(mark: StatedMark) -> ExceptionMark:
    return ExceptionMark(mark.position, mark.reason, 0, mark.petugas, mark.witness, mark.at)


def _decoded(sample: OpenedSample) -> FingerRecord | FaceRecord | IrisRecord:
    if sample.format is SampleFormat.ISO_19794_4:
        return decode_finger_record(sample.data)
    return (
        decode_face_record(sample.data)
        if sample.format is SampleFormat.ISO_19794_5
        else decode_iris_record(sample.data)
    )


def is_drawn_from(pixels: NDArray[np.uint8], strokes: bytes) -> bool:
    """Return whether a picture (height, width) shows the strokes of a signature. Raise `InputError` for no strokes."""
    drawn = decode_grey(render_signature_png(decode_signature(strokes), SIGNATURE_PPI))
    if pixels.shape != drawn.shape:
        return False
    # Programs of before drew soft edges in all greys.
    return float(np.mean(np.abs(in_four_greys(pixels).astype(np.int16) - drawn.astype(np.int16)))) <= _INK_TOLERANCE


def _file_of(sample: OpenedSample) -> str:
    extension = {
        SampleFormat.ISO_19794_4: "fir",
        SampleFormat.ISO_19794_5: "fac",
        SampleFormat.ISO_19794_6: "iir",
        SampleFormat.SIGNATURE_STROKES: "png",
    }[sample.format]
    return f"samples/{_named(sample)}.{extension}"


def _named(sample: OpenedSample) -> str:
    return f"{sample.position.value}.confirmation" if sample.is_confirmation else sample.position.value


def _sub_type(position: Position) -> str:
    """Return how devices name a position (the interface's `bioSubType`), in lower case."""
    if position.modality is Modality.FACE:
        return "face"
    side, _, finger = position.value.lower().partition("_")
    if position not in FINGERS:
        return finger
    return f"{side} thumb" if finger == "thumb" else f"{side} {finger}finger"


def _serial(digital_id: object) -> str:
    """Return the serial number that a device states; what cannot be read is a device that nobody has."""
    try:
        return str(json.loads(_base64(str(digital_id).split(".")[1]))["serialNo"])
    except (ValueError, IndexError, KeyError, TypeError, RecursionError):
        return "\0"


def _score_in(payload: Mapping[str, Any]) -> int | None:
    """Return the score that a device signed: text, a whole number or a fraction; None for what is no number."""
    try:
        return round(float(str(payload.get("qualityScore"))))
    except (ValueError, OverflowError):
        return None


def _base64(encoded: object) -> bytes:
    """Decode base64url as devices write it, with or without padding; b"" for what is none."""
    plain = str(encoded).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        return b""


def _moment(told: object) -> datetime | None:
    """Read the time of a device; one without zone is UTC, as the interface says."""
    try:
        at = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


# The ink of those who saw exceptions, in an opened record: theirs, for these exceptions, and there where demanded.


def check_inks(record: OpenedRecord, stated: Stated, story: Story, *, is_lost: bool) -> None:
    """Raise `InputError` `record.ink_…`: `unnamed` of somebody whom no exception names, `twice` given, `differs` from
    what was signed, `missing` where the log or the dinas' policy has it.

    Of a log with gaps (`is_lost`) nothing is asked.
    """
    context = stated.context
    named = named_by(context.exceptions)
    taken = _taken(story)
    for ink in context.inks:
        _check_files(record, ink)
        if (ink.role, ink.who) not in named:
            raise InputError("record.ink_unnamed", who=ink.name)
        # Whoever signs what names him: the digest holds his exceptions too.
        if not is_lost and ink.digest(named[ink.role, ink.who]) not in taken:
            raise InputError("record.ink_differs", who=ink.name)
    given = [(ink.role, ink.who) for ink in context.inks]
    strokes = [ink.sha256 for ink in context.inks]
    if len(set(given)) != len(given) or len(set(strokes)) != len(strokes):
        raise InputError("record.ink_twice")
    demanded = DEMANDED[context.policy.exception_ink] if context.policy else frozenset()
    for (role, who), marks in named.items():
        is_needed = role in demanded or (not is_lost and (role, marks) in taken.values())
        if is_needed and (role, who) not in given:
            raise InputError("record.ink_missing", who=who)
    alone = [mark for mark in context.exceptions if len(mark.petugas) < 2]
    if InkRole.ATTENDANT in demanded and alone:
        raise InputError("record.exception_unwitnessed", position=alone[0].position.value)


def named_by(marks: tuple[StatedMark, ...]) -> Mapping[tuple[InkRole, str], tuple[str, ...]]:
    """Return the digests of the exceptions that name somebody, in order."""
    found: dict[tuple[InkRole, str], list[str]] = {}
    for mark in marks:
        found.setdefault((InkRole.WITNESS, mark.witness.strip()), []).append(mark.digest)
        for second in mark.petugas[1:]:
            found.setdefault((InkRole.ATTENDANT, second), []).append(mark.digest)
    return {who: tuple(sorted(digests)) for who, digests in found.items()}


def _taken(story: Story) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Return as what somebody signed which exceptions, by the digest of the ink, unless it was dropped since."""
    taken: dict[str, tuple[str, tuple[str, ...]]] = {}
    for event, payload in zip(story.events, story.payloads, strict=True):
        if event.kind == "ink_taken":
            marks = payload.get("marks")
            signed = tuple(map(str, marks)) if isinstance(marks, list) else ()
            taken[str(payload.get("ink"))] = str(payload.get("role")), signed
        elif event.kind == "ink_dropped":
            taken.pop(str(payload.get("ink")), None)
    return taken


def _check_files(record: OpenedRecord, ink: StatedInk) -> None:
    strokes = record.entries[ink.strokes]
    try:
        is_drawn = is_drawn_from(decode_grey(record.entries[ink.picture]), strokes)
    except InputError as damage:
        raise InputError("record.ink_differs", who=ink.name) from damage
    if not is_drawn or hashlib.sha256(strokes).hexdigest() != ink.sha256:
        raise InputError("record.ink_differs", who=ink.name)
