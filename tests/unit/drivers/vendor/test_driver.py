from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
from support.waits import FactClock, never

from drivers.registry import HoldingDriver
from drivers.simulators.subject import SyntheticSubject
from drivers.vendor import host
from drivers.vendor.driver import VendorDriver
from fieldkit.domain.recording.capture import QualityScore
from fieldkit.domain.recording.positions import EYES, FINGERS, RIGHT_FOUR, Modality, Position
from fieldkit.formats.finger import decode_finger_record
from fieldkit.ports.devices import (
    CaptureRequest,
    DeviceError,
    DeviceKind,
    DeviceState,
    NotConnectedError,
    NothingPresentedError,
    ProtocolError,
    TimedOutError,
    TransportBrokenError,
)

ANSWER = """
import time
while True:
    request = asked()
    say(request["number"], devices={devices})
"""


@pytest.fixture
def driver_of(context_for, command):
    built: list[VendorDriver] = []

    def build(devices: object = (), **options) -> VendorDriver:
        script = ANSWER.format(devices=list(devices))
        built.append(VendorDriver(context_for(commands={"slap": command(script)}, **options)))
        return built[-1]

    yield build
    for one in built:
        one.close()


def test_without_a_table_nothing_runs(context_for):
    driver = VendorDriver(context_for())
    assert driver.scan() == []
    assert isinstance(driver, HoldingDriver)


def test_its_devices_stand_in_the_list(driver_of, scanner):
    (status,) = driver_of([scanner], simulated=frozenset({"slap"})).scan()
    assert (status.driver, status.address, status.state) == ("vendor", "slap/S1", DeviceState.READY)
    assert status.identity.model == "Ten"
    assert status.is_simulated
    assert status.may_enrol


def test_a_scanner_below_500_ppi_does_not_record(driver_of, scanner):
    driver = driver_of([scanner | {"ppi": 300}])
    (status,) = driver.scan()
    assert not status.may_enrol
    assert not driver.connect(status).capabilities.may_enrol


def test_an_adapter_without_a_device_is_one_line(driver_of):
    (status,) = driver_of().scan()
    assert (status.state, status.detail, status.kind) == (
        DeviceState.ABSENT,
        "device.vendor.none",
        DeviceKind.FINGERPRINT,
    )
    with pytest.raises(NotConnectedError):
        driver_of().connect(status)


def test_an_adapter_that_has_not_answered_yet_is_not_said_to_see_no_device(context_for, monkeypatch):
    monkeypatch.setattr(host, "FIRST_LOOK_S", 0.05)
    driver = VendorDriver(context_for(commands={"slow": ("/bin/sleep", "30")}))
    try:
        (status,) = driver.scan()
        assert (status.state, status.detail) == (DeviceState.ABSENT, "device.vendor.waited_for")
    finally:
        driver.close()


def test_an_adapter_that_cannot_start_is_one_line_with_the_reason(context_for):
    (status,) = VendorDriver(context_for(commands={"slap": ("/does/not/exist",)})).scan()
    assert (status.state, status.detail) == (DeviceState.SDK_MISSING, "device.vendor.not_started")
    assert status.params["name"] == "slap"


def test_a_device_that_is_told_absent_is_not_connected(driver_of, scanner):
    (status,) = driver_of([scanner | {"state": "absent"}]).scan()
    assert (status.state, status.detail) == (DeviceState.ABSENT, "device.not_connected")


INDEX = Position.RIGHT_INDEX
AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
# Answers from files, so that a test can say what comes next; `hang` and `die` are acts.
PLAY = """
left = 0
while True:
    request = asked()
    number, do = request["number"], request["do"]
    if do == "list":
        say(number, devices=json.load(open({folder!r} + "/devices")))
    elif do in ("capture", "preview"):
        open({folder!r} + "/asked", "w").write(json.dumps(request))
        for told in json.load(open({folder!r} + "/answers")):
            if told == "hang":
                time.sleep(600)
            elif told == "die":
                sys.stdout.write('{{"number": 1, "images": [{{"pixels": "AA'); sys.stdout.flush(); os._exit(9)
            elif isinstance(told, str):
                print(told, flush=True)
            else:
                say(number, **told)
    else:
        say(number, done=True)
"""


