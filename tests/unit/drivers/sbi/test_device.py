from __future__ import annotations

import asyncio
import hashlib
import threading
from datetime import UTC, datetime

import pytest
from support.standstill import wait_until
from support.waits import FactClock

from drivers.sbi.device import RETRY_WITHIN_S, Asking, SbiDevice, callback_url, discover
from drivers.sbi.driver import SbiDriver
from drivers.sbi.protocol import V0_9_5, V1_0
from drivers.sbi.transport import run
from drivers.transport import NeverCancelled
from fieldkit.domain.recording.capture import SampleFormat
from fieldkit.domain.recording.positions import EYES, LEFT_FOUR, RIGHT_FOUR, THUMBS, Modality, Position
from fieldkit.ports.devices import (
    CaptureRequest,
    DeviceBusyError,
    DeviceError,
    DeviceKind,
    DeviceState,
    NotConnectedError,
    NothingPresentedError,
    ProtocolError,
    SpoofSuspectedError,
    TimedOutError,
    TransportBrokenError,
)

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def request(positions, *, modality=Modality.FINGER, number=1, **rest) -> CaptureRequest:
    return CaptureRequest(f"tx-{number:04d}", NOW, modality, tuple(positions), **{"timeout_ms": 60_000, **rest})


@pytest.fixture
def connect(context_for, flag, monkeypatch):
    monkeypatch.setattr("drivers.sbi.device.RETRY_PAUSE_S", 0.01)

    def opened(service, kind: DeviceKind = DeviceKind.FINGERPRINT, monotonic=lambda: 100.0) -> SbiDevice:
        given = {"addresses": {"sbi": (service.url,)}, "only_given": frozenset({"sbi"})}
        driver = SbiDriver(context_for(**given, monotonic=monotonic))
        device = driver.connect(next(s for s in driver.scan() if s.kind is kind))
        device.open(flag())
        return device

    return opened


def test_a_whole_person_is_recorded_with_one_hash_chain(service, connect, mailbox, flag):
    last, seen = "", []
    steps = [
        (DeviceKind.FINGERPRINT, Modality.FINGER, RIGHT_FOUR),
        (DeviceKind.FINGERPRINT, Modality.FINGER, LEFT_FOUR),
        (DeviceKind.FINGERPRINT, Modality.FINGER, THUMBS),
        (DeviceKind.IRIS, Modality.IRIS, EYES),
        (DeviceKind.CAMERA, Modality.FACE, (Position.PORTRAIT,)),
    ]
    chained = hashlib.sha256(b"").digest()
    for number, (kind, modality, positions) in enumerate(steps):
        device = connect(service, kind)
        asked = request(positions, modality=modality, number=number, previous_hash=last)
        result = device.capture(asked, mailbox, flag())
        assert not result.faults
        for sample in result.samples:
            chained = hashlib.sha256(chained + hashlib.sha256(sample.data).digest()).digest()
            assert sample.evidence.chain_hash == chained.hex().upper()
            assert sample.evidence.certificate_der == service.provider.der
            assert sample.quality.value == 81
            assert sample.quality.algorithm.startswith("SBI:ACME ")
            seen.append(sample.position)
        last = result.last_hash
    assert set(seen) == {*RIGHT_FOUR, *LEFT_FOUR, *THUMBS, *EYES, Position.PORTRAIT}
    asked = [body["bio"][0] for verb, _, body in service.requests if verb == "RCAPTURE"]
    assert [(b["type"], b["deviceSubId"], b["count"]) for b in asked] == [
        ("Finger", "2", "4"),
        ("Finger", "1", "4"),
        ("Finger", "3", "2"),
        ("Iris", "3", "2"),
        ("Face", "0", "1"),
    ]
    assert mailbox.frames  # the stream ran until the capture ended it


def test_formats_follow_the_modality(service, connect, mailbox, flag):
    device = connect(service, DeviceKind.IRIS)
    (sample, _) = device.capture(request(EYES, modality=Modality.IRIS), mailbox, flag()).samples
    assert sample.format is SampleFormat.ISO_19794_6
    assert sample.data.startswith(b"IIR\0")


def test_exceptions_lower_the_count(service, connect, mailbox, flag):
    device = connect(service)
    asked = request(RIGHT_FOUR, exceptions=(Position.RIGHT_RING, Position.LEFT_THUMB))
    result = device.capture(asked, mailbox, flag())
    assert Position.RIGHT_RING not in {s.position for s in result.samples}
    assert len(result.samples) == 3
    (bio,) = service.requests[-1][2]["bio"]
    assert bio["count"] == "3"
    assert bio["exception"] == ["Right RingFinger"]


