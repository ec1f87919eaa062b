from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import Kit
from support.recording import ScriptedDevice
from support.recording_window import jpeg
from support.tasks import SameThread

from fieldkit.domain.errors import Problem
from fieldkit.ports.devices import Cancel, DeviceKind, PreviewSink
from ui.presenters.viewfinder import Sight, Viewfinder

CAMERA = "device:camera"


class Frames:
    def offer(self, frame: bytes) -> None: ...


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path) as kit:
        camera = ScriptedDevice(DeviceKind.CAMERA)
        camera.frame = jpeg(3_000, 1_500)
        kit.devices.there = {DeviceKind.CAMERA: camera}
        yield kit


def looking(kit: Kit, tasks: SameThread) -> tuple[Viewfinder, list[Sight]]:
    told: list[Sight] = []
    return Viewfinder(kit.context, tasks, Frames, told.append, 2_000), told


def test_a_live_picture_becomes_a_photo_when_it_is_taken(kit: Kit) -> None:
    tasks = SameThread(CAMERA)
    camera, told = looking(kit, tasks)
    camera.look()
    camera.take()
    tasks.release(CAMERA)
    live, taken = told
    assert live == Sight(is_live=True)
    assert taken.jpeg.startswith(b"\xff\xd8")
    assert not taken.is_live


def test_nothing_is_taken_that_nobody_asked_for(kit: Kit) -> None:
    camera, told = looking(kit, SameThread())
    camera.take()  # before anybody looks
    camera.look()
    assert told == [Sight(is_live=True)]


def test_a_camera_that_is_away_is_said_and_found_again(kit: Kit) -> None:
    there, kit.devices.there = kit.devices.there, {}
    camera, told = looking(kit, SameThread())
    camera.look()
    (sight,) = told
    assert isinstance(sight.away, Problem)
    kit.devices.there = there
    camera.look()
    assert told[1:] == [Sight(is_live=True)]


def test_what_comes_after_it_was_let_go_is_not_told(kit: Kit) -> None:
    tasks = SameThread(CAMERA)
    camera, told = looking(kit, tasks)
    camera.look()
    camera.take()
    camera.release()
    tasks.release(CAMERA)
    assert told == []


@pytest.mark.parametrize("ends", ["take", "release", "look"])
def test_a_live_picture_ends_when_it_is_taken_let_go_or_begun_anew(kit: Kit, ends: str) -> None:
    class Live(ScriptedDevice):
        ended: bool | None = None

        def stream(self, positions: object, preview: PreviewSink, cancel: Cancel) -> None:
            preview.offer(jpeg())
            if self.ended is None:
                self.ended = False
                getattr(camera, ends)()
                self.ended = cancel.is_cancelled()

    live = Live(DeviceKind.CAMERA)
    kit.devices.there = {DeviceKind.CAMERA: live}
    camera, told = looking(kit, SameThread())
    camera.look()
    assert (live.ended, bool(told[-1].jpeg)) == (True, ends == "take")


def test_a_shutter_is_released_for_a_photo_and_not_on_the_way_out(kit: Kit) -> None:
    class Shutter(ScriptedDevice):
        shots = 0

        def shoot(self, _cancel: Cancel) -> bytes:
            self.shots += 1
            return jpeg(3_000, 1_500)

    shutter = Shutter(DeviceKind.CAMERA)
    shutter.frame = jpeg()
    kit.devices.there = {DeviceKind.CAMERA: shutter}
    tasks = SameThread(CAMERA)
    camera, told = looking(kit, tasks)
    for ends in (camera.release, camera.take):
        camera.look()
        ends()
        tasks.release(CAMERA)
    assert shutter.shots == 1
    assert len(told[-1].jpeg) > len(jpeg())
