from __future__ import annotations

from pathlib import Path

import pytest
from support.app_context import PENGURUS, Kit
from support.checklists import stocked_kit
from support.recording import ScriptedDevice
from support.recording_window import jpeg
from support.tasks import SameThread, Steps

from fieldkit.ports.devices import DeviceKind
from ui.presenters.presenter import Message, message
from ui.presenters.sarpras.checklist import PhotoPresenter

EXECUTOR = "device:camera"


class Frames:
    def offer(self, frame: bytes) -> None: ...


@pytest.fixture
def kit(tmp_path: Path):
    for kit in stocked_kit(tmp_path, PENGURUS):
        camera = ScriptedDevice(DeviceKind.CAMERA)
        camera.frame = jpeg()
        kit.devices.there = {DeviceKind.CAMERA: camera}
        yield kit


def opened(kit: Kit, steps: Steps, way: str, tasks: SameThread | None = None) -> PhotoPresenter:
    list_id = "" if way == "item" else kit.context.office.sarpras.out.begin("a1").thing_id
    presenter = PhotoPresenter(kit.context, tasks or SameThread(), steps, Frames(), way, list_id, "i1")
    presenter.start()
    return presenter


def test_a_file_becomes_the_photo_of_the_item(kit: Kit, steps: Steps, tmp_path: Path) -> None:
    file = tmp_path / "foto.jpg"
    file.write_bytes(jpeg())
    presenter = opened(kit, steps, "item")
    presenter.type(str(file))
    assert presenter.state.bar.actions[0].words == message("sarpras.take_file")
    presenter.accept()
    assert kit.context.office.inventory.item("i1").photo
    assert steps.taken == [("back",)]


def test_a_file_that_is_no_photo_is_refused_and_can_be_corrected(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, steps, "out")
    presenter.type("/nowhere.jpg")
    presenter.accept()
    assert presenter.state.problem is not None
    presenter.type("")
    assert presenter.state.problem is None
    assert steps.taken == []


def test_without_a_camera_only_a_file_helps(kit: Kit, steps: Steps) -> None:
    kit.devices.there = {}
    presenter = opened(kit, steps, "out")
    assert presenter.state.away
    assert presenter.state.bar.actions[0].refused
    presenter.accept()
    presenter.type("/foto.jpg")
    assert presenter.state.bar.actions[0].refused == ""
    presenter.back()
    assert steps.taken == [("back",)]


class Shutter(Frames):
    """Presses with every frame; what is not shown yet cannot be taken."""

    presenter: PhotoPresenter | None = None
    refused: Message = "?"  # the last time

    def offer(self, frame: bytes) -> None:
        if self.presenter is not None:
            self.refused = self.presenter.state.bar.actions[0].refused
            self.presenter.accept()


@pytest.mark.parametrize("way", ["item", "out"])
def test_what_the_camera_shows_is_taken_for_the_item_or_its_line(kit: Kit, steps: Steps, way: str) -> None:
    list_id = kit.context.office.sarpras.out.begin("a1").thing_id
    kit.devices.there[DeviceKind.CAMERA].streams_on = True
    frames = Shutter()
    presenter = frames.presenter = PhotoPresenter(kit.context, SameThread(), steps, frames, way, list_id, "i1")
    for text in ("", " "):
        presenter.type(text)
        take = presenter.state.bar.actions[0]
        assert (take.words, take.refused) == (message("sarpras.take_photo"), message("sarpras.no_picture"))
    presenter.start()
    assert (frames.refused, steps.taken) == ("", [("back",)])
    line = kit.context.office.sarpras.out.current("a1").checklist.line("i1")
    assert (bool(kit.context.office.inventory.item("i1").photo), bool(line.photos)) == (way == "item", way == "out")


def test_a_file_that_is_no_photo_lets_the_camera_show_again_what_it_sees(kit: Kit, steps: Steps) -> None:
    camera = kit.devices.there[DeviceKind.CAMERA]
    kit.devices.there.clear()
    presenter = opened(kit, steps, "out")
    presenter.type("/nowhere.jpg")
    kit.devices.there[DeviceKind.CAMERA] = camera
    presenter.accept()
    assert (presenter.state.is_live, camera.streams) == (True, 1)
    presenter.accept()
    assert camera.streams == 1, "it was live all the time"
    assert presenter.state.bar.actions[0].refused == ""


def test_leaving_takes_no_photo(kit: Kit, steps: Steps) -> None:
    tasks = SameThread(EXECUTOR)
    presenter = opened(kit, steps, "out", tasks)
    presenter.accept()
    presenter.stop()
    tasks.release(EXECUTOR)
    assert kit.devices.there[DeviceKind.CAMERA].streams == 0
    assert kit.context.office.sarpras.out.current("a1").checklist.line("i1").photos == ()