def test_the_photo_of_an_exception_names_what_is_missing(service, connect, mailbox, flag):
    camera = connect(service, DeviceKind.CAMERA)
    missing = (Position.LEFT_THUMB, Position.EYE_LEFT)
    asked = request([Position.PORTRAIT], modality=Modality.FACE, exceptions=missing)
    assert len(camera.capture(asked, mailbox, flag()).samples) == 1
    (bio,) = service.requests[-1][2]["bio"]
    assert (bio["type"], bio["count"], bio["bioSubType"]) == ("Face", "1", [])
    assert bio["exception"] == ["Left Thumb", "Left"]


def test_several_sub_devices_are_captured_in_turn(service, connect, mailbox, flag):
    result = connect(service).capture(request((*RIGHT_FOUR, *THUMBS)), mailbox, flag())
    assert len(result.samples) == 6
    ids = [body["transactionId"] for verb, _, body in service.requests if verb == "RCAPTURE"]
    assert ids == ["tx-0001", "tx-0001-2"]


def test_what_came_is_kept_when_a_later_sub_device_fails(service, connect, mailbox, flag):
    service.error_at = {"Left Thumb": "101", "Right Thumb": "101"}
    result = connect(service).capture(request((*RIGHT_FOUR, *THUMBS)), mailbox, flag())
    assert len(result.samples) == 4
    assert {(f.position, f.code) for f in result.faults} == {(p, "device.sbi.101") for p in THUMBS}


def test_a_failed_finger_is_a_fault_with_its_reason(service, connect, mailbox, flag):
    service.error_at = {"Right RingFinger": "102"}
    result = connect(service).capture(request(RIGHT_FOUR), mailbox, flag())
    assert [(f.position, f.code) for f in result.faults] == [(Position.RIGHT_RING, "device.sbi.102")]
    assert len(result.samples) == 3


def test_three_of_four_fingers_are_noticed(service, connect, mailbox, flag):
    service.change_reply = lambda reply: {"biometrics": reply["biometrics"][:3]}
    result = connect(service).capture(request(RIGHT_FOUR), mailbox, flag())
    assert [(f.position, f.code) for f in result.faults] == [(Position.RIGHT_LITTLE, "device.sbi.missing")]


def test_a_scanner_that_takes_only_whole_slaps_is_asked_for_the_whole(service, connect, mailbox, flag):
    service.only_whole_slaps = True
    result = connect(service).capture(request((Position.RIGHT_RING,)), mailbox, flag())
    assert {s.position for s in result.samples} == set(RIGHT_FOUR)


@pytest.mark.parametrize("tamper", ["data", "hash", "transactionId", "timestamp", "specVersion", "bioValue", "score"])
def test_a_reply_that_does_not_hold_is_refused_whole(service, connect, mailbox, flag, tamper):
    def change(item, payload):
        match tamper:
            case "data":
                signed = service.provider.sign(payload)
                item["data"] = signed[:-8] + ("A" * 8 if signed[-8:] != "A" * 8 else "B" * 8)
            case "hash":
                item["hash"] = "0" * 64
            case "specVersion":
                item["specVersion"] = "0.9.2"
            case "score":
                payload["qualityScore"] = "101"
            case "timestamp":
                payload["timestamp"] = "2026-11-21T05:05:01Z"
            case name:
                payload[name] = "AAAA"

    service.change_item = change
    with pytest.raises(ProtocolError):
        connect(service).capture(request(RIGHT_FOUR), mailbox, flag())


def test_another_providers_device_is_refused_when_opened(service, connect, provider):
    service.provider = type(provider)("Stranger")
    with pytest.raises(ProtocolError):
        connect(service)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("101", NothingPresentedError),
        ("103", SpoofSuspectedError),
        ("110", NotConnectedError),
        ("112", ProtocolError),
        ("555", NotConnectedError),
    ],
)
def test_a_capture_that_fails_whole_is_an_error_of_its_kind(service, connect, mailbox, flag, code, kind):
    service.capture_errors = [code]
    with pytest.raises(kind) as caught:
        connect(service).capture(request(RIGHT_FOUR), mailbox, flag())
    assert caught.value.code == ("device.sbi.vendor" if code == "555" else f"device.sbi.{code}")


def test_a_service_that_still_ends_a_stream_is_asked_again(service, connect, mailbox, flag):
    service.capture_errors = ["702"]
    assert len(connect(service).capture(request(RIGHT_FOUR), mailbox, flag()).samples) == 4


def test_a_busy_device_stays_busy(service, connect, mailbox, flag):
    service.capture_errors = ["111"] * 90
    with pytest.raises(DeviceBusyError):
        connect(service, monotonic=FactClock()).capture(request(RIGHT_FOUR), mailbox, flag())
    assert 1 < 90 - len(service.capture_errors) < 20, "asked again for a while"
    service.capture_errors.clear()
    assert connect(service).capture(request(RIGHT_FOUR, number=2), mailbox, flag()).samples  # without restart


