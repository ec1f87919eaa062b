"""`enrollment.json`: a record as OSIA Enrollment 1.3.0. National fields stand in its open objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import Sex
from fieldkit.domain.recording.biodata import Biodata, RequestType
from fieldkit.domain.recording.capture import (
    REPLACED,
    Attempt,
    CapturePolicy,
    DeviceLink,
    QualityScore,
    Sample,
    SampleFormat,
    SampleRef,
    StepKind,
)
from fieldkit.domain.recording.exceptions import InkGiven
from fieldkit.domain.recording.positions import ExceptionMark, Modality, Position
from fieldkit.domain.recording.record import RecordDraft, RecordSample, SpotSeen
from fieldkit.domain.trusted_time import TimeEvidence
from fieldkit.formats.face import FaceRecord, decode_face_record
from fieldkit.formats.finger import FingerRecord, decode_finger_record
from fieldkit.formats.iris import IrisRecord, decode_iris_record
from fieldkit.formats.iso19794 import ImageCoding

Json = dict[str, Any]

SIGNATURE_PPI, FINALIZED = 300, "FINALIZED"

_REQUESTS = {
    RequestType.NEW: "FIRST_ISSUANCE",
    RequestType.REPEATED: "RE_ENROLMENT",
    RequestType.CHANGED: "UPDATE",
}
_TYPES = {
    Modality.FINGER: "FINGER",
    Modality.IRIS: "IRIS",
    Modality.FACE: "FACE",
    Modality.SIGNATURE: "SIGNATURE",
}
_COMPRESSIONS = {
    ImageCoding.RAW: "NONE",
    ImageCoding.WSQ: "WSQ",
    ImageCoding.JPEG: "JPEG",
    ImageCoding.JP2_LOSSY: "JPEG2000",
    ImageCoding.JP2_LOSSLESS: "JPEG2000",
    ImageCoding.PNG: "PNG",
}


def enrollment(
    draft: RecordDraft,
    sample_files: Mapping[str, RecordSample],
    photo_files: Mapping[str, str] | None = None,
    ink_files: Mapping[str, InkGiven] | None = None,
) -> Json:
    """Return the enrollment of a draft.

    `sample_files` names the file of each sample inside the container, `photo_files` that of each photo of an exception
    by its id, `ink_files` the two of each ink without their extension.
    """
    return {
        "enrollmentId": draft.record_id,
        "status": FINALIZED,
        "enrollmentType": draft.biodata.request.value,
        "enrollmentFlags": {"modePerekaman": draft.context.mode_perekaman},
        "requestData": _request(draft),
        "contextualData": _context(draft, photo_files or {}, ink_files or {}),
        "biographicData": _biographic(draft.biodata),
        **({"documentData": _documents(draft)} if draft.papers else {}),
        "biometricData": [*_samples(draft, sample_files), *_missing(_without_image(draft))],
    }


def paper_file(kind: str) -> str:
    """Return the name of a paper inside the container."""
    return f"documents/{kind}.pdf"


def _documents(draft: RecordDraft) -> list[Json]:
    ref = f"urn:uuid:{draft.record_id}#"
    return [
        {
            "documentType": "OTHER",
            "documentTypeOther": kind.upper(),
            "parts": [{"dataRef": f"{ref}{paper_file(kind)}", "mimeType": "application/pdf"}],
        }
        for kind in sorted(draft.papers)
    ]


def request_type(request: str) -> str:
    """Return the word of OSIA for a request, "" for one that there is not."""
    return next((told for ours, told in _REQUESTS.items() if ours.value == request), "")


def _request(draft: RecordDraft) -> Json:
    request: Json = {"requestType": _REQUESTS[draft.biodata.request], "permohonan": draft.biodata.request.value}
    return {**request, "amends": draft.amends} if draft.amends else request


def _biographic(who: Biodata) -> Json:
    return {
        "nik": who.nik.official,
        # Of a person without a NIK: the kit's own number, under which the NIK is told later.
        **({"nomorSementara": who.nik.digits} if who.nik.is_provisional else {}),
        "noKk": who.no_kk.digits,
        "fullName": who.name,
        "placeOfBirth": who.birth_place,
        "dateOfBirth": who.birth_date.isoformat(),
        "gender": "F" if who.sex is Sex.FEMALE else "M",
        "kewarganegaraan": who.citizenship.value,
        "golonganDarah": who.blood_type,
        "agama": who.religion,
        "statusKawin": int(who.marital_status),
        "hubunganKeluarga": who.family_relation,
        "pendidikan": who.education,
        "pekerjaan": who.occupation,
        "namaIbu": who.mother_name,
        "alamat": {
            "jalan": who.address.street,
            "rt": who.address.rt,
            "rw": who.address.rw,
            "desa": who.address.village,
            "kecamatan": who.address.district,
            "kodeWilayah": who.address.region,
        },
    }


def _context(draft: RecordDraft, photo_files: Mapping[str, str], ink_files: Mapping[str, InkGiven]) -> Json:
    context, link = draft.context, draft.link
    kept = {each.sample.evidence.chain_hash for each in draft.samples if each.sample.evidence}
    return {
        "enrollmentDate": context.finished_at.date().isoformat(),
        "openedAt": context.opened_at.isoformat(),
        "finishedAt": context.finished_at.isoformat(),
        "workedSeconds": round(context.worked_ms / 1000),
        "zone": context.finished_at.strftime("%z"),
        "kit": context.kit_id,
        "chain": {"chain": link.chain, "sequence": link.sequence, "previous": link.previous},
        "petugas": list(context.attendants),
        "kegiatan": {"id": context.activity_id, "name": context.activity_name},
        "lokasi": context.place,
        "suratTugas": context.surat_tugas,
        "notice": {
            "at": draft.notice.at.isoformat(),
            "language": draft.notice.language,
            "companion": draft.notice.companion,
        },
        "exceptions": [_exception(mark, photo_files) for mark in draft.exceptions],
        **({"exceptionInks": [_ink(stem, ink) for stem, ink in ink_files.items()]} if ink_files else {}),
        "failedToAcquire": [position.value for position in draft.failed],
        "attempts": {
            steps.step.value: [_attempt(attempt, kept) for attempt in steps.attempts] for steps in draft.attempts
        },
        "indexComparison": draft.index_comparison.value,
        **({"program": {"name": "fieldkit", "version": context.program}} if context.program else {}),
        **({"policy": _policy(context.policy)} if context.policy else {}),
        **({"spot": _spot(context.spot)} if context.spot else {}),
        **({"time": _time(context.time)} if context.time else {}),
        **({"eventsLost": True} if context.has_lost_events else {}),
    }


def _policy(policy: CapturePolicy) -> Json:
    told: Json = {
        "name": policy.name,
        "maxAttempts": policy.max_attempts,
        "exceptionPhoto": policy.exception_photo,
        "exceptionInk": policy.exception_ink.value,
        "exceptionsAlone": policy.exceptions_alone,
        **({"witnessNik": True} if policy.witness_nik else {}),
    }
    for modality in Modality:
        wanted = policy.thresholds(modality)
        told[modality.value] = {"good": wanted.good, "enough": wanted.enough}
    return told


def _spot(spot: SpotSeen) -> Json:
    return {"latitude": spot.latitude, "longitude": spot.longitude, "at": spot.at.isoformat()}


def _time(evidence: TimeEvidence) -> Json:
    trusted = evidence.trusted
    told: Json = {
        "clockAt": evidence.clock_at.isoformat(),
        "correctionS": evidence.correction_s,
        "boot": evidence.running.boot,
        "runningS": evidence.running.seconds,
    }
    if trusted is None:
        return told
    return {
        **told,
        "trustedAt": trusted.at.isoformat(),
        "trustedSource": trusted.source.value,
        "trustedSinceS": evidence.since_s,
    }


def _exception(mark: ExceptionMark, photo_files: Mapping[str, str]) -> Json:
    told: Json = {
        "position": mark.position.value,
        "reason": mark.reason.value,
        "attempts": mark.attempts,
        "petugas": list(mark.attendants),
        "witness": mark.witness,
        **({"witnessNik": mark.witness_nik} if mark.witness_nik else {}),
        "at": mark.at.isoformat(),
    }
    photo = photo_files.get(mark.evidence_sample_id)
    return {**told, "photo": photo} if photo else told


def _ink(stem: str, ink: InkGiven) -> Json:
    return {
        "role": ink.wanted.role.value,
        "who": ink.wanted.who,
        "name": ink.name,
        "picture": f"{stem}.png",
        "strokes": f"{stem}.json",
        "sha256": ink.sha256,
        "at": ink.at.isoformat(),
        "device": ink.device,
        "operator": ink.operator,
    }


def _attempt(attempt: Attempt, kept: Container[str]) -> Json:
    samples = [
        {
            "position": ref.position.value,
            "quality": ref.quality.value,
            "algorithm": _named(ref.quality),
            **_device_quality(ref),
            "sha256": ref.sha256,
            "bytes": ref.size_bytes,
            "chainHash": ref.chain_hash,
            "hints": list(ref.hints),
        }
        for ref in attempt.samples
    ]
    faults = [
        {"position": fault.position.value, "code": fault.code}
        | ({"sha256": fault.sha256, "chainHash": fault.chain_hash} if fault.sha256 else {})
        for fault in attempt.faults
    ]
    return {
        "number": attempt.number,
        "at": attempt.at.isoformat(),
        "device": attempt.device,
        "firmware": attempt.firmware,
        "operator": attempt.operator,
        "samples": samples,
        "faults": faults,
        **({"links": [_link(link, kept) for link in attempt.links]} if attempt.links else {}),
    }


def _link(link: DeviceLink, kept: Container[str]) -> Json:
    reason = link.discarded or ("" if link.chain_hash in kept else REPLACED)
    told = {
        "position": link.position.value,
        "sha256": link.sha256,
        "previous": link.previous,
        "chainHash": link.chain_hash,
        "signedAt": link.signed_at.isoformat(),
    }
    return {**told, "discarded": reason} if reason else told


def _samples(draft: RecordDraft, sample_files: Mapping[str, RecordSample]) -> Iterator[Json]:
    by_number = {(s.step, attempt.number): attempt for s in draft.attempts for attempt in s.attempts}
    for name, kept in sample_files.items():
        attempt = by_number.get((kept.step, kept.attempt))
        yield _sample(name, kept, attempt, draft.record_id)


def _sample(name: str, kept: RecordSample, attempt: Attempt | None, record_id: str) -> Json:
    sample = kept.sample
    is_signature = sample.position is Position.SIGNATURE
    kind, sub_kind = osia_type(sample.position)
    item: Json = {
        "biometricType": kind,
        "biometricSubType": sub_kind,
        "instance": _instance(kept),
        "imageRef": f"urn:uuid:{record_id}#{name}",
        "quality": sample.quality.value,
        "qualityFormat": "NFIQ2" if sample.quality.algorithm.upper().replace(" ", "") == "NFIQ2" else "ISO_19794",
        "algorithm": _named(sample.quality),
        **_described(sample),
    }
    if attempt is not None:
        item["captureDate"] = (dated_by_image(sample.format, sample.data) or attempt.at).isoformat()
        item["captureDevice"] = attempt.device
    if kept.exception is not None:
        item["comment"] = "excepted, the best of what was tried"
        item["missing"] = [missed(kept.exception)]
    if kept.is_below_threshold:
        item["comment"] = "below the threshold, accepted by the team lead"
    metadata: Json = {"strokes": name.replace(".png", ".json")} if is_signature else {}
    refs = attempt.samples if attempt else ()
    metadata |= next((_device_quality(ref) for ref in refs if ref.position is sample.position), {})
    if sample.evidence is not None:
        stem = name.rsplit(".", 1)[0]
        metadata |= {
            "jws": f"{stem}.jws",
            "certificate": f"{stem}.cer",
            "deviceCode": sample.evidence.device_code,
            "chainHash": sample.evidence.chain_hash,
            "signedAt": sample.evidence.signed_at.isoformat(),
        }
    if metadata:
        item["metadata"] = json.dumps(metadata, sort_keys=True)
    return item


def _instance(kept: RecordSample) -> str:
    return "confirmation" if kept.step is StepKind.CONFIRMATION else str(kept.attempt)


def dated_by_image(layout: SampleFormat, data: bytes) -> datetime | None:
    """Return when an ISO/IEC 19794 record says that its image was taken, to the millisecond; None when it does not."""
    readers: Mapping[SampleFormat, Callable[[bytes], FingerRecord | FaceRecord | IrisRecord]] = {
        SampleFormat.ISO_19794_4: decode_finger_record,
        SampleFormat.ISO_19794_5: decode_face_record,
        SampleFormat.ISO_19794_6: decode_iris_record,
    }
    with suppress(InputError):
        if layout in readers:
            return readers[layout](data).captured_at
    return None


def _named(score: QualityScore) -> str:
    return f"{score.algorithm} {score.version}".strip()


def _device_quality(ref: SampleRef) -> Json:
    """Return the device's own score beside the one that the kit measured."""
    own = ref.device_quality
    return {"deviceQuality": own.value, "deviceAlgorithm": _named(own)} if own else {}