@pytest.fixture
def play(context_for, command, scanner, tmp_path, monkeypatch):
    """Says what the adapter answers, and gives its opened device; the clock of the kit runs when the test says so."""
    drivers: list[VendorDriver] = []

    class Playing:
        clock = FactClock(never)
        asked = property(lambda self: json.loads((tmp_path / "asked").read_text()))

        def answers(self, *told: object) -> None:
            (tmp_path / "answers").write_text(json.dumps(told))

        def device(self, **told: object):
            (tmp_path / "devices").write_text(json.dumps([scanner | told]))
            context = context_for(commands={"acme": command(PLAY.format(folder=str(tmp_path)))}, monotonic=self.clock)
            drivers.append(VendorDriver(context))
            (status,) = drivers[-1].scan()
            return drivers[-1].connect(status)

        def pull(self) -> None:
            (tmp_path / "devices").write_text("[]")

    monkeypatch.setattr("drivers.vendor.host.STOP_S", 0.1)
    yield Playing()
    for driver in drivers:
        driver.close()


@pytest.fixture(scope="module")
def ridges() -> np.ndarray:
    return SyntheticSubject(5).finger(INDEX)


def asked(*positions: Position, **options) -> CaptureRequest:
    options = {"timeout_ms": 3000, "previous_hash": "AB"} | options
    return CaptureRequest("t-1", AT, positions[0].modality, positions, **options)


def test_it_is_who_and_what_the_adapter_tells(play):
    device = play.device(firmware="7.2")
    assert (device.identity.vendor, device.identity.firmware) == ("ACME", "7.2")
    assert device.capabilities.positions == set(FINGERS)
    assert device.capabilities.may_capture_slaps
    assert not device.capabilities.may_sign_samples
    assert device.health() is DeviceState.READY


def test_prints_are_judged_by_the_kit_beside_the_score_of_the_vendor(play, finger, ridges, mailbox, flag):
    height, width = ridges.shape
    pixels = base64.b64encode(ridges.tobytes()).decode()
    told = finger(width=width, height=height, pixels=pixels, score=99, algorithm="acme-q")
    play.answers({"frame": finger(side=32)}, {"images": [told]})
    device = play.device()
    device.open(flag())
    result = device.capture(asked(INDEX, Position.RIGHT_RING, exceptions=(Position.RIGHT_RING,)), mailbox, flag())
    (sample,) = result.samples
    assert np.array_equal(decode_finger_record(sample.data).pixels(), ridges)
    assert sample.quality.algorithm == "iso29794-4-estimate"
    assert sample.device_quality == QualityScore(99, "acme-q")
    assert (result.faults, result.last_hash) == ((), "AB")
    assert len(mailbox.frames) == 1
    assert mailbox.frames[0].startswith(b"\xff\xd8")
    assert (play.asked["positions"], play.asked["exceptions"]) == (["RIGHT_INDEX"], ["RIGHT_RING"])
    assert (play.asked["threshold"], play.asked["timeout_ms"], play.asked["device"]) == (60, 3000, "S1")


def test_a_finger_that_did_not_come_is_a_fault(play, finger, mailbox, flag):
    play.answers({"images": [finger(side=64)]})
    device = play.device()
    device.open(flag())
    result = device.capture(asked(*RIGHT_FOUR), mailbox, flag())
    assert [s.position for s in result.samples] == [INDEX]
    assert {(f.position, f.code) for f in result.faults} == {(p, "device.no_finger") for p in RIGHT_FOUR[1:]}


def test_of_several_pictures_of_an_eye_the_best_by_our_judge_is_kept(play, picture, mailbox, flag):
    def eye(shade: int) -> dict[str, str]:
        return {"position": "EYE_LEFT", "jpeg": base64.b64encode(picture(shade)).decode()}

    play.answers({"images": [eye(60), eye(220), eye(120)]})
    device = play.device(kind="iris")
    device.open(flag())
    result = device.capture(asked(*EYES), mailbox, flag())
    assert [s.quality.value for s in result.samples] == [86]
    assert [f.position for f in result.faults] == [Position.EYE_RIGHT]


