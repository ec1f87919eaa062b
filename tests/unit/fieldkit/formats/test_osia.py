from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from support.osia_enrollment import enrollment_schema

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import Nik
from fieldkit.domain.recording.capture import Fault, QualityScore, SampleFormat
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import RecordDraft
from fieldkit.domain.trusted_time import Running, TimeEvidence, TimeSource, TrustedTime
from fieldkit.formats.container import read_container, write_container
from fieldkit.formats.osia import enrollment


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    return enrollment_schema()


def opened(draft: RecordDraft) -> Any:
    return json.loads(read_container(write_container(draft)).entries["enrollment.json"])


def test_enrollment_validates_against_osia(draft: RecordDraft, schema: Draft202012Validator) -> None:
    schema.validate(opened(draft))
    schema.validate(opened(replace(draft, samples=(), amends="0193a0c4-6e7a-7b3c-9d2e-000000000000")))


def test_the_time_is_told_with_what_vouches_for_it(draft: RecordDraft, schema: Draft202012Validator) -> None:
    at = draft.context.finished_at
    trusted = TrustedTime(at - timedelta(minutes=2), TimeSource.CENTER, Running("b1", 10.0))
    evidence = TimeEvidence(at - timedelta(days=3), 259_200.0, trusted, Running("b1", 130.0))
    told = opened(replace(draft, context=replace(draft.context, time=evidence)))
    schema.validate(told)
    assert told["contextualData"]["time"] == {
        "clockAt": (at - timedelta(days=3)).isoformat(),
        "correctionS": 259_200.0,
        "boot": "b1",
        "runningS": 130.0,
        "trustedAt": (at - timedelta(minutes=2)).isoformat(),
        "trustedSource": "center",
        "trustedSinceS": 120.0,
    }
    alone = opened(replace(draft, context=replace(draft.context, time=TimeEvidence(at))))
    schema.validate(alone)
    assert alone["contextualData"]["time"].keys() == {"clockAt", "correctionS", "boot", "runningS"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nfiq", 1),
        ("quality", "60"),
        ("quality", 60.5),
        ("width", None),
        ("biometricType", "PALM"),
        ("biometricSubType", "RIGHT_TOE"),
        ("compression", "JPEG XL"),
        ("impressionType", "ROLLED"),
        ("qualityFormat", "NFIQ3"),
        ("captureDate", "2026-11-21"),
        ("captureDate", "2026-11-21T08:00:00"),
        ("imageRef", "samples/RIGHT_INDEX.fir"),
        ("missing", [{"presence": "TIRED"}]),
        ("missing", {"presence": "BANDAGED"}),
        ("metadata", {"jws": "samples/RIGHT_INDEX.jws"}),
    ],
)
def test_schema_would_notice_a_strange_field(
    draft: RecordDraft, schema: Draft202012Validator, field: str, value: object
) -> None:
    spoiled = opened(draft)
    spoiled["biometricData"][0][field] = value
    assert not schema.is_valid(spoiled)


@pytest.mark.parametrize("field", ["status", "contextualData", "documentData", "kit"])
def test_schema_would_notice_a_strange_record(draft: RecordDraft, schema: Draft202012Validator, field: str) -> None:
    assert not schema.is_valid({**opened(draft), field: "DONE"})


def test_schema_would_notice_what_is_lacking(draft: RecordDraft, schema: Draft202012Validator) -> None:
    for part, field in (
        ("biometricData", "biometricType"),
        ("documentData", "parts"),
        ("documentData", "documentType"),
    ):
        spoiled = opened(draft)
        del spoiled[part][0][field]
        assert not schema.is_valid(spoiled)
    for field in ("enrollmentId", "status"):
        assert not schema.is_valid({name: value for name, value in opened(draft).items() if name != field})


def test_fingers_are_described(draft: RecordDraft) -> None:
    items = opened(draft)["biometricData"]
    finger = next(i for i in items if i.get("biometricSubType") == "RIGHT_INDEX")
    expected = {
        "biometricType": "FINGER",
        "impressionType": "LIVE_SCAN_PLAIN",
        "compression": "JPEG2000",
        "resolution": 500,
        "bitdepth": 8,
        "width": 40,
        "height": 60,
        "qualityFormat": "NFIQ2",
        "captureDevice": "sim-1",
        "imageRef": f"urn:uuid:{draft.record_id}#samples/RIGHT_INDEX.fir",
    }
    assert expected.items() <= finger.items()
    assert json.loads(finger["metadata"])["jws"] == "samples/RIGHT_INDEX.jws"
    ring = next(i for i in items if i.get("biometricSubType") == "LEFT_RING")
    assert "team lead" in ring["comment"]


