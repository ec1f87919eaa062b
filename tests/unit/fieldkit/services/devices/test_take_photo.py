from __future__ import annotations

import pytest
from support.recording import ScriptedRegistry
from support.recording_window import jpeg

from fieldkit.domain.errors import InputError
from fieldkit.formats.pictures import RecordPictures
from fieldkit.ports.devices import DeviceError, DeviceKind
from fieldkit.services.devices.take_photo import MOST_BYTES, TakePhoto


class Frames:
    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def offer(self, frame: bytes) -> None:
        self.seen.append(frame)


class Never:
    def is_cancelled(self) -> bool:
        return False


@pytest.fixture
def registry() -> ScriptedRegistry:
    return ScriptedRegistry()


def test_the_last_frame_is_the_photo(registry: ScriptedRegistry) -> None:
    registry.devices[DeviceKind.CAMERA].frame = jpeg()
    frames = Frames()
    assert TakePhoto(registry, RecordPictures()).look(frames, Never()).startswith(b"\xff\xd8")
    assert frames.seen == [jpeg()]


def test_a_camera_that_is_away_or_silent_says_so(registry: ScriptedRegistry) -> None:
    camera = registry.devices[DeviceKind.CAMERA]
    camera.frame = b""
    with pytest.raises(DeviceError) as silent:
        TakePhoto(registry, RecordPictures()).look(Frames(), Never())
    assert silent.value.code == "sarpras.no_frame"
    camera.is_away = True
    with pytest.raises(DeviceError):
        TakePhoto(registry, RecordPictures()).look(Frames(), Never())


def test_a_photo_from_a_file_is_made_small_and_clean(registry: ScriptedRegistry) -> None:
    photo = TakePhoto(registry, RecordPictures()).clean("kabel putus.jpg", jpeg(2000, 100))
    assert len(photo) < len(jpeg(2000, 100))
    assert photo.startswith(b"\xff\xd8")


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0 broken", bytes(MOST_BYTES + 1)])
def test_what_is_no_photo_is_refused(registry: ScriptedRegistry, content: bytes) -> None:
    with pytest.raises(InputError) as refusal:
        TakePhoto(registry, RecordPictures()).clean("berkas.txt", content)
    assert (refusal.value.code, refusal.value.problem.params) == ("sarpras.photo_unreadable", {"name": "berkas.txt"})
