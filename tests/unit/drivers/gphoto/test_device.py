from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime

import pytest

from drivers.gphoto.driver import MOST_SHOTS, DslrCamera
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.ports.devices import (
    CaptureRequest,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    NotConnectedError,
    NothingPresentedError,
    ProtocolError,
    TimedOutError,
    TransportBrokenError,
)
from fieldkit.services.devices import StillCamera

PORTRAIT = (Position.PORTRAIT,)


def request(**rest) -> CaptureRequest:
    options = {"timeout_ms": 600_000, "threshold": 60, **rest}
    return CaptureRequest("tx-0001", datetime(2026, 11, 21, tzinfo=UTC), Modality.FACE, PORTRAIT, **options)


class BoxCamera:
    """A camera whose pictures are given; it may hang in a shot, be pulled out, keep its pictures."""

    def __init__(self, shots: list[bytes], viewfinder: bytes | None = None) -> None:
        self.shots, self.viewfinder = shots, viewfinder
        self.taken = 0
        self.may_delete = self.is_plugged = True
        self.is_open = False
        self.free = threading.Event()
        self.free.set()
        self.shooting = threading.Event()
        self.threads: set[str] = set()

    def connect(self) -> None:
        self._arrive()
        self.is_open = True

    def shoot(self) -> tuple[bytes, bool]:
        self._arrive()
        self.shooting.set()
        self.free.wait()
        self.taken += 1
        return self.shots[(self.taken - 1) % len(self.shots)], self.may_delete

    def preview(self) -> bytes | None:
        self._arrive()
        return self.viewfinder

    def leave(self) -> None:
        self.is_open = False

    def _arrive(self) -> None:
        self.threads.add(threading.current_thread().name)
        if not self.is_plugged:
            self.is_open = False
            raise (TransportBrokenError if self.taken else NotConnectedError)("device.transport_broken", address="usb")


@pytest.fixture
def connect(context_for):
    opened = []

    def build(camera: BoxCamera) -> DslrCamera:
        context, identity = context_for(), DeviceIdentity("Canon", "Canon EOS", "usb:001,004")
        look = lambda: DeviceState.READY if camera.is_plugged else DeviceState.ABSENT  # noqa: E731
        opened.append((camera, DslrCamera(camera, identity, context.face_scorer, context.face_encoder, look)))
        return opened[-1][1]

    yield build
    for camera, device in opened:
        camera.free.set()
        device.close()


def test_the_first_good_picture_is_taken(connect, picture, mailbox, flag):
    camera = BoxCamera([picture(30), picture(220), picture(250)])
    device = connect(camera)
    device.open(flag())
    assert camera.is_open
    (sample,) = device.capture(request(previous_hash="CD" * 32), mailbox, flag()).samples
    assert sample.data == b"FAC\0" + picture(220)
    assert camera.taken == 2
    assert mailbox.frames == [picture(30), picture(220)]
    assert camera.threads == {"device:usb:001,004_0"}
    device.close()
    device.close()
    assert not camera.is_open


def test_the_shutter_is_spared(connect, picture, mailbox, flag):
    camera = BoxCamera([picture(30), picture(90), picture(50), picture(220)])
    (sample,) = connect(camera).capture(request(), mailbox, flag()).samples
    assert camera.taken == MOST_SHOTS
    assert sample.data == b"FAC\0" + picture(90)
    camera = BoxCamera([picture(30)])
    connect(camera).capture(request(timeout_ms=0), mailbox, flag())
    assert camera.taken == 1


def test_a_picture_that_stays_on_the_card_is_said(connect, picture, mailbox, flag):
    camera = BoxCamera([picture(220)])
    device = connect(camera)
    assert device.capture(request(), mailbox, flag()).samples[0].hints == ()
    camera.may_delete = False
    assert device.capture(request(), mailbox, flag()).samples[0].hints == ("face.left_on_camera",)


def test_a_paper_is_taken_with_one_shot_whatever_is_on_it(connect, picture, flag):
    camera = BoxCamera([picture(0)], viewfinder=picture(9))
    device = connect(camera)
    assert isinstance(device, StillCamera)
    assert device.shoot(flag()) == picture(0)
    assert camera.taken == 1
    camera.is_plugged = False
    with pytest.raises(TransportBrokenError):
        device.shoot(flag())


def test_nobody_in_the_picture(connect, picture, mailbox, flag):
    with pytest.raises(NothingPresentedError) as caught:
        connect(BoxCamera([picture(0)])).capture(request(), mailbox, flag())
    assert caught.value.code == "device.no_face"


def test_what_is_no_picture_is_refused(connect, mailbox, flag):
    with pytest.raises(ProtocolError):
        connect(BoxCamera([b"\xff\xd8 torn"])).capture(request(), mailbox, flag())


def test_the_viewfinder_where_there_is_one(connect, picture, mailbox, flag):
    device = connect(BoxCamera([picture(200)], viewfinder=picture(77)))
    device.open(flag())
    assert device.capabilities.may_preview
    device.stream(PORTRAIT, mailbox, flag(once=lambda: len(mailbox.frames) == 3))
    assert set(mailbox.frames) == {picture(77)}


@pytest.mark.usefixtures("quick_polls")
def test_without_a_viewfinder_the_stream_waits(connect, picture, mailbox, flag):
    device, cancel = connect(BoxCamera([picture(200)])), flag(after=100)
    device.stream(PORTRAIT, mailbox, cancel)
    assert cancel.was_heeded
    assert mailbox.frames == []
    assert device.capabilities.kind is DeviceKind.CAMERA
    assert not device.capabilities.may_preview


def test_a_shot_that_hangs_can_be_left_and_the_camera_used_again(connect, picture, mailbox, flag):
    camera = BoxCamera([picture(220)])
    device = connect(camera)
    device.open(flag())
    camera.free.clear()
    cancel = flag(once=camera.shooting.is_set)
    with pytest.raises(DeviceError) as caught:
        device.capture(request(), mailbox, cancel)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded
    assert camera.taken == 0, "it still hangs"
    camera.free.set()
    assert device.capture(request(), mailbox, flag()).samples


def test_a_shot_that_hangs_for_ever_times_out(connect, picture, mailbox, flag, monkeypatch):
    camera = BoxCamera([picture(220)])
    device = connect(camera)
    device.open(flag())
    camera.free.clear()
    monkeypatch.setattr(sys.modules[DslrCamera.__module__], "CALL_TIMEOUT_S", 0.2)
    monkeypatch.setattr(sys.modules[DslrCamera.__module__], "_LEAVE_S", 0.1)
    with pytest.raises(TimedOutError):
        device.shoot(flag())
    device.close()
    assert camera.taken == 0, "it still hangs"


def test_pulled_out_and_plugged_in_again(connect, picture, mailbox, flag):
    camera = BoxCamera([picture(220)])
    device = connect(camera)
    assert device.capture(request(), mailbox, flag()).samples
    camera.is_plugged = False
    with pytest.raises(TransportBrokenError):
        device.capture(request(), mailbox, flag())
    assert device.health() is DeviceState.ABSENT
    camera.is_plugged = True
    assert device.capture(request(), mailbox, flag()).samples


def test_only_portraits(connect, picture, mailbox, flag):
    with pytest.raises(ProtocolError):
        connect(BoxCamera([picture(1)])).stream((Position.EYE_LEFT,), mailbox, flag())
