from __future__ import annotations

import json

import pytest

from drivers.simulators.sbi import requests
from drivers.simulators.sbi.requests import IRIS_CAMERA, SLAP_SCANNER, V0_9_5, V1_0, WORDS, Act
from fieldkit.domain.recording.positions import EYES, FINGERS, Position


def test_discovery_types() -> None:
    requests.read_kind(b'{"type": "Biometric Device"}', SLAP_SCANNER, V0_9_5)
    requests.read_kind(b'{"type": "Finger"}', SLAP_SCANNER, V0_9_5)
    for kind, code in (("Face", requests.NOT_FOUND), ("Voice", requests.BAD_TYPE)):
        with pytest.raises(requests.RefusedError) as refused:
            requests.read_kind(json.dumps({"type": kind}).encode(), SLAP_SCANNER, V0_9_5)
        assert refused.value.code == code


@pytest.mark.parametrize("timeout", ["", "-1", "1e3", "٣", None, True, 1.5, "99999999999"])
def test_only_plain_numbers_are_numbers(timeout: object) -> None:
    body = {"deviceId": SLAP_SCANNER.device_id, "deviceSubId": "1", "timeout": timeout}
    with pytest.raises(requests.RefusedError) as refused:
        requests.read_stream(json.dumps(body).encode(), SLAP_SCANNER, V0_9_5)
    assert refused.value.code == 117


def test_a_stream_request() -> None:
    body = {"deviceId": SLAP_SCANNER.device_id, "deviceSubId": 3, "timeout": "500"}
    call = requests.read_stream(json.dumps(body).encode(), SLAP_SCANNER, V0_9_5)
    assert (call.sub_id, call.timeout_ms) == (3, 500)


def test_the_newer_dialect_names_type_and_version_everywhere() -> None:
    for version in ("1.0", "1.0.0"):
        requests.read_kind(json.dumps({"type": "Finger", "specVersion": version}).encode(), SLAP_SCANNER, V1_0)
    for version in (None, "", "1", "1.0.", "0.9.5", 1.0):
        with pytest.raises(requests.RefusedError) as refused:
            requests.read_kind(json.dumps({"type": "Finger", "specVersion": version}).encode(), SLAP_SCANNER, V1_0)
        assert refused.value.code == requests.BAD_VERSION
    stream = {"type": "Finger", "specVersion": "1.0.0", "serialNo": SLAP_SCANNER.serial, "deviceSubId": "1"}
    stream["timeout"] = "500"
    assert requests.read_stream(json.dumps(stream).encode(), SLAP_SCANNER, V1_0).sub_id == 1
    for lacking in ("type", "specVersion", "serialNo"):
        body = {name: value for name, value in stream.items() if name != lacking}
        with pytest.raises(requests.RefusedError):
            requests.read_stream(json.dumps(body).encode(), SLAP_SCANNER, V1_0)


def test_the_verbs_of_0_9_5() -> None:
    assert V0_9_5.routes[("MOSIPDISC", "/device")] is Act.DISCOVER
    assert V0_9_5.routes[("RCAPTURE", "/capture")] is Act.CAPTURE
    assert set(V0_9_5.routes.values()) == set(Act)


def test_the_verbs_of_1_0() -> None:
    assert V1_0.routes[("SBIDISC", "/device")] is Act.DISCOVER
    assert V1_0.routes[("RCAPTURE", "/capture")] is Act.CAPTURE
    assert set(V1_0.routes.values()) == set(Act)
    assert (V1_0.device_key, V1_0.names_version) == ("serialNo", True)
    assert not V0_9_5.names_version


def test_sub_devices_cover_all_fingers_and_eyes_once() -> None:
    for model, positions in ((SLAP_SCANNER, FINGERS), (IRIS_CAMERA, EYES)):
        assert set(model.subs[0]) == set(positions)
    slaps = [finger for sub_id in (1, 2, 3) for finger in SLAP_SCANNER.subs[sub_id]]
    assert sorted(slaps) == sorted(FINGERS)


def test_the_words_of_the_interface() -> None:
    assert WORDS[Position.LEFT_RING] == "Left RingFinger"
    assert WORDS[Position.RIGHT_THUMB] == "Right Thumb"
    assert WORDS[Position.EYE_LEFT] == "Left"