def test_a_capture_that_is_cancelled_comes_back_before_its_service(service, connect, mailbox, flag):
    service.delay_s = 600
    cancel = flag(once=service.capturing.locked)
    with pytest.raises(DeviceError) as caught:
        connect(service).capture(request(RIGHT_FOUR), mailbox, cancel)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded
    assert service.capturing.locked()


def test_after_leaving_a_capture_the_next_one_waits_for_the_service(service, connect, mailbox, flag):
    """The service is busy for longer than anybody else is asked again."""
    now, fails, refused = [100.0], service.failed, []
    service.delay_s = 600
    device = connect(service, monotonic=lambda: now[0])
    with pytest.raises(DeviceError):
        device.capture(request(RIGHT_FOUR, timeout_ms=2500), mailbox, flag(once=service.capturing.locked))

    def refuse(code):
        refused.append(code)
        now[0] += RETRY_WITHIN_S + 0.1 if len(refused) == 1 else 0
        if len(refused) == 2:
            service.delay_s = 0
            service.stops.set()
        return fails(code)

    service.failed = refuse
    assert len(device.capture(request(RIGHT_FOUR, number=2), mailbox, flag()).samples) == 4
    assert set(refused) == {"703"}


def test_once_the_service_answered_it_is_waited_for_no_longer(service, connect, mailbox, flag):
    now = [100.0]
    service.delay_s = 600
    device = connect(service, monotonic=lambda: now[0])
    with pytest.raises(DeviceError):
        device.capture(request(RIGHT_FOUR), mailbox, flag(once=service.capturing.locked))
    service.delay_s = 0
    service.stops.set()
    wait_until(lambda: not service.capturing.locked())
    assert device.capture(request(RIGHT_FOUR, number=2), mailbox, flag()).samples
    service.capture_errors = ["703"] * 9
    now[0] += 10
    service.change_reply = lambda reply: now.__setitem__(0, now[0] + RETRY_WITHIN_S + 0.1) or reply
    with pytest.raises(DeviceBusyError):
        device.capture(request(RIGHT_FOUR, number=3), mailbox, flag())
    assert len(service.capture_errors) == 8, "not asked again: the capture that was left is over"


def test_a_service_that_says_nothing_times_out(service, connect, mailbox, flag, monkeypatch):
    monkeypatch.setattr("drivers.sbi.device.CAPTURE_MARGIN_S", 0.2)
    service.delay_s = 600
    device = connect(service)
    with pytest.raises(TimedOutError):
        device.capture(request(RIGHT_FOUR, timeout_ms=300), mailbox, flag())


def test_a_service_that_dies_in_the_middle_breaks_the_transport(service, connect, mailbox, flag):
    device = connect(service)
    service.change_reply = lambda reply: (_ for _ in ()).throw(ConnectionAbortedError())
    with pytest.raises(TransportBrokenError):
        device.capture(request(RIGHT_FOUR), mailbox, flag())


def test_a_reply_is_bounded(service, connect, mailbox, flag, monkeypatch):
    monkeypatch.setattr("drivers.sbi.device.MAX_CAPTURE_BYTES", 1000)
    with pytest.raises(ProtocolError) as caught:
        connect(service).capture(request(RIGHT_FOUR), mailbox, flag())
    assert caught.value.code == "device.sbi.too_big"


def test_stream_shows_frames_until_cancelled(service, connect, mailbox, flag):
    device, cancel = connect(service), flag(once=lambda: len(mailbox.frames) >= 3)
    device.stream(RIGHT_FOUR, mailbox, cancel)
    assert cancel.was_heeded
    assert all(f.startswith(b"\xff\xd8") for f in mailbox.frames)
    assert ("STREAM", "/stream", {"deviceId": "id-Finger", "deviceSubId": "2", "timeout": "300000"}) in service.requests


def test_stream_then_capture_of_another_slap(service, connect, mailbox, flag):
    device = connect(service)
    device.stream(RIGHT_FOUR, mailbox, flag(once=lambda: mailbox.frames))
    assert len(device.capture(request(LEFT_FOUR), mailbox, flag()).samples) == 4


def test_stream_ends_with_an_error_when_the_service_goes_away(service_at, connect, mailbox, flag):
    service = service_at()
    device = connect(service)
    ending = threading.Thread(target=lambda: (wait_until(lambda: mailbox.frames), service.close()))
    ending.start()
    with pytest.raises((TransportBrokenError, NotConnectedError)):
        device.stream(RIGHT_FOUR, mailbox, flag())
    ending.join()


