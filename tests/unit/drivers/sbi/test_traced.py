from __future__ import annotations

import asyncio
import base64
import hashlib
import json

import pytest
from support.tapes import taping

from drivers.sbi.traced import TracedRequest
from drivers.trace import GUESSABLE_BYTES
from fieldkit.ports.devices import TimedOutError

URL = "http://127.0.0.1:4501/sub"
RECORD = b"FIR\0" + bytes(range(256)) * 8


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def jws(payload: dict) -> str:
    header = {"alg": "RS256", "x5c": ["M" * 3000]}
    return ".".join(encoded(json.dumps(part).encode()) for part in (header, payload)) + ".c2lnbmF0dXJl"


def answered(reply: object, verb: str = "RCAPTURE", **options) -> tuple[object, str]:
    """Return what a trace shows of the body of an answer, and its text."""
    with taping(**options) as tape, TracedRequest(URL, verb, "/capture", b"{}") as traced:
        traced.answer(200, "application/json", reply if isinstance(reply, bytes) else json.dumps(reply).encode())
    request, answer = tape.events
    assert (request["line"], request["path"], request["body"]) == ("http://127.0.0.1:4501", "/sub/capture", "{}")
    assert answer["number"] == request["number"]
    return answer["body"], tape.text


def test_what_was_captured_is_hidden_and_the_structure_stays():
    payload = {"bioValue": encoded(RECORD), "bioSubType": "Left Thumb", "digitalId": "D" * 3000, "qualityScore": "80"}
    error = {"errorCode": "0", "errorInfo": "ok"}
    reply = {"biometrics": [{"specVersion": "0.9.5", "data": jws(payload), "hash": "AB12", "error": error}]}
    body, text = answered(reply)
    (item,) = body["json"]["biometrics"]
    digest = hashlib.sha256(RECORD).hexdigest()
    assert item["data"]["payload"] == {**payload, "bioValue": {"bytes": len(RECORD), "sha256": digest}}
    assert item["data"]["header"] == {"alg": "RS256", "x5c": ["M" * 3000]}
    assert (item["specVersion"], item["hash"], item["error"]) == ("0.9.5", "AB12", error)
    assert encoded(RECORD)[100:150] not in text
    assert "c2lnbmF0dXJl" not in text, "a signature tells of what was signed"


def test_a_short_record_cannot_be_guessed_by_its_place_in_the_chain_either():
    body, text = answered({"biometrics": [{"data": jws({"bioValue": encoded(b"FIR\0")}), "hash": "AB12"}]})
    (item,) = body["json"]["biometrics"]
    assert set(item["data"]["payload"]["bioValue"]) == {"bytes", "hmac"}
    assert set(item["hash"]) == {"bytes", "hmac"}
    assert "AB12" not in text


@pytest.mark.parametrize("token", ["no token", "a.b", encoded(b"{") + ".e30.", "e30." + encoded(b"[1]") + ".", "é.é.é"])
def test_what_is_no_token_is_all_payload(token):
    body, _ = answered({"biometrics": [{"data": token, "hash": "AB12"}]})
    (item,) = body["json"]["biometrics"]
    assert item == {"data": {"bytes": len(token.encode()), "hmac": item["data"]["hmac"]}, "hash": "AB12"}


def test_long_texts_in_places_of_their_own_are_payloads_too():
    long = "x" * GUESSABLE_BYTES
    body, _ = answered({"biometrics": [{"data": jws({"image": long, "n": 7}), "thumbnail": [long[:-1], long]}]})
    (item,) = body["json"]["biometrics"]
    assert set(item["data"]["payload"]["image"]) == {"bytes", "hmac"}
    assert item["data"]["payload"]["n"] == 7
    assert item["thumbnail"][0] == long[:-1]
    assert "bytes" in item["thumbnail"][1]
    body, _ = answered({"biometrics": [{"data": jws({"bioValue": "no base64!"})}]})
    assert "bytes" in body["json"]["biometrics"][0]["data"]["payload"]["bioValue"]


@pytest.mark.parametrize("body", [b"\xff\xd8 a picture", b"[1, 2]", b'"text"'])
def test_an_answer_that_cannot_be_read_is_all_payload(body):
    shown, _ = answered(body)
    assert set(shown) == {"bytes", "hmac"}


def test_an_error_is_shown_and_so_is_everything_that_captures_nothing():
    error = {"error": {"errorCode": "110", "errorInfo": "not ready"}}
    assert answered(error)[0] == {"json": error}
    assert answered({"biometrics": [{"data": "", "error": {"errorCode": "703"}}]})[0] == {
        "json": {"biometrics": [{"data": "", "error": {"errorCode": "703"}}]}
    }
    assert answered([{"digitalId": "x" * 3000}], "MOSIPDISC")[0] == json.dumps([{"digitalId": "x" * 3000}])
    assert answered(b"\xff", "MOSIPDISC")[0] == {"hex": "ff"}


def test_with_payloads_an_answer_is_what_was_sent():
    reply = {"biometrics": [{"data": jws({"bioValue": encoded(RECORD)})}]}
    assert answered(reply, with_payloads=True)[0] == json.dumps(reply)


def test_a_stream_is_told_frame_by_frame():
    with taping() as tape, TracedRequest(URL, "STREAM", "/stream", b"{}") as traced:
        traced.answer(200, "multipart/x-mixed-replace; boundary=b")
        traced.frame(b"\xff\xd8" + bytes(2000))
        traced.ended()
    _, answer, frame, ended = tape.events
    assert "body" not in answer
    assert (frame["act"], set(frame["data"]), ended["act"]) == ("frame", {"bytes", "sha256"}, "ended")


def test_how_a_request_ends_is_told():
    with taping() as tape:
        for error in (TimedOutError("device.timed_out", address=URL), asyncio.CancelledError()):
            with pytest.raises(type(error)), TracedRequest(URL, "MOSIPDISC", "/device", b"{}"):
                raise error
    acts = [(event["act"], event.get("code")) for event in tape.events if event["act"] != "request"]
    assert acts == [("failed", "device.timed_out"), ("left", None)]
    assert len({event["number"] for event in tape.events}) == 2


def test_a_request_that_began_before_is_not_in_the_trace():
    with TracedRequest(URL, "MOSIPDISC", "/device", b"{}") as traced, taping() as tape:
        traced.answer(200, "text/plain", b"")
        traced.frame(b"")
    assert tape.events == []