def test_other_algorithms_are_not_called_nfiq2(draft: RecordDraft) -> None:
    face = next(i for i in opened(draft)["biometricData"] if i["biometricType"] == "FACE")
    assert face["qualityFormat"] == "ISO_19794"
    assert face["bitdepth"] == 24


def test_absent_positions_stand_as_missing_alone(draft: RecordDraft) -> None:
    read = opened(draft)
    missing = [i for i in read["biometricData"] if "missing" in i]
    assert missing == [
        {"biometricType": "FINGER", "missing": [{"biometricSubType": "RIGHT_THUMB", "presence": "BANDAGED"}]},
        {"biometricType": "IRIS", "missing": [{"biometricSubType": "EYE_LEFT"}]},
    ]
    reasons = [(e["position"], e["reason"]) for e in read["contextualData"]["exceptions"]]
    assert reasons == [("RIGHT_THUMB", "bandaged"), ("EYE_LEFT", "eyes_closed")]


def test_two_signatures_are_told_apart(draft: RecordDraft) -> None:
    signatures = [i for i in opened(draft)["biometricData"] if i["biometricType"] == "SIGNATURE"]
    assert [(s["instance"], s["biometricSubType"], s["compression"]) for s in signatures] == [
        ("1", "UNKNOWN", "PNG"),
        ("confirmation", "UNKNOWN", "PNG"),
    ]
    assert json.loads(signatures[1]["metadata"]) == {"strokes": "samples/SIGNATURE.confirmation.json"}


def test_biographic_data_keeps_the_codes_of_the_family_card(draft: RecordDraft) -> None:
    who = opened(draft)["biographicData"]
    assert (who["nik"], who["gender"], who["dateOfBirth"], who["statusKawin"]) == (
        "3519024107260001",
        "F",
        "1926-07-01",
        4,
    )


def test_an_unreadable_record_is_not_delivered(draft: RecordDraft) -> None:
    kept = next(k for k in draft.samples if k.sample.format is SampleFormat.ISO_19794_4)
    odd = replace(kept, sample=replace(kept.sample, data=b"vendor's own"))
    with pytest.raises(InputError, match=r"^record\.sample_broken") as caught:
        enrollment(draft, {"samples/X.fir": odd})
    assert caught.value.problem.params == {"position": kept.sample.position.value}


def test_the_devices_own_score_stands_beside_ours(draft: RecordDraft) -> None:
    own = QualityScore(97, "SBI:Acme S4", "1.2")
    steps = tuple(
        replace(
            tried,
            attempts=tuple(
                replace(a, samples=tuple(replace(ref, device_quality=own) for ref in a.samples)) for a in tried.attempts
            ),
        )
        for tried in draft.attempts
    )
    told = opened(replace(draft, attempts=steps))
    finger = next(item for item in told["biometricData"] if item["biometricType"] == "FINGER" and "imageRef" in item)
    metadata = json.loads(finger["metadata"])
    assert (metadata["deviceQuality"], metadata["deviceAlgorithm"]) == (97, "SBI:Acme S4 1.2")
    tried = told["contextualData"]["attempts"]
    assert any(ref.get("deviceQuality") == 97 for step in tried.values() for each in step for ref in each["samples"])


def test_what_was_refused_keeps_its_place_in_the_devices_chain(draft: RecordDraft) -> None:
    first = draft.attempts[0].attempts[0]
    refused = Fault(Position.RIGHT_INDEX, "sample.broken", "ab" * 32, "CD" * 32)
    steps = (replace(draft.attempts[0], attempts=(replace(first, faults=(refused,)),)),)
    told = opened(replace(draft, attempts=steps))["contextualData"]["attempts"]
    faults = [fault for step in told.values() for each in step for fault in each["faults"]]
    assert faults == [{"position": "RIGHT_INDEX", "code": "sample.broken", "sha256": "ab" * 32, "chainHash": "CD" * 32}]


def test_who_has_no_nik_bears_a_number_of_the_kit_and_no_nik(draft: RecordDraft, schema: Draft202012Validator) -> None:
    without = replace(draft, biodata=replace(draft.biodata, nik=Nik.provisional("K01", 7)))
    told = opened(without)
    schema.validate(told)
    assert (told["biographicData"]["nik"], told["biographicData"]["nomorSementara"]) == ("", "SMT-K01-0007")
    read = read_container(write_container(without))
    assert (read.nik, read.provisional) == ("", "SMT-K01-0007")
    assert "nomorSementara" not in opened(draft)["biographicData"]
