from __future__ import annotations

import base64
import json
import threading

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


def test_the_record_holds_the_finger_of_the_person(scanner, person) -> None:
    payload = scanner.open_jws(scanner.capture()[0]["data"])
    record = decode_finger_record(base64.urlsafe_b64decode(payload["bioValue"] + "=="))
    assert record.position is Position.RIGHT_INDEX
    assert record.quality is not None
    assert str(record.quality.score) == payload["qualityScore"]
    assert (record.pixels() == person.finger(Position.RIGHT_INDEX, 0)).all()


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
