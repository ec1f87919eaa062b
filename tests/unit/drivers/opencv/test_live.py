from __future__ import annotations

import pytest
from support.waits import FactClock, never

from drivers.opencv.live import LiveCamera
from drivers.opencv.source import MjpegSource
from fieldkit.domain.recording.positions import EYES, Position
from fieldkit.ports.devices import DeviceIdentity, DeviceState, NotConnectedError, ProtocolError


def live(url: str) -> LiveCamera:
    return LiveCamera(
        MjpegSource(url, FactClock(never)), DeviceIdentity("MJPEG", "x", url), lambda: DeviceState.READY, EYES
    )


def test_it_shows_frames_until_patience_ends(camera, picture, mailbox, flag):
    device = live(camera([picture(20)]).url)
    cancel = flag(once=lambda: len(mailbox.frames) == 3)
    device.stream(EYES, mailbox, cancel)
    assert cancel.was_heeded
    assert len(mailbox.frames) == 3
    device.close()
    device.close()


@pytest.mark.usefixtures("quick_polls")
def test_it_can_be_left_while_no_frame_comes(camera, mailbox, flag):
    device, cancel = live(camera([]).url), flag(after=100)
    device.stream(EYES, mailbox, cancel)
    assert cancel.was_heeded
    assert mailbox.frames == []
    device.close()


@pytest.mark.parametrize("positions", [(), (Position.PORTRAIT,), (*EYES, Position.PORTRAIT)])
def test_it_shows_only_what_it_can_see(camera, mailbox, flag, positions):
    with pytest.raises(ProtocolError):
        live(camera().url).stream(positions, mailbox, flag())


def test_a_camera_that_is_not_there(mailbox, flag):
    device = live("http://127.0.0.1:9/live")
    with pytest.raises(NotConnectedError):
        device.stream(EYES, mailbox, flag())
