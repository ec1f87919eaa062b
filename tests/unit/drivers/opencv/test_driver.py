from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest
from support.waits import FactClock, never

from drivers.opencv.driver import OpenCvDriver
from drivers.opencv.source import Mode
from fieldkit.domain.recording.positions import EYES, Modality, Position
from fieldkit.ports.devices import (
    CaptureRequest,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    NothingPresentedError,
    ProtocolError,
    TimedOutError,
    TransportBrokenError,
)


def test_given_cameras_are_listed_with_their_state(camera, context_for, tmp_path, picture):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(picture(9))
    running = camera()
    gone = "http://127.0.0.1:9/live"
    context = context_for(
        addresses={"opencv": (running.url, str(photo), gone)},
        only_given=frozenset({"opencv"}),
        simulated=frozenset({running.url}),
    )
    one, two, three = OpenCvDriver(context).scan()
    assert (one.state, one.is_simulated, one.identity.vendor) == (DeviceState.READY, True, "MJPEG")
    assert (two.state, two.is_simulated, two.identity) == (
        DeviceState.READY,
        False,
        DeviceIdentity("File", "photo.jpg", str(photo)),
    )
    assert (three.state, three.detail) == (DeviceState.ABSENT, "device.not_connected")


def test_the_kernels_cameras_are_found_by_their_first_node(context_for, tmp_path):
    for number, index in enumerate("01"):
        node = tmp_path / f"video9{number}"
        node.mkdir()
        (node / "index").write_text(f"{index}\n")
        (node / "name").write_text("HD Webcam\n")
    (tmp_path / "video99").mkdir()
    driver = OpenCvDriver(context_for(), sysfs=tmp_path)
    (status,) = driver.scan()
    assert status.address == "/dev/video90"
    assert status.identity == DeviceIdentity("UVC", "HD Webcam", "/dev/video90")
    assert status.state is DeviceState.ABSENT
    assert driver.connect(status).identity == status.identity


def test_an_infrared_camera_is_for_irises_and_no_photo_camera(context_for, camera, tmp_path):
    for number in (90, 91):
        node = tmp_path / f"video{number}"
        node.mkdir()
        (node / "index").write_text("0\n")
        (node / "name").write_text(f"Camera {number}\n")
    running = camera()
    given = (f"ir:{running.url}", "ir:/dev/video91")
    driver = OpenCvDriver(context_for(addresses={"opencv": given}, simulated=frozenset({running.url})), sysfs=tmp_path)
    network, infrared, photo = driver.scan()
    assert (network.kind, network.state, network.is_simulated) == (DeviceKind.IRIS, DeviceState.READY, True)
    assert network.identity.serial == running.url
    assert (infrared.kind, infrared.identity.model) == (DeviceKind.IRIS, "Camera 91")
    assert infrared.params == {"address": "/dev/video91"}
    assert (photo.kind, photo.address) == (DeviceKind.CAMERA, "/dev/video90")
    assert driver.connect(network).capabilities.positions == frozenset(EYES)
    assert driver.connect(photo).capabilities.positions == frozenset({Position.PORTRAIT})


def test_a_wrong_address_is_a_line_beside_the_cameras(context_for, tmp_path, picture):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(picture(9))
    given = ("http://[::1", "ir:http://127.0.0.1:99999/", str(photo))
    context = context_for(addresses={"opencv": given}, only_given=frozenset({"opencv"}))
    first, second, third = OpenCvDriver(context).scan()
    assert (first.kind, first.state, first.detail) == (DeviceKind.CAMERA, DeviceState.NOT_READY, "device.address")
    assert (second.kind, second.detail) == (DeviceKind.IRIS, "device.address")
    assert third.state is DeviceState.READY


def test_the_mode_of_a_camera_is_told_and_one_that_is_too_small_is_refused(context_for, tmp_path, monkeypatch):
    nodes = {tmp_path / "video0": (Mode(1280, 720, "MJPG"), Mode(640, 480, "YUYV")), tmp_path / "video1": ()}
    small = tmp_path / "video2"
    nodes[small] = (Mode(640, 480, "MJPG"),)
    for node in nodes:
        node.touch()
    asked: list[str] = []
    monkeypatch.setattr(
        sys.modules[OpenCvDriver.__module__], "is_camera", lambda place: place.startswith(str(tmp_path))
    )
    given = (*map(str, nodes), f"ir:{small}")
    driver = OpenCvDriver(
        context_for(addresses={"opencv": given}, only_given=frozenset({"opencv"})),
        offered=lambda path: asked.append(path) or next(m for n, m in nodes.items() if str(n) == path),
    )
    driver.scan()
    good, unknown, refused, infrared = driver.scan()
    assert (good.state, good.mode, good.detail) == (DeviceState.READY, "1280 × 720 MJPG", "")
    assert (unknown.state, unknown.mode) == (DeviceState.READY, "")
    assert (refused.state, refused.mode, refused.detail) == (
        DeviceState.NOT_READY,
        "640 × 480 MJPG",
        "device.camera_small",
    )
    assert (refused.params["width"], refused.params["height"]) == (640, 480)
    assert (infrared.state, infrared.mode) == (DeviceState.READY, "640 × 480 MJPG")
    assert sorted(asked) == sorted(map(str, nodes))  # once since it was plugged in, not at every scan
    small.unlink()
    small.touch()
    driver.scan()
    assert asked.count(str(small)) == 2


