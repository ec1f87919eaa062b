"""The protocol without sockets: what is sent, what is believed; nonsense of any shape is a `DeviceError`."""

from __future__ import annotations

import base64
import hashlib
import json
import tomllib
from contextlib import suppress
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.sbi.protocol import (
    KINDS,
    V0_9_5,
    V1_0,
    Ask,
    Found,
    base64url,
    capture_request,
    captured_by,
    device_error,
    dialect_of,
    discovery_request,
    error_of,
    message_code,
    moment,
    parse_capture,
    parse_discovery,
    parse_info,
    parse_json,
    plan,
    score,
    stream_request,
    text,
    texts,
)
from fieldkit.domain.recording.capture import EMPTY_HASH, first_break, next_hash
from fieldkit.domain.recording.positions import EYES, FINGERS, LEFT_FOUR, RIGHT_FOUR, THUMBS, Modality, Position
from fieldkit.ports.devices import (
    CaptureRequest,
    DeviceError,
    DeviceIdentity,
    DeviceState,
    NotConnectedError,
    ProtocolError,
)

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
ACME = DeviceIdentity("ACME", "S4", "SN1")
FOUND = Found(Modality.FINGER, ACME, DeviceState.READY, V0_9_5, "0.9.5", "dev-1", "Slap", (1, 2, 3), "")
REQUEST = CaptureRequest("tx-0001", NOW, Modality.FINGER, RIGHT_FOUR, timeout_ms=8000, threshold=55)
ASK = Ask(Modality.FINGER, 2, RIGHT_FOUR)


def chain(previous: str, record: bytes) -> str:
    return next_hash(previous, hashlib.sha256(record).hexdigest())


class Believer:
    """Reads a JWS without checking it: these tests are about everything else."""

    def verify_jws(self, jws: str) -> tuple[dict[str, object], bytes]:
        try:
            payload = json.loads(base64.urlsafe_b64decode(jws.split(".")[1] + "=="))
        except (ValueError, IndexError, RecursionError) as error:
            raise ProtocolError("device.jws_malformed") from error
        if not isinstance(payload, dict):
            raise ProtocolError("device.jws_malformed")
        return payload, b"DER"


def jws(payload: object) -> str:
    return "e30." + base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=") + ".c2ln"


def item(sub_type: str, previous: str, **changes) -> dict:
    record = b"FIR\0" + sub_type.encode()
    payload = {
        "digitalId": jws({"serialNo": "SN1", "make": "ACME", "model": "S4", "type": "Finger"}),
        "deviceCode": "code",
        "deviceServiceVersion": "1.2",
        "bioType": "Finger",
        "bioSubType": sub_type,
        "purpose": "Registration",
        "bioValue": base64.urlsafe_b64encode(record).decode().rstrip("="),
        "transactionId": "tx-0001",
        "timestamp": "2026-11-21T05:04:59Z",
        "qualityScore": 70,
    }
    return {"specVersion": "0.9.5", "data": jws({**payload, **changes}), "hash": chain(previous, record), "error": None}


def read(*items: dict, previous: str = "", ask: Ask = ASK):
    body = json.dumps({"biometrics": items}).encode()
    return parse_capture(body, REQUEST, ask, FOUND, previous, Believer())


def test_capture_request_has_its_numbers_as_text():
    body = json.loads(capture_request(REQUEST, ASK, FOUND, "Staging", ""))
    assert body["captureTime"] == "2026-11-21T05:00:00Z"
    assert (body["timeout"], body["purpose"], body["customOpts"]) == ("8000", "Registration", None)
    (bio,) = body["bio"]
    assert bio == {
        "type": "Finger",
        "count": "4",
        "bioSubType": ["Right IndexFinger", "Right MiddleFinger", "Right RingFinger", "Right LittleFinger"],
        "exception": [],
        "requestedScore": "55",
        "deviceId": "dev-1",
        "deviceSubId": "2",
        "previousHash": hashlib.sha256(b"").hexdigest().upper(),
    }


