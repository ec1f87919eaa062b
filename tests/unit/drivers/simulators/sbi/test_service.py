from __future__ import annotations

import base64
import json
import re
import threading

import pytest

from drivers.simulators.sbi import requests
from drivers.simulators.sbi.service import Status
from drivers.simulators.stage import Speed
from drivers.simulators.subject import SyntheticSubject, no_finger, quality
from fieldkit.domain.recording.positions import Position
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