PORTRAIT = (Position.PORTRAIT,)


def request(**rest) -> CaptureRequest:
    options = {"timeout_ms": 2000, "threshold": 60, **rest}
    return CaptureRequest("tx-0001", datetime(2026, 11, 21, tzinfo=UTC), Modality.FACE, PORTRAIT, **options)


@pytest.fixture
def clock():
    """Return a clock of the camera that runs when the test has seen what it waits for."""
    return FactClock(never)


@pytest.fixture
def connect(context_for, clock, flag):
    opened = []

    def open_at(url: str):
        context = context_for(addresses={"opencv": (url,)}, only_given=frozenset({"opencv"}), monotonic=clock)
        driver = OpenCvDriver(context)
        (status,) = driver.scan()
        device = driver.connect(status)
        device.open(flag())
        opened.append(device)
        return device

    yield open_at
    for device in opened:
        device.close()


def test_capture_waits_for_a_good_frame(camera, connect, picture, mailbox, flag):
    frames = [picture(20)] * 10 + [picture(200)]
    result = connect(camera(frames).url).capture(request(previous_hash="AB" * 32), mailbox, flag())
    (sample,) = result.samples
    assert sample.position is Position.PORTRAIT
    assert sample.data == b"FAC\0" + picture(200)
    assert result.last_hash == "AB" * 32
    assert len(mailbox.frames) >= 2


def test_the_best_frame_is_kept_when_the_time_is_up(camera, connect, clock, picture, mailbox, flag):
    frames = [picture(20), picture(90), picture(40)]
    device = connect(camera(frames).url)
    clock.runs = lambda: {*frames} <= {*mailbox.frames}
    (sample,) = device.capture(request(timeout_ms=500), mailbox, flag()).samples
    assert sample.data == b"FAC\0" + picture(90)
    assert sample.quality.value < 60


def test_torn_frames_are_passed_over(camera, connect, picture, mailbox, flag):
    frames = [b"\xff\xd8 torn", picture(200)]
    (sample,) = connect(camera(frames).url).capture(request(), mailbox, flag()).samples
    assert sample.data == b"FAC\0" + picture(200)


def test_nothing_usable_is_nothing_presented(camera, connect, clock, picture, mailbox, flag):
    clock.runs = lambda: mailbox.frames
    with pytest.raises(NothingPresentedError) as caught:
        connect(camera([picture(0)]).url).capture(request(timeout_ms=300), mailbox, flag())
    assert caught.value.code == "device.no_face"


def test_no_frames_time_out(camera, connect, clock, mailbox, flag):
    device = connect(camera([]).url)
    clock.runs = lambda: True
    with pytest.raises(TimedOutError):
        device.capture(request(timeout_ms=200), mailbox, flag())


def test_a_lost_camera_is_broken_and_can_be_opened_again(camera, connect, picture, mailbox, flag):
    running = camera([picture(20)])
    device = connect(running.url)
    running.close()
    with pytest.raises(TransportBrokenError):
        device.capture(request(), mailbox, flag())
    assert device.health() is DeviceState.ABSENT


def test_capture_and_stream_end_with_patience(camera, connect, picture, mailbox, flag):
    device = connect(camera([picture(20)]).url)
    cancel = flag(once=lambda: len(mailbox.frames) == 3)
    with pytest.raises(DeviceError) as caught:
        device.capture(request(timeout_ms=600_000), mailbox, cancel)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded
    assert len(mailbox.frames) == 3
    cancel = flag(once=lambda: len(mailbox.frames) == 6)
    device.stream(PORTRAIT, mailbox, cancel)
    assert cancel.was_heeded
    assert len(mailbox.frames) == 6


def test_only_portraits(camera, connect, mailbox, flag):
    device = connect(camera().url)
    assert device.capabilities.kind is DeviceKind.CAMERA
    with pytest.raises(ProtocolError):
        device.stream((Position.EYE_LEFT,), mailbox, flag())