def test_grey_irises_reach_the_judge_without_loss(play, finger, mailbox, flag):
    play.answers({"images": [finger("EYE_LEFT", 16)]})
    device = play.device(kind="iris")
    device.open(flag())
    (sample,) = device.capture(asked(Position.EYE_LEFT), mailbox, flag()).samples
    shown = cv2.imdecode(np.frombuffer(sample.data[4:], np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.array_equal(shown.ravel(), np.arange(256))


def test_pictures_that_show_nothing_are_nothing(play, mailbox, flag):
    torn = base64.b64encode(b"\xff\xd8torn").decode()
    play.answers({"images": [{"position": "EYE_LEFT", "jpeg": torn}]})
    device = play.device(kind="iris")
    device.open(flag())
    with pytest.raises(NothingPresentedError) as caught:
        device.capture(asked(Position.EYE_LEFT), mailbox, flag())
    assert caught.value.code == "device.no_eye"


def test_what_it_cannot_take_is_refused_unasked(play, mailbox, flag):
    device = play.device(positions=["RIGHT_INDEX"])
    for positions in (EYES, (Position.RIGHT_RING,)):
        with pytest.raises(ProtocolError) as caught:
            device.capture(asked(*positions), mailbox, flag())
        assert caught.value.code == "device.position"
    with pytest.raises(ProtocolError):
        device.capture(asked(INDEX, exceptions=(INDEX,)), mailbox, flag())


@pytest.mark.parametrize(
    ("answers", "error", "code"),
    [
        ([{"error": "nothing"}], NothingPresentedError, "device.no_finger"),
        ([{"error": "removed"}], TransportBrokenError, "device.transport_broken"),
        (["die"], TransportBrokenError, "device.vendor.died"),
        (["libacme: usb reset"], ProtocolError, "device.vendor.answer"),
        ([{"images": "none"}], ProtocolError, "device.vendor.answer"),
        (["hang"], TimedOutError, "device.vendor.silent"),
    ],
)
def test_whatever_happens_in_the_adapter_is_named_and_the_next_capture_works(
    play, finger, mailbox, flag, answers, error, code
):
    device = play.device()
    device.open(flag())
    play.answers(*answers)
    play.clock.runs = lambda: answers == ["hang"]
    with pytest.raises(error) as caught:
        device.capture(asked(INDEX, timeout_ms=100), mailbox, flag())
    assert caught.value.code == code
    play.answers({"images": [finger(side=64)]})
    play.clock.runs = never
    device.open(flag())
    assert device.capture(asked(INDEX), mailbox, flag()).samples


@pytest.mark.usefixtures("quick_polls")
def test_giving_up_comes_back_at_once(play, mailbox, flag):
    play.answers("hang")
    device = play.device()
    device.open(flag())
    cancel = flag(after=100)
    with pytest.raises(DeviceError) as caught:
        device.capture(asked(INDEX, timeout_ms=600_000), mailbox, cancel)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded


@pytest.mark.usefixtures("quick_polls")
def test_live_frames_are_shown_until_left(play, finger, mailbox, flag):
    play.answers(*[{"frame": finger(side=8)}] * 3, {"error": "failed"})
    device = play.device()
    device.open(flag())
    with pytest.raises(ProtocolError):
        device.stream((INDEX,), mailbox, flag())
    assert len(mailbox.frames) == 3
    play.answers()
    cancel = flag(after=100)
    device.stream((INDEX,), mailbox, cancel)
    assert cancel.was_heeded
    device.open(flag())  # what was left is over
    play.clock.runs = lambda: True
    with pytest.raises(TimedOutError):
        device.stream((INDEX,), mailbox, flag())


def test_pulled_out_it_is_absent_and_not_opened(play, flag):
    device = play.device()
    device.open(flag())
    play.pull()
    assert device.health() is DeviceState.ABSENT
    device.close()
    with pytest.raises(NotConnectedError):
        device.open(flag())


def test_what_is_not_open_is_said(play, mailbox, flag):
    device = play.device()
    device._host.close()
    with pytest.raises(NotConnectedError):
        device.capture(asked(INDEX), mailbox, flag())
    assert asked(INDEX).modality is Modality.FINGER