@pytest.mark.parametrize("transaction", ["", "abc", "x" * 51, "tx 0001", "tx_0001"])
def test_a_wrong_transaction_id_is_never_sent(transaction):
    request = CaptureRequest(transaction, NOW, Modality.FINGER, RIGHT_FOUR)
    with pytest.raises(ProtocolError):
        capture_request(request, ASK, FOUND, "Staging", "")


def test_dialects_differ_in_discovery_and_stream():
    assert json.loads(discovery_request(V0_9_5)) == {"type": "Biometric Device"}
    assert json.loads(discovery_request(V1_0)) == {"type": "Biometric Device", "specVersion": "1.0"}
    assert json.loads(stream_request(FOUND, 2, 500)) == {"deviceId": "dev-1", "deviceSubId": "2", "timeout": "500"}


def test_the_chain_is_over_binary_digests():
    first = hashlib.sha256(hashlib.sha256(b"").digest() + hashlib.sha256(b"FIR").digest()).hexdigest().upper()
    assert chain("", b"FIR") == chain(EMPTY_HASH, b"FIR") == first
    assert chain(first, b"x") != chain("", b"x")


def test_every_record_that_was_signed_has_its_link_also_those_that_nobody_keeps():
    poor = {**item("Right IndexFinger", ""), "error": {"errorCode": "102", "errorInfo": ""}}
    middle = item("Right MiddleFinger", poor["hash"])
    again = item("Right MiddleFinger", middle["hash"])
    result = read(poor, middle, again)
    assert [link.discarded for link in result.links] == ["device.sbi.102", "", "repeated"]
    assert [link.previous for link in result.links] == [EMPTY_HASH, poor["hash"], middle["hash"]]
    assert result.last_hash == result.links[-1].chain_hash == again["hash"]
    assert first_break(result.links) is None
    assert first_break(result.links[1:]) == result.links[1]


def test_the_chain_runs_over_the_items_and_from_the_previous_capture():
    start = "AB" * 32
    one = item("Right IndexFinger", start)
    result = read(one, item("Right RingFinger", one["hash"]), previous=start)
    assert [s.position for s in result.samples] == [Position.RIGHT_INDEX, Position.RIGHT_RING]
    assert result.last_hash == result.samples[-1].evidence.chain_hash
    with pytest.raises(ProtocolError):
        read(item("Right RingFinger", one["hash"]), one, previous=start)
    with pytest.raises(ProtocolError):
        read(one, previous="")


def test_missing_items_take_the_reasons_of_failed_ones_in_order():
    failed = {"data": "", "hash": "", "error": {"errorCode": "105"}}
    result = read(item("Right IndexFinger", ""), failed)
    assert [(f.position.value, f.code) for f in result.faults] == [
        ("RIGHT_MIDDLE", "device.sbi.105"),
        ("RIGHT_RING", "device.sbi.missing"),
        ("RIGHT_LITTLE", "device.sbi.missing"),
    ]


def test_an_item_with_data_and_error_is_a_fault_but_stays_in_the_chain():
    poor = {**item("Right IndexFinger", ""), "error": {"errorCode": "102", "errorInfo": ""}}
    result = read(poor, item("Right RingFinger", poor["hash"]))
    assert [s.position for s in result.samples] == [Position.RIGHT_RING]
    assert result.faults[0].code == "device.sbi.102"


@pytest.mark.parametrize(
    "changes",
    [
        {"transactionId": "tx-0002"},
        {"timestamp": "2026-11-21T05:05:01Z"},
        {"timestamp": "2026-11-21T04:54:59Z"},
        {"qualityScore": 101},
        {"bioType": "Iris"},
        {"bioSubType": "Left IndexFinger"},
        {"bioSubType": "UNKNOWN"},
        {"purpose": "Auth"},
        {"bioValue": ""},
        {"bioValue": base64.b64encode(b"JPEG").decode()},
        {"digitalId": jws({"serialNo": "OTHER"})},
    ],
)
def test_what_does_not_belong_to_this_request_is_refused(changes):
    with pytest.raises(ProtocolError):
        read(item("Right IndexFinger", "", **changes))


