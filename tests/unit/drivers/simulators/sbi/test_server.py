from __future__ import annotations

import base64
import hashlib
import json
import socket

import cv2
import numpy as np
import pytest
from cryptography.exceptions import InvalidSignature

from drivers.simulators.stage import Fault


def decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def link(previous: bytes, record: bytes) -> bytes:
    return hashlib.sha256(previous + hashlib.sha256(record).digest()).digest()


def read_stream(sock: socket.socket, frames: int) -> tuple[bytes, list[bytes]]:
    received = b""
    while b"\r\n\r\n" not in received:
        received += sock.recv(65536)
    head, rest = received.split(b"\r\n\r\n", 1)
    found = []
    while len(found) < frames:
        while b"\r\n\r\n" not in rest:
            part = sock.recv(65536)
            assert part, "the stream ended"
            rest += part
        part_head, rest = rest.split(b"\r\n\r\n", 1)
        boundary, kind, length = part_head.strip().split(b"\r\n")
        assert boundary == b"--BoundaryString"
        assert kind == b"Content-Type: image/jpeg"
        size = int(length.split(b":")[1])
        while len(rest) < size:
            rest += sock.recv(65536)
        found.append(rest[:size])
        rest = rest[size:]
    return head, found


def start_stream(caller, sub_id: str = "2") -> socket.socket:
    body = json.dumps({"deviceId": caller.service.model.device_id, "deviceSubId": sub_id, "timeout": "20000"}).encode()
    sock = caller.connect()
    sock.sendall(b"STREAM /stream HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    return sock


def test_discovery_is_unsigned_and_info_is_signed(scanner) -> None:
    (found,) = scanner.ask("MOSIPDISC", "/device", {"type": "Biometric Device"})
    digital_id = json.loads(decode(found["digitalId"]))
    assert (digital_id["type"], digital_id["deviceSubType"]) == ("Finger", "Slap")
    assert found["callbackId"] == scanner.server.url
    assert found["deviceStatus"] == "Ready"
    assert found["specVersion"] == ["0.9.5"]
    (refused,) = scanner.ask("MOSIPDISC", "/device", {"type": "Iris"})
    assert refused == {"error": {"errorCode": "106", "errorInfo": "Device not found"}}
    ((info),) = scanner.ask("MOSIPDINFO", "/info", {"type": "Finger"})
    described = scanner.open_jws(info["deviceInfo"])
    assert scanner.open_jws(described["digitalId"])["serialNo"] == digital_id["serialNo"]


@pytest.mark.days
def test_a_slap_is_four_signed_items_in_one_chain(scanner) -> None:
    chain = hashlib.sha256(b"").digest()
    items = scanner.capture()
    assert len(items) == 4
    for item, word in zip(items, ("Index", "Middle", "Ring", "Little"), strict=True):
        payload = scanner.open_jws(item["data"])
        assert payload["bioSubType"] == f"Right {word}Finger"
        assert payload["transactionId"] == "T-0001"
        assert payload["timestamp"] == "2026-11-21T05:00:00Z"
        assert 60 <= int(payload["qualityScore"]) <= 100
        record = decode(payload["bioValue"])
        assert record.startswith(b"FIR\x00020\x00")
        chain = link(chain, record)
        assert item["hash"] == chain.hex().upper()
    eyes = scanner.capture(previousHash=chain.hex().upper(), deviceSubId="3", count="2")
    record = decode(scanner.open_jws(eyes[0]["data"])["bioValue"])
    assert eyes[0]["hash"] == link(chain, record).hex().upper()


def test_both_eyes(iris_camera) -> None:
    items = iris_camera.capture()
    payloads = [iris_camera.open_jws(item["data"]) for item in items]
    assert [payload["bioSubType"] for payload in payloads] == ["Right", "Left"]
    assert all(decode(payload["bioValue"]).startswith(b"IIR\x00020\x00") for payload in payloads)


@pytest.mark.days
def test_a_face_with_and_without_exceptions_to_show(face_camera) -> None:
    for exception in ([], ["Right IndexFinger"]):
        (item,) = face_camera.capture(exception=exception)
        payload = face_camera.open_jws(item["data"])
        assert payload["bioType"] == "Face"
        assert "bioSubType" not in payload
        assert decode(payload["bioValue"]).startswith(b"FAC\x00030\x00")
    with start_stream(face_camera, "0") as sock:
        _, (frame,) = read_stream(sock, 1)
    assert cv2.imdecode(np.frombuffer(frame, np.uint8), cv2.IMREAD_COLOR).shape == (640, 480, 3)


@pytest.mark.days
def test_exceptions_are_left_out_and_counted(scanner) -> None:
    items = scanner.capture(exception=["Right RingFinger"], count="3")
    assert [scanner.open_jws(item["data"])["bioSubType"].split()[1] for item in items] == [
        "IndexFinger",
        "MiddleFinger",
        "LittleFinger",
    ]
    (refused,) = scanner.capture(exception=["Right RingFinger"], count="4")
    assert refused["error"]["errorCode"] == "109"
    assert refused["data"] == refused["hash"] == ""


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"transactionId": "a b"}, "112"),
        ({"transactionId": "abc"}, "112"),
        ({"env": "Home"}, "114"),
        ({"purpose": "Auth"}, "115"),
        ({"specVersion": "2.0"}, "116"),
        ({"timeout": "soon"}, "117"),
        ({"captureTime": "yesterday"}, "118"),
        ({"bio": []}, "119"),
        ({"bioSubType": ["Right Toe"]}, "120"),
        ({"exception": "none"}, "121"),
        ({"requestedScore": "101"}, "122"),
        ({"previousHash": None}, "123"),
        ({"type": "Iris"}, "502"),
        ({"bioSubType": ["Left IndexFinger"], "count": "1"}, "702"),
        ({"deviceSubId": "8"}, "702"),
        ({"deviceId": ""}, "704"),
        ({"deviceId": "other"}, "705"),
    ],
)
def test_wrong_requests_are_answered_by_their_codes(scanner, changes: dict[str, object], code: str) -> None:
    (item,) = scanner.capture(**changes)
    assert item["error"]["errorCode"] == code


