from __future__ import annotations

import base64
import json
import random

import pytest

from drivers.vendor.messages import (
    MAX_DEVICES,
    check_greeting,
    frame_of,
    listed_of,
    pictures_of,
    raise_told,
    read_message,
)
from fieldkit.domain.recording.capture import QualityScore
from fieldkit.domain.recording.positions import EYES, FINGERS, RIGHT_FOUR, Modality, Position
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    DeviceKind,
    DeviceState,
    GreyImage,
    NotConnectedError,
    NothingPresentedError,
    PermissionDeniedError,
    ProtocolError,
    SdkMissingError,
    TransportBrokenError,
)

INDEX = Position.RIGHT_INDEX
JPEG = base64.b64encode(b"\xff\xd8picture").decode()


@pytest.mark.parametrize(
    "said", [b"firmware 2.1 ready\n", b"[1]\n", b"{}\n", b'{"number": true}\n', b"[" * 99_999, b"\xff\n"]
)
def test_what_is_no_message_is_named_with_what_came_instead(said):
    with pytest.raises(ProtocolError) as caught:
        read_message(said, "acme")
    assert caught.value.code == "device.vendor.answer"
    assert caught.value.problem.params["name"] == "acme"
    if said.startswith(b"firmware"):
        assert caught.value.problem.params["reason"] == "firmware 2.1 ready"


def test_a_message_has_the_number_of_its_request(line):
    assert read_message(line(number=7, done=True), "acme") == (7, {"number": 7, "done": True})


def test_another_version_of_the_protocol_is_refused():
    check_greeting({"number": 0, "protocol": 1}, "acme")
    for told in ({"protocol": 2}, {"protocol": "1"}, {}):
        with pytest.raises(ProtocolError):
            check_greeting(told, "acme")


def test_a_scanner_is_listed_with_what_it_can(scanner):
    (found,) = listed_of({"devices": [scanner]}, "acme")
    assert (found.device_id, found.kind, found.state, found.ppi) == (
        "S1",
        DeviceKind.FINGERPRINT,
        DeviceState.READY,
        500,
    )
    assert (found.identity.vendor, found.identity.model, found.identity.serial) == ("ACME", "Ten", "S1")
    assert found.positions == set(FINGERS)
    assert found.takes_slaps
    assert found.may_preview


def test_an_iris_camera_tells_its_positions_and_state():
    told = {
        "id": "p",
        "kind": "iris",
        "vendor": "V",
        "model": "M",
        "serial": "S",
        "state": "busy",
        "positions": ["EYE_LEFT"],
    }
    (found,) = listed_of({"devices": [told]}, "acme")
    assert (found.positions, found.state, found.takes_slaps) == ({Position.EYE_LEFT}, DeviceState.BUSY, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "card_reader"},
        {"kind": ["fingerprint"]},
        {"serial": ""},
        {"vendor": 5},
        {"ppi": 0},
        {"ppi": "500"},
        {"state": "fine"},
        {"state": []},
        {"positions": []},
        {"positions": ["EYE_LEFT"]},
        {"positions": "RIGHT_INDEX"},
    ],
)
def test_a_device_that_is_told_wrongly_is_refused(scanner, wrong):
    with pytest.raises(ProtocolError):
        listed_of({"devices": [scanner | wrong]}, "acme")


def test_a_list_is_bounded_and_says_each_device_once(scanner):
    for devices in (None, {}, ["S1"], [scanner, scanner], [scanner | {"id": str(n)} for n in range(MAX_DEVICES + 1)]):
        with pytest.raises(ProtocolError):
            listed_of({"devices": devices}, "acme")


def test_texts_are_bounded_and_fit_to_be_shown(scanner):
    (found,) = listed_of({"devices": [scanner | {"model": "Ten\x1b[31m" + "x" * 500}]}, "acme")
    assert found.identity.model.isprintable()
    assert len(found.identity.model) <= 120


def test_frames_are_jpegs_or_grey_pixels(finger):
    assert frame_of({"done": True}, "acme") is None
    assert frame_of({"frame": JPEG}, "acme") == b"\xff\xd8picture"
    frame = frame_of({"frame": finger(side=16)}, "acme")
    assert isinstance(frame, GreyImage)
    assert (frame.width, frame.height, len(frame.pixels)) == (16, 16, 256)
    for wrong in ("", "AAAA", "no base64!", 5, [], {"width": 2}):
        with pytest.raises(ProtocolError):
            frame_of({"frame": wrong}, "acme")


def test_prints_come_with_the_score_of_the_vendor(finger):
    told = [finger(score=71, algorithm="acme-q", version="3"), finger("RIGHT_RING")]
    taken = pictures_of({"images": told}, RIGHT_FOUR, "acme")
    assert taken[INDEX][0].score == QualityScore(71, "acme-q", "3")
    assert taken[INDEX][0].image.ppi == 500
    assert taken[Position.RIGHT_RING][0].score is None
    assert set(taken) == {INDEX, Position.RIGHT_RING}


@pytest.mark.parametrize(
    "wrong",
    [
        {"position": "LEFT_INDEX"},
        {"position": "ELBOW"},
        {"position": []},
        {"width": 9},
        {"width": 50_000},
        {"height": -8},
        {"ppi": 400},
        {"pixels": "AA"},
        {"pixels": None},
        {"score": 101},
        {"score": 50},
        {"jpeg": JPEG},
    ],
)
def test_a_print_that_is_told_wrongly_is_refused(finger, wrong):
    with pytest.raises(ProtocolError):
        pictures_of({"images": [finger() | wrong]}, RIGHT_FOUR, "acme")


def test_of_a_position_a_few_pictures_may_come():
    told = [{"position": "EYE_LEFT", "jpeg": JPEG}] * 3
    assert len(pictures_of({"images": told}, EYES, "acme")[Position.EYE_LEFT]) == 3
    for images in (told * 3, None, ["EYE_LEFT"], [{"position": "EYE_LEFT", "jpeg": "AAAA"}]):
        with pytest.raises(ProtocolError):
            pictures_of({"images": images}, EYES, "acme")


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        ("nothing", NothingPresentedError, "device.no_eye"),
        ("stopped", NothingPresentedError, "device.cancelled"),
        ("missing", SdkMissingError, "device.vendor.missing"),
        ("busy", DeviceBusyError, "device.busy"),
        ("absent", NotConnectedError, "device.not_connected"),
        ("removed", TransportBrokenError, "device.transport_broken"),
        ("permission", PermissionDeniedError, "device.vendor.permission"),
        ("failed", ProtocolError, "device.vendor.failed"),
        ("oops", ProtocolError, "device.vendor.failed"),
    ],
)
def test_errors_of_the_adapter_are_errors_of_devices(kind, error, code):
    with pytest.raises(error) as caught:
        raise_told({"error": kind, "reason": "E-17"}, "acme", Modality.IRIS)
    assert caught.value.code == code
    raise_told({"done": True}, "acme")


def test_a_thousand_broken_messages_find_nothing_but_device_errors(scanner, finger):
    dice = random.Random(11)
    good = json.dumps({"number": 1, "devices": [scanner], "frame": JPEG, "images": [finger()]}).encode()
    for _ in range(1000):
        broken = bytearray(good)
        for _ in range(dice.randint(1, 6)):
            broken[dice.randrange(len(broken))] = dice.randrange(32, 127)
        try:
            _, message = read_message(bytes(broken), "acme")
            listed_of(message, "acme")
            frame_of(message, "acme")
            pictures_of(message, RIGHT_FOUR, "acme")
        except DeviceError:
            continue