def _described(sample: Sample) -> Json:
    try:
        return described_image(sample.format, sample.data)
    except InputError as error:
        raise InputError("record.sample_broken", position=sample.position.value) from error


def described_image(layout: SampleFormat, data: bytes) -> Json:
    """Return what OSIA states about the image. Raise `InputError` for one that cannot be read."""
    if layout is SampleFormat.SIGNATURE_STROKES:
        return {"mimeType": "image/png", "compression": "PNG", "resolution": SIGNATURE_PPI}
    described: Json = {"mimeType": f"application/x-{layout.value}"}
    if layout is SampleFormat.ISO_19794_4:
        finger = decode_finger_record(data)
        described |= _size(finger.width, finger.height, finger.coding, 8)
        described |= {"resolution": finger.ppi, "impressionType": finger.impression.name}
    elif layout is SampleFormat.ISO_19794_5:
        face = decode_face_record(data)
        described |= _size(face.width, face.height, face.coding, 24)
    else:
        iris = decode_iris_record(data)
        described |= _size(iris.width, iris.height, iris.coding, 8)
    return described


def _size(width: int, height: int, coding: ImageCoding, bits: int) -> Json:
    return {"width": width, "height": height, "bitdepth": bits, "compression": _COMPRESSIONS[coding]}


def _missing(marks: Iterable[ExceptionMark]) -> Iterator[Json]:
    """Yield an item per modality that has `missing` alone: there is no image."""
    groups: dict[str, list[Json]] = {}
    for mark in marks:
        groups.setdefault(osia_type(mark.position)[0], []).append(missed(mark))
    for kind, missing in groups.items():
        yield {"biometricType": kind, "missing": missing}


def _without_image(draft: RecordDraft) -> list[ExceptionMark]:
    shown = [kept.exception for kept in draft.samples if kept.exception is not None]
    return [mark for mark in draft.exceptions if mark not in shown]


def missed(mark: ExceptionMark) -> Json:
    """Return what OSIA says of a position that is not there."""
    told: Json = {"biometricSubType": osia_type(mark.position)[1]}
    return {**told, "presence": mark.presence.value} if mark.presence else told


def osia_type(position: Position) -> tuple[str, str]:
    """Return `biometricType` and `biometricSubType` of a position."""
    return _TYPES[position.modality], "UNKNOWN" if position is Position.SIGNATURE else position.value