@pytest.mark.parametrize(("told", "minutes"), [("2026-11-21T05:05:01Z", 6), ("2026-11-20T22:00:00Z", 420)])
def test_clocks_that_disagree_are_named_and_not_the_device_blamed(told, minutes):
    with pytest.raises(ProtocolError) as caught:
        read(item("Right IndexFinger", "", timestamp=told))
    assert caught.value.code == "device.sbi.clock"
    assert dict(caught.value.problem.params) == {"minutes": minutes}


def test_an_unknown_subtype_is_the_only_finger_asked_for():
    ask = Ask(Modality.FINGER, 2, (Position.RIGHT_RING,))
    assert read(item("UNKNOWN", ""), ask=ask).samples[0].position is Position.RIGHT_RING


def test_an_empty_reply_is_refused():
    for body in (b"{}", b"[]", b'{"biometrics": []}', b'{"biometrics": {}}'):
        with pytest.raises(ProtocolError):
            parse_capture(body, REQUEST, ASK, FOUND, "", Believer())
    with pytest.raises(NotConnectedError):
        parse_capture(b'{"error": {"errorCode": "110"}}', REQUEST, ASK, FOUND, "", Believer())


def test_discovery_leaves_out_what_is_not_for_recording():
    digital_id = base64.urlsafe_b64encode(json.dumps({"serialNo": "S", "type": "Finger"}).encode()).decode()
    entry = {"deviceId": "1", "digitalId": digital_id, "deviceStatus": "Ready", "specVersion": ["0.9.5"]}
    others = [{**entry, "purpose": "Auth"}, {**entry, "digitalId": ""}, 7, {"error": {"errorCode": "202"}}]
    found = parse_discovery(json.dumps([entry, *others]).encode(), V0_9_5)
    assert [f.identity.serial for f in found.devices] == ["S"]
    assert found.mistakes == ()


def test_a_name_that_would_turn_the_line_is_shown_without_that():
    named = {"serialNo": "S", "type": "Finger", "make": "Acme\u202e\n", "model": "S" * 500}
    entry = {"deviceId": "1", "digitalId": base64.urlsafe_b64encode(json.dumps(named).encode()).decode()}
    (found,) = parse_discovery(json.dumps([entry]).encode(), V0_9_5).devices
    assert (found.identity.vendor, found.identity.model) == ("Acme", "S" * 80)


@pytest.mark.parametrize("wrong", [{"digitalId": "!"}, {"digitalId": "e30"}, {"specVersion": {}}, {"error": 5}])
def test_one_bad_entry_hides_no_other(wrong):
    digital_id = base64.urlsafe_b64encode(json.dumps({"serialNo": "S", "type": "Finger"}).encode()).decode()
    entry = {"deviceId": "1", "digitalId": digital_id, "deviceStatus": "Ready", "specVersion": ["0.9.5"]}
    found = parse_discovery(json.dumps([{**entry, **wrong}, entry]).encode(), V0_9_5)
    assert "S" in [f.identity.serial for f in found.devices]
    assert len(found.devices) + len(found.mistakes) <= 2


def test_an_unregistered_device_sends_its_info_unsigned():
    body = json.dumps([{"deviceInfo": base64.urlsafe_b64encode(b"{}").decode(), "error": None}]).encode()
    with pytest.raises(NotConnectedError) as caught:
        parse_info(body, FOUND, Believer())
    assert caught.value.code == "device.sbi.100"


