from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from support.altered import INDEX, MIDDLE, Alteration, Altered, Genuine, put, reseal_device
from support.clock import NOW
from support.samples import AT, provider, sample

from drivers.simulators.sbi.service import Provider
from fieldkit.domain.errors import KnownError
from fieldkit.domain.recording.positions import Position
from fieldkit.formats.finger import FingerRecord, decode_finger_record, encode_finger_record
from fieldkit.formats.images import decode_grey, encode_png
from fieldkit.vault.certificates import certificates_from_pem
from fieldkit.vault.device_trust import SealedProofs


def exception_unwitnessed(altered: Altered) -> None:
    altered.context["exceptions"][0]["witness"] = " "


def exception_of_an_eye(altered: Altered) -> None:
    altered.context["exceptions"][0]["reason"] = "blind"


def exception_silent(altered: Altered) -> None:
    altered.enrollment["biometricData"] = [i for i in altered.enrollment["biometricData"] if "imageRef" in i]


def exception_worse(altered: Altered) -> None:
    items = altered.enrollment["biometricData"]
    next(item for item in items if "missing" in item)["missing"][0]["presence"] = "AMPUTATED"


def exception_for_another_reason(altered: Altered) -> None:
    altered.context["exceptions"][0]["reason"] = "worn"
    items = altered.enrollment["biometricData"]
    next(item for item in items if "missing" in item)["missing"][0]["presence"] = "DAMAGED"


def exception_before_another_witness(altered: Altered) -> None:
    altered.context["exceptions"][0]["witness"] = "Pak RW"


def exception_by_others(altered: Altered) -> None:
    altered.context["exceptions"][0]["petugas"].append("ketua")


def exception_without_its_photo(altered: Altered) -> None:
    altered.context["policy"]["exceptionPhoto"] = True


def below_its_own_threshold(altered: Altered) -> None:
    altered.context["policy"]["finger"]["enough"] = 95


def device_praised_more(altered: Altered) -> None:
    item = altered.item(INDEX)
    item["metadata"] = json.dumps({**json.loads(item["metadata"]), "deviceQuality": 99})


def finger_left_out(altered: Altered) -> None:
    altered.enrollment["biometricData"].remove(altered.item(INDEX))
    for suffix in ("fir", "jws", "cer"):
        del altered.entries[f"samples/{INDEX}.{suffix}"]


def file_left_out(altered: Altered) -> None:
    del altered.entries[f"samples/{INDEX}.fir"]


def item_left_out(altered: Altered) -> None:
    altered.enrollment["biometricData"].remove(altered.item(INDEX))


def photo_smuggled_in(altered: Altered) -> None:
    altered.entries["samples/exception-1.jpg"] = b"\xff\xd8"


def paper_smuggled_in(altered: Altered) -> None:
    altered.entries["documents/other.pdf"] = b"%PDF"


def paper_left_out(altered: Altered) -> None:
    part = {"dataRef": f"urn:uuid:{altered.record.record_id}#documents/gone.pdf"}
    altered.enrollment["documentData"] = [{"documentType": "OTHER", "parts": [part]}]


def item_twice(altered: Altered) -> None:
    altered.enrollment["biometricData"].append(dict(altered.item(INDEX)))


def finger_used_twice(altered: Altered) -> None:
    middle = decode_finger_record(altered.entries[f"samples/{MIDDLE}.fir"])
    index = FingerRecord(Position.RIGHT_INDEX, middle.width, middle.height, middle.image, captured_at=AT)
    put(altered, encode_finger_record(index))


def fingers_swapped(altered: Altered) -> None:
    files = altered.entries
    one, other = files[f"samples/{INDEX}.fir"], files[f"samples/{MIDDLE}.fir"]
    put(altered, other, INDEX)
    put(altered, one, MIDDLE)


def item_of_another_finger(altered: Altered) -> None:
    altered.item(INDEX)["biometricSubType"] = "LEFT_INDEX"


def empty_record(altered: Altered) -> None:
    put(altered, altered.entries[f"samples/{INDEX}.fir"][:60])


def broken_picture(altered: Altered) -> None:
    put(altered, encode_finger_record(FingerRecord(Position.RIGHT_INDEX, 64, 48, b"no picture", captured_at=NOW)))


def other_finger(altered: Altered) -> None:
    content = sample(Position.RIGHT_INDEX, turn=9).data
    altered.entries[f"samples/{INDEX}.fir"] = content
    reseal_device(altered)


def better_score(altered: Altered) -> None:
    altered.item(INDEX)["quality"] = 99


def other_size(altered: Altered) -> None:
    altered.item(INDEX)["width"] = 640


def other_date(altered: Altered) -> None:
    altered.item(INDEX)["captureDate"] = (NOW - timedelta(days=400)).isoformat()


