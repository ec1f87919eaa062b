from __future__ import annotations

import base64
import datetime as dt
import json
import re
import shutil
import subprocess
import threading
from pathlib import Path

import cv2
import jwt
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from drivers.simulators.sbi import requests
from drivers.simulators.sbi.service import LIFTED_FRAMES, Preview, Provider, Status
from drivers.simulators.stage import Speed, Stage
from drivers.simulators.subject import Condition, SyntheticSubject, no_finger, quality
from fieldkit.domain.recording.positions import EYES, FINGERS, LEFT_FOUR, RIGHT_FOUR, Position
from fieldkit.formats.finger import decode_finger_record


def test_attempts_differ_as_scripted(scanner) -> None:
    script = {Position.RIGHT_INDEX: (no_finger, quality(31), quality(72))}
    scanner.stage.present(SyntheticSubject(21, script=script))
    one = {"bioSubType": ["Right IndexFinger"], "count": "1"}
    assert scanner.capture(**one)[0]["error"]["errorCode"] == "101"
    scores = [int(scanner.open_jws(scanner.capture(**one)[0]["data"])["qualityScore"]) for _ in range(3)]
    assert scores == [31, 72, 72]


@pytest.mark.days
def test_the_record_holds_the_finger_of_the_person(scanner, person) -> None:
    payload = scanner.open_jws(scanner.capture()[0]["data"])
    record = decode_finger_record(base64.urlsafe_b64decode(payload["bioValue"] + "=="))
    assert record.position is Position.RIGHT_INDEX
    assert record.quality is not None
    assert str(record.quality.score) == payload["qualityScore"]
    assert (record.pixels() == person.finger(Position.RIGHT_INDEX, 0)).all()


@pytest.mark.days
def test_one_capture_at_a_time(scanner) -> None:
    scanner.service.speed = Speed.REALISTIC
    stop, answers = threading.Event(), []
    body = json.dumps(scanner.capture_body()).encode()
    slow = threading.Thread(target=lambda: answers.append(scanner.service.capture(body, stop)))
    slow.start()
    while not scanner.service.is_capturing:
        pass
    (refused,) = scanner.service.capture(body, stop)["biometrics"]
    (found,) = scanner.service.discover(b'{"type": "Finger"}')
    stop.set()
    slow.join()
    assert refused["error"]["errorCode"] == "703"
    assert found["deviceStatus"] == "Busy"
    assert len(answers[0]["biometrics"]) == 4


def plain(part: str) -> dict[str, object]:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (Status.BUSY, "111", "Device is busy"),
        (Status.NOT_READY, "110", "Device is not ready"),
        (Status.NOT_REGISTERED, "100", "Device not registered"),
    ],
)
def test_a_state_other_than_ready_is_told_and_refuses_captures(scanner, status, code, sentence) -> None:
    scanner.service.status = status
    (found,) = scanner.ask("MOSIPDISC", "/device", {"type": "Finger"})
    assert (found["deviceStatus"], found["error"]["errorCode"]) == (status.value, "0")
    (told,) = scanner.ask("MOSIPDINFO", "/info", {"type": "Finger"})
    assert told["error"] == {"errorCode": code, "errorInfo": sentence}
    (refused,) = scanner.capture()
    assert (refused["data"], refused["hash"], refused["error"]["errorCode"]) == ("", "", code)
    with pytest.raises(requests.RefusedError):
        scanner.service.open_stream(json.dumps({"deviceId": scanner.service.model.device_id} | ONE).encode())
    if status is Status.NOT_REGISTERED:  # nothing of it is signed
        info = plain(told["deviceInfo"])
        assert (info["env"], info["purpose"], info["deviceStatus"]) == ("None", "", "Not Registered")
        assert plain(info["digitalId"])["type"] == "Finger"
    else:
        assert scanner.open_jws(told["deviceInfo"])["deviceStatus"] == status.value
    scanner.service.status = Status.READY
    assert len(scanner.capture()) == 4


ONE = {"deviceSubId": "1", "timeout": "500"}