def test_info_of_other_devices_only_is_not_ours():
    other = jws({"digitalId": jws({"serialNo": "SN9"}), "deviceId": "dev-9"})
    with pytest.raises(NotConnectedError):
        parse_info(json.dumps([{"deviceInfo": other}]).encode(), FOUND, Believer())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["biometrics", "error", "errorCode", "data", "hash", "digitalId", "deviceInfo", "specVersion"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@pytest.mark.days
@settings(max_examples=tries(1000), deadline=None)
@given(JSON | st.binary(max_size=60))
def test_nonsense_is_a_device_error(reply):
    body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    for read_it in (
        lambda: parse_discovery(body, V0_9_5),
        lambda: parse_info(body, FOUND, Believer()),
        lambda: parse_capture(body, REQUEST, ASK, FOUND, "", Believer()),
    ):
        with suppress(DeviceError):
            read_it()


@pytest.mark.days
@settings(max_examples=tries(1000), deadline=None)
@given(st.sampled_from(["timestamp", "bioValue", "qualityScore", "bioSubType", "bioType", "digitalId"]), JSON)
def test_nonsense_inside_a_signed_item_is_a_device_error(field, value):
    with suppress(DeviceError):
        read(item("Right IndexFinger", "", **{field: value}))


def test_the_first_version_of_discovery_decides():
    assert dialect_of(["0.9.5"], V1_0) is V0_9_5
    assert dialect_of(["1.0", "0.9.5"], V0_9_5) is V1_0
    assert dialect_of(["1.0.0"], V0_9_5) is V1_0
    assert dialect_of(["0.9.5.1.5"], V1_0) is V0_9_5


def test_an_unknown_version_is_spoken_to_as_it_answered():
    assert dialect_of(["2.0"], V1_0) is V1_0
    assert dialect_of([], V0_9_5) is V0_9_5


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_code_has_its_sentences(language):
    catalogue = tomllib.loads((files("assets") / "i18n" / language / "devices.toml").read_text("utf-8"))
    for code in (*KINDS, 555):
        assert set(catalogue[message_code(code)]) == {"what", "safe", "do"}


def test_codes_published_and_seen_are_all_known():
    assert set(range(100, 113)) | {202, 502, *range(113, 124), *range(701, 709)} - {706} <= set(KINDS) | {706}


def test_an_unknown_code_keeps_its_number_and_a_bounded_sentence():
    error = device_error(599, "x" * 1000 + "\x1b[31m")
    assert isinstance(error, NotConnectedError)
    assert error.code == "device.sbi.vendor"
    assert error.problem.params["number"] == 599
    assert len(str(error.problem.params["detail"])) == 160
    assert "\x1b" not in str(device_error(599, "\x1b[31m").problem.params["detail"])


def test_all_kinds_are_device_errors():
    assert all(issubclass(kind, DeviceError) for kind in KINDS.values())


def test_ten_fingers_are_three_captures_in_the_order_asked():
    asks = plan(Modality.FINGER, (*RIGHT_FOUR, *LEFT_FOUR, *THUMBS))
    assert [(a.sub_id, a.positions) for a in asks] == [(2, RIGHT_FOUR), (1, LEFT_FOUR), (3, THUMBS)]


def test_exceptions_belong_to_their_slap():
    (ask,) = plan(Modality.FINGER, LEFT_FOUR, (Position.LEFT_RING, Position.RIGHT_THUMB))
    assert ask.exceptions == (Position.LEFT_RING,)
    assert ask.positions == tuple(p for p in LEFT_FOUR if p is not Position.LEFT_RING)
    assert ask.whole == ask


def test_a_single_finger_scanner_takes_one_at_a_time():
    asks = plan(Modality.FINGER, RIGHT_FOUR, sub_ids=(1,), single=True)
    assert [a.positions for a in asks] == [(p,) for p in RIGHT_FOUR]
    assert {a.sub_id for a in asks} == {1}


@pytest.mark.parametrize(
    ("wanted", "exceptions", "sub_ids", "expected"),
    [
        (EYES, (), (1, 2, 3), [Ask(Modality.IRIS, 3, EYES)]),
        (EYES, (Position.EYE_LEFT,), (1, 2, 3), [Ask(Modality.IRIS, 3, (Position.EYE_RIGHT,), (Position.EYE_LEFT,))]),
        ((Position.EYE_LEFT,), (), (1, 2, 3), [Ask(Modality.IRIS, 1, (Position.EYE_LEFT,))]),
        ((Position.EYE_LEFT,), (), (3,), [Ask(Modality.IRIS, 3, (Position.EYE_LEFT,))]),
        (EYES, (), (0,), [Ask(Modality.IRIS, 0, (p,)) for p in EYES]),
        (EYES, (), (1, 2), [Ask(Modality.IRIS, 2, (EYES[0],)), Ask(Modality.IRIS, 1, (EYES[1],))]),
    ],
)
def test_eyes_by_what_the_camera_offers(wanted, exceptions, sub_ids, expected):
    assert list(plan(Modality.IRIS, wanted, exceptions, sub_ids=sub_ids)) == expected


def test_an_exception_photo_names_what_is_missing():
    (ask,) = plan(Modality.FACE, (Position.PORTRAIT,), (Position.EYE_LEFT, Position.LEFT_THUMB))
    assert ask == Ask(Modality.FACE, 0, (Position.PORTRAIT,), (Position.EYE_LEFT, Position.LEFT_THUMB))


@pytest.mark.parametrize("positions", [(), (Position.PORTRAIT,), (*RIGHT_FOUR, Position.EYE_LEFT)])
def test_what_the_device_cannot_capture_is_refused(positions):
    with pytest.raises(ProtocolError):
        plan(Modality.FINGER, positions)


def test_capabilities_of_sub_devices():
    assert captured_by(Modality.FINGER, (1, 2, 3)) == set(FINGERS)
    assert captured_by(Modality.FINGER, (3,)) == set(THUMBS)
    assert captured_by(Modality.FINGER, (0,)) == set(FINGERS)
    assert captured_by(Modality.IRIS, (3,)) == set(EYES)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(ProtocolError):
        parse_json(body)


@pytest.mark.parametrize(("value", "expected"), [("81", 81), (81, 81), (80.6, 81), ("0", 0), (100, 100)])
def test_scores_come_as_text_or_number(value, expected):
    assert score({"s": value}, "s") == expected


@pytest.mark.parametrize("value", ["", "x", None, True, -1, 100.5, "101", "nan", float("inf"), [], "1e999"])
def test_scores_outside_the_range_are_refused(value):
    with pytest.raises(ProtocolError):
        score({"s": value}, "s")


@pytest.mark.parametrize("at", ["2026-11-21T05:00:00Z", "2026-11-21T12:00:00+07:00", "2026-11-21T05:00:00.000"])
def test_times_are_utc(at):
    assert moment({"t": at}, "t") == datetime(2026, 11, 21, 5, tzinfo=UTC)


@pytest.mark.parametrize("at", ["", "yesterday", "0001-01-01T00:00:00+14:00"])
def test_other_times_are_refused(at):
    with pytest.raises(ProtocolError):
        moment({"t": at}, "t")


def test_texts_and_numbers():
    assert text({"a": None}, "a") == text({}, "a") == ""
    assert text({"a": 3}, "a") == "3"
    assert texts({"a": [1, "2", None]}, "a") == ("1", "2")
    assert texts({"a": "0.9.5"}, "a") == ("0.9.5",)
    with pytest.raises(ProtocolError):
        text({"a": {}}, "a")


def test_base64url_with_and_without_padding():
    assert base64url("_-8", "x") == base64url("_-8=", "x") == b"\xff\xef"
    for bad in ("a", "ab!c", "é"):
        with pytest.raises(ProtocolError):
            base64url(bad, "x")


def test_errors_of_items():
    assert error_of({}) == error_of({"error": None}) == (0, "")
    assert error_of({"error": {"errorCode": "101", "errorInfo": "no"}}) == (101, "no")
    assert error_of({"error": {"errorCode": 0}}) == (0, "")
    for bad in ({"error": "no"}, {"error": {"errorCode": "-1"}}, {"error": {"errorCode": "9" * 99}}):
        with pytest.raises(ProtocolError):
            error_of(bad)