@pytest.mark.days
def test_numbers_may_be_numbers(scanner) -> None:
    assert len(scanner.capture(count=4, timeout=5000, requestedScore=60, deviceSubId=2)) == 4


def test_other_verbs_and_nonsense(scanner) -> None:
    head, _ = scanner.ask_raw("GET", "/device", b"")
    assert head.startswith(b"HTTP/1.1 405")
    _, body = scanner.ask_raw("RCAPTURE", "/capture", b"\xff{")
    assert json.loads(body)["biometrics"][0]["error"]["errorCode"] == "113"
    with scanner.connect() as sock:
        sock.sendall(b"RCAPTURE /capture HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert sock.recv(100).startswith(b"HTTP/1.1 400")


def test_nobody_there(scanner) -> None:
    scanner.stage.present(None)
    assert [item["error"]["errorCode"] for item in scanner.capture()] == ["101"] * 4


@pytest.mark.days
def test_the_stream_has_the_boundary_of_the_field(scanner) -> None:
    with start_stream(scanner) as sock:
        head, frames = read_stream(sock, 3)
    assert b"multipart/x-mixed-replace; boundary=--BoundaryString" in head
    picture = cv2.imdecode(np.frombuffer(frames[0], np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture.shape == (480, 640)
    assert (picture < 100).mean() > 0.05  # ridges
    assert frames[0] != frames[1]


@pytest.mark.days
def test_a_capture_ends_its_own_stream_and_is_refused_beside_another(scanner) -> None:
    with start_stream(scanner) as sock:
        read_stream(sock, 1)
        assert scanner.capture(deviceSubId="1")[0]["error"]["errorCode"] == "701"
        assert len(scanner.capture()) == 4
        while sock.recv(65536):
            pass  # ends
    assert len(scanner.capture(deviceSubId="1")) == 4


def test_busy(scanner) -> None:
    scanner.stage.arm(Fault.BUSY)
    assert scanner.capture()[0]["error"]["errorCode"] == "111"
    assert len(scanner.capture()) == 4


def test_wrong_signature(scanner) -> None:
    scanner.stage.arm(Fault.WRONG_SIGNATURE)
    first, second, *_ = scanner.capture()
    with pytest.raises(InvalidSignature):
        scanner.open_jws(first["data"])
    scanner.open_jws(second["data"])


def test_broken_chain(scanner) -> None:
    scanner.stage.arm(Fault.BROKEN_CHAIN)
    first = scanner.capture()[0]
    record = decode(scanner.open_jws(first["data"])["bioValue"])
    assert first["hash"] != link(hashlib.sha256(b"").digest(), record).hex().upper()


def test_wrong_transaction(scanner) -> None:
    scanner.stage.arm(Fault.WRONG_TRANSACTION)
    assert scanner.open_jws(scanner.capture()[0]["data"])["transactionId"] != "T-0001"


def test_three_of_four(scanner) -> None:
    scanner.stage.arm(Fault.THREE_OF_FOUR)
    assert [item["error"]["errorCode"] for item in scanner.capture()] == ["0", "0", "0", "101"]


def test_truncated_jpeg(scanner) -> None:
    scanner.stage.arm(Fault.TRUNCATED_JPEG)
    with start_stream(scanner) as sock:
        _, (first, second) = read_stream(sock, 2)
    assert not first.endswith(b"\xff\xd9")
    assert second.endswith(b"\xff\xd9")


def test_huge_content_length(scanner) -> None:
    scanner.stage.arm(Fault.HUGE_LENGTH)
    with scanner.connect() as sock:
        body = json.dumps(scanner.capture_body()).encode()
        sock.sendall(b"RCAPTURE /capture HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        assert b"Content-Length: 2147483648" in sock.recv(200)


@pytest.mark.days
def test_unplugged_in_the_middle_of_an_answer_and_plugged_in_again(scanner) -> None:
    scanner.stage.arm(Fault.UNPLUG)
    with scanner.connect() as sock:
        body = json.dumps(scanner.capture_body()).encode()
        sock.sendall(b"RCAPTURE /capture HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        received = b""
        while part := sock.recv(65536):
            received += part
    head, content = received.split(b"\r\n\r\n", 1)
    assert int(head.rpartition(b":")[2]) > len(content) > 0
    with pytest.raises(ConnectionRefusedError):
        scanner.connect()
    scanner.server.plug()
    assert len(scanner.capture()) == 4


def test_hang_until_the_caller_gives_up(scanner) -> None:
    scanner.stage.arm(Fault.HANG)
    with scanner.connect() as sock:
        body = json.dumps(scanner.capture_body()).encode()
        sock.sendall(b"RCAPTURE /capture HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        sock.settimeout(0.4)
        with pytest.raises(TimeoutError):
            sock.recv(1)
    assert len(scanner.capture()) == 4  # not after ten minutes of silence


def test_a_frame_of_huge_length(scanner) -> None:
    scanner.stage.arm(Fault.HUGE_FRAME)
    with start_stream(scanner) as sock:
        received = b""
        while b"image/jpeg" not in received:
            received += sock.recv(300)
        received += sock.recv(300)
    assert b"Content-Length: 2147483648" in received