@pytest.mark.days
def test_answers_hold_what_the_schemas_of_the_compliance_toolkit_demand(scanner, iris_camera, face_camera) -> None:
    """MOSIP compliance toolkit, schemas sbi/0.9.5: discovery, its error, capture and its error, in our own words."""
    for caller, sub_types in (
        (scanner, requests.WORDS.values()),
        (iris_camera, ("Left", "Right")),
        (face_camera, ("null",)),
    ):
        (found,) = caller.ask("MOSIPDISC", "/device", {"type": caller.service.model.kind})
        assert found["error"] == {"errorCode": "0", "errorInfo": "Success"}
        assert all(found[key] for key in ("deviceId", "callbackId", "digitalId", "deviceCode"))
        assert (found["certification"], found["purpose"], found["specVersion"]) == ("L0", "Registration", ["0.9.5"])
        assert set(found["deviceSubId"]) <= set("0123")
        other = "Face" if caller is not face_camera else "Iris"
        (none,) = caller.ask("MOSIPDISC", "/device", {"type": other})
        assert re.fullmatch("[1-9][0-9][0-9]", none["error"]["errorCode"])
        assert set(none) == {"error"}
        for item in caller.capture():
            assert item["error"] == {"errorCode": "0", "errorInfo": "Success"}
            assert re.fullmatch("[A-Z0-9]{64}", item["hash"])
            payload = caller.open_jws(item["data"])
            # The enumeration of a face holds the word "null" only, and the field is not required there.
            assert payload.get("bioSubType", "null") in sub_types
            assert payload["purpose"] == "Registration"
            assert re.fullmatch("[0-9]{1,3}", payload["qualityScore"])
            assert re.fullmatch("[0-9]{1,3}", payload["requestedScore"])
        (refused,) = caller.capture(transactionId="")
        assert set(refused) == {"specVersion", "data", "hash", "error"}
        assert re.fullmatch("[1-9][0-9][0-9]", refused["error"]["errorCode"])


def picture(positions: tuple[Position, ...], **conditions: Condition) -> np.ndarray:
    stage = Stage()
    marks = dict.fromkeys(FINGERS, Condition.GOOD) | {Position[name]: value for name, value in conditions.items()}
    stage.present(SyntheticSubject(5, conditions=marks))
    return cv2.imdecode(np.frombuffer(Preview(stage, positions).frame(0), np.uint8), cv2.IMREAD_GRAYSCALE)


def inked(image: np.ndarray) -> list[bool]:
    return [bool((image[:, left : left + 160] < 120).mean() > 0.03) for left in range(0, 640, 160)]


def test_a_slap_shows_four_fingers_and_a_missing_one_as_a_gap() -> None:
    assert inked(picture(RIGHT_FOUR)) == [True] * 4
    assert inked(picture(RIGHT_FOUR, RIGHT_LITTLE=Condition.MISSING)) == [True, True, True, False]
    assert inked(picture(LEFT_FOUR, LEFT_LITTLE=Condition.MISSING)) == [False, True, True, True]


def test_two_eyes_stand_side_by_side() -> None:
    image = picture(EYES)
    assert all((image[200:280, half : half + 320] < 40).any() for half in (0, 320))


@pytest.mark.days
def test_another_person_is_seen_at_once() -> None:
    stage = Stage()
    preview = Preview(stage, RIGHT_FOUR)
    stage.present(SyntheticSubject(5))
    first = preview.frame(0)
    stage.present(SyntheticSubject(6))
    assert preview.frame(0) != first


def test_after_an_attempt_fingers_are_lifted_and_laid_down_again() -> None:
    stage = Stage()
    stage.present(SyntheticSubject(5, conditions=dict.fromkeys(FINGERS, Condition.GOOD)))
    assert not stage.was_tried(Position.RIGHT_INDEX)
    stage.attempt(Position.RIGHT_INDEX)
    preview = Preview(stage, RIGHT_FOUR)
    frames = [cv2.imdecode(np.frombuffer(preview.frame(n), np.uint8), cv2.IMREAD_GRAYSCALE) for n in range(6)]
    assert [any(inked(frame)) for frame in frames] == [False] * LIFTED_FRAMES + [True] * 2
    stage.attempt(Position.EYE_LEFT)
    assert (cv2.imdecode(np.frombuffer(Preview(stage, EYES).frame(0), np.uint8), 0)[200:280] < 40).any()


NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def provider() -> Provider:
    return Provider.create("P", NOW)


def test_another_jose_library_verifies(provider: Provider) -> None:
    token = provider.certify("D", NOW).sign({"a": 1})
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    leaf, ca = (x509.load_der_x509_certificate(base64.b64decode(link)) for link in header["x5c"])
    assert jwt.decode(token, leaf.public_key(), algorithms=["RS256"]) == {"a": 1}
    assert ca.public_bytes(Encoding.PEM) == provider.certificate_pem


def test_a_given_provider_comes_back(provider: Provider) -> None:
    again = Provider.load(provider.to_pem())
    assert again.certificate_pem == provider.certificate_pem


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is absent")
def test_openssl_accepts_the_chain(provider: Provider, tmp_path: Path) -> None:
    header = jwt.get_unverified_header(provider.certify("D", NOW).sign({}))
    (tmp_path / "leaf.pem").write_text(
        f"-----BEGIN CERTIFICATE-----\n{header['x5c'][0]}\n-----END CERTIFICATE-----\n", encoding="ascii"
    )
    (tmp_path / "ca.pem").write_bytes(provider.certificate_pem)
    checked = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-attime", str(int(NOW.timestamp())), "-CAfile", "ca.pem", "leaf.pem"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