def signature_redrawn(altered: Altered) -> None:
    altered.entries["samples/SIGNATURE.png"] = encode_png_of_nothing(altered.entries["samples/SIGNATURE.png"])


def device_forged(altered: Altered) -> None:
    head, body, signature = altered.entries[f"samples/{INDEX}.jws"].decode().split(".")
    payload = json.loads(base64.urlsafe_b64decode(body + "=="))
    payload["qualityScore"] = "99"
    body = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=").decode()
    altered.entries[f"samples/{INDEX}.jws"] = f"{head}.{body}.{signature}".encode()


def device_unknown(altered: Altered) -> None:
    reseal_device(altered, by=Provider.create("Lain", datetime(2020, 1, 1, tzinfo=UTC)))


def device_of_another_certificate(altered: Altered) -> None:
    altered.entries[f"samples/{INDEX}.cer"] = provider_certificate()


def device_left_out(altered: Altered) -> None:
    for suffix in ("jws", "cer"):
        del altered.entries[f"samples/{INDEX}.{suffix}"]
    altered.item(INDEX).pop("metadata")


def device_of_another_sample(altered: Altered) -> None:
    reseal_device(altered, bioValue=base64.urlsafe_b64encode(b"FIR\0 other").decode())


def device_of_another_finger(altered: Altered) -> None:
    reseal_device(altered, bioSubType="Left Thumb")


def device_of_another_recording(altered: Altered) -> None:
    reseal_device(altered, transactionId="01a1fbd4-f500-7c7e-9920-000000000000-1")


def device_with_another_serial(altered: Altered) -> None:
    altered.context["attempts"]["right_four"][0]["device"] = "Device 2"
    altered.event("attempt_made", "right_four")["payload"]["device"] = "Device 2"
    for position in (INDEX, MIDDLE, "RIGHT_RING", "RIGHT_LITTLE"):
        altered.item(position)["captureDevice"] = "Device 2"


def device_last_year(altered: Altered) -> None:
    then = NOW - timedelta(days=1)
    reseal_device(altered, timestamp=then.isoformat())
    metadata = json.loads(altered.item(INDEX)["metadata"])
    altered.item(INDEX)["metadata"] = json.dumps({**metadata, "signedAt": then.isoformat()})


def encode_png_of_nothing(png: bytes) -> bytes:

    pixels = decode_grey(png).copy()
    pixels[:, : pixels.shape[1] // 2] = 0
    return encode_png(pixels, 300)


def provider_certificate() -> bytes:
    return certificates_from_pem(provider().certificate_pem.decode())[0]


ALTERED: dict[Alteration, str] = {
    exception_unwitnessed: "exception_unwitnessed",
    exception_of_an_eye: "exception_reason",
    exception_silent: "exceptions_differ",
    exception_worse: "exceptions_differ",
    exception_for_another_reason: "exceptions_differ",
    exception_before_another_witness: "exceptions_differ",
    exception_by_others: "exceptions_differ",
    exception_without_its_photo: "exception_photo",
    below_its_own_threshold: "below_threshold",
    device_praised_more: "device_score",
    finger_left_out: "sample_missing",
    file_left_out: "sample_absent",
    item_left_out: "sample_unlisted",
    photo_smuggled_in: "sample_unlisted",
    paper_smuggled_in: "sample_unlisted",
    paper_left_out: "sample_absent",
    item_twice: "sample_twice",
    finger_used_twice: "sample_twice",
    fingers_swapped: "position_differs",
    item_of_another_finger: "position_differs",
    empty_record: "sample_unreadable",
    broken_picture: "sample_unreadable",
    other_finger: "sample_not_captured",
    better_score: "quality_differs",
    other_size: "image_differs",
    other_date: "capture_time_differs",
    signature_redrawn: "image_differs",
    device_forged: "device_signature",
    device_unknown: "device_untrusted",
    device_of_another_certificate: "device_signature",
    device_left_out: "device_proof_missing",
    device_of_another_sample: "device_content",
    device_of_another_finger: "device_position",
    device_of_another_recording: "device_session",
    device_with_another_serial: "device_other",
    device_last_year: "device_time",
}


@pytest.mark.parametrize(("alter", "code"), ALTERED.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_an_altered_record_is_refused_by_name(genuine: Genuine, alter: Alteration, code: str) -> None:
    altered = Altered.of(genuine.content)
    alter(altered)
    with pytest.raises(KnownError) as caught:
        genuine.judged(altered)
    assert caught.value.code == f"record.{code}"


def test_a_device_that_nobody_pinned_is_judged_by_its_own_certificate(genuine: Genuine) -> None:
    altered = Altered.of(genuine.content)
    device_unknown(altered)
    assert genuine.judged(altered, SealedProofs()) == ""