def test_the_newer_dialect_has_its_own_verbs_and_key(service_at, connect, mailbox, flag):
    service = service_at("1.0")
    device = connect(service)
    assert len(device.capture(request(RIGHT_FOUR), mailbox, flag()).samples) == 4
    verbs = [verb for verb, _, _ in service.requests]
    assert {"SBIDISC", "SBIINFO", "STREAM", "RCAPTURE"} <= set(verbs)
    (bio,) = service.requests[-1][2]["bio"]
    assert bio["serialNo"] == "SN-Finger"
    assert "deviceId" not in bio


def test_open_names_the_firmware_and_refuses_an_unready_device(service, connect, flag):
    assert connect(service).identity.firmware == "7.1"
    device = connect(service)
    service.states["Finger"] = "Not Registered"
    assert device.health() is DeviceState.NOT_REGISTERED
    with pytest.raises(NotConnectedError) as caught:
        device.open(flag())
    assert caught.value.code == "device.sbi.100"


def test_a_closed_device_says_so_and_opens_again(service, connect, mailbox, flag):
    device = connect(service)
    device.close()
    device.close()
    with pytest.raises(NotConnectedError):
        device.capture(request(RIGHT_FOUR), mailbox, flag())
    device.open(flag())
    assert device.capture(request(RIGHT_FOUR), mailbox, flag()).samples


def test_health_of_a_service_that_is_gone(service_at, connect):
    service = service_at()
    device = connect(service)
    service.close()
    assert device.health() is DeviceState.ABSENT


def test_capabilities_follow_the_sub_devices(service, connect):
    slap = connect(service).capabilities
    assert slap.may_capture_slaps
    assert slap.may_sign_samples
    assert slap.positions == {*RIGHT_FOUR, *LEFT_FOUR, *THUMBS}
    assert connect(service, DeviceKind.CAMERA).capabilities.positions == {Position.PORTRAIT}


def test_callback_replaces_the_base_only_on_this_laptop():
    base = "http://127.0.0.1:4501"
    assert callback_url(base, "") == base
    assert callback_url(base, "http://localhost:4510/") == "http://127.0.0.1:4510"
    assert callback_url(base, "127.0.0.1:4510") == "http://127.0.0.1:4510"
    for away in ("http://evil.example:80", "https://127.0.0.1:4501", "http://[", "http://127.0.0.1:x"):
        with pytest.raises(ProtocolError):
            callback_url(base, away)


class Slow:
    """Answers at once, or when it is let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = threading.Event()
        self.fails = False

    async def __call__(self, address: str) -> str:
        self.asked.append(address)
        while address == "slow" and not self.may_answer.is_set():
            await asyncio.sleep(0.01)
        if self.fails:
            raise ZeroDivisionError
        return f"{address} {self.asked.count(address)}"


def test_who_is_slow_keeps_nobody_waiting_and_is_asked_once():
    ask = Slow()
    asking = Asking(ask)
    found = asking.answers(("fast", "slow"), 0.05)
    while found["fast"][0] is None:
        found = asking.answers(("fast", "slow"), 0.05)
    assert found == {"fast": ("fast 1", True), "slow": (None, False)}
    assert ask.asked.count("slow") == 1
    ask.may_answer.set()
    (answer,) = asking.answers(("slow",), 120.0).values()
    assert answer == ("slow 1", True)


def test_while_it_is_asked_again_the_last_answer_stands():
    ask = Slow()
    ask.may_answer.set()
    asking = Asking(ask)
    first = asking.answers(("slow",), 120.0)["slow"][0]
    ask.may_answer.clear()
    assert asking.answers(("slow",), 0.05) == {"slow": (first, False)}
    ask.may_answer.set()


def test_what_asking_raises_is_raised_for_who_asked():
    ask = Slow()
    ask.fails = True
    with pytest.raises(ZeroDivisionError):
        Asking(ask).answers(("fast",), 120.0)


def test_nobody_to_ask():
    assert Asking(Slow()).answers((), 120.0) == {}


@pytest.mark.parametrize(("version", "dialect"), [("0.9.5", V0_9_5), ("1.0", V1_0)])
@pytest.mark.parametrize("first", [V0_9_5, V1_0])
def test_each_dialect_is_found_whichever_is_tried_first(service_at, version, dialect, first):
    devices = run(discover(service_at(version).url, first, 2.0), NeverCancelled()).devices
    assert {d.dialect for d in devices} == {dialect}
    assert len(devices) == 3


def test_a_service_of_neither_dialect_is_refused(service):
    service.version = "0.9.5"
    service.discovered = lambda kind: {"digitalId": "!"}
    with pytest.raises(ProtocolError):
        run(discover(service.url, V0_9_5, 2.0), NeverCancelled())


def test_no_service_is_not_connected(service_at):
    service = service_at()
    service.close()
    with pytest.raises(NotConnectedError):
        run(discover(service.url, V0_9_5, 2.0), NeverCancelled())
