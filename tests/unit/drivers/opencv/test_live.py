from __future__ import annotations

import time

import pytest

from drivers.opencv.live import LiveCamera
from drivers.opencv.source import MjpegSource
from fieldkit.domain.recording.positions import EYES, Position
from fieldkit.ports.devices import DeviceIdentity, DeviceState, NotConnectedError, ProtocolError


def live(url: str) -> LiveCamera:
    return LiveCamera(MjpegSource(url), DeviceIdentity("MJPEG", "x", url), lambda: DeviceState.READY, EYES)


def test_it_shows_frames_until_patience_ends(camera, picture, mailbox, flag):
    device = live(camera([picture(20)]).url)
    started = time.monotonic()
    device.stream(EYES, mailbox, flag(after_s=0.3))
    assert time.monotonic() - started < 5
    assert mailbox.frames
    device.close()
    device.close()


@pytest.mark.parametrize("positions", [(), (Position.PORTRAIT,), (*EYES, Position.PORTRAIT)])
def test_it_shows_only_what_it_can_see(camera, mailbox, flag, positions):
    with pytest.raises(ProtocolError):
        live(camera().url).stream(positions, mailbox, flag())


def test_a_camera_that_is_not_there(mailbox, flag):
    device = live("http://127.0.0.1:9/live")
    with pytest.raises(NotConnectedError):
        device.stream(EYES, mailbox, flag())
