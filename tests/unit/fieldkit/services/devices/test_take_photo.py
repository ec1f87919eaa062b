from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import pytest
from PIL import Image
from support.recording import ScriptedDevice, ScriptedRegistry
from support.recording_window import jpeg

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import Position
from fieldkit.formats.pictures import RecordPictures
from fieldkit.ports.devices import Cancel, DeviceError, DeviceKind, PreviewSink
from fieldkit.services.devices import take_photo
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
    class Flickers(ScriptedDevice):
        def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:
            super().stream(positions, preview, cancel)
            preview.offer(b"")

    camera = registry.devices[DeviceKind.CAMERA] = Flickers(DeviceKind.CAMERA)
    camera.frame = jpeg()
    for is_wanted in (False, True):  # it has no shutter
        frames = Frames()
        photo = TakePhoto(registry, RecordPictures()).look(frames, Never(), is_wanted=lambda told=is_wanted: told)
        assert photo.startswith(b"\xff\xd8")
        assert frames.seen == [jpeg(), b""]


def test_a_camera_with_a_shutter_takes_a_picture_when_it_is_wanted(registry: ScriptedRegistry) -> None:
    class Shutter(ScriptedDevice):
        shots = 0

        def shoot(self, cancel: Cancel) -> bytes:
            assert not cancel.is_cancelled()
            self.shots += 1
            return jpeg(3_000, 2_000)

    camera = registry.devices[DeviceKind.CAMERA] = Shutter(DeviceKind.CAMERA)
    camera.frame = jpeg(640, 480)
    photos = TakePhoto(registry, RecordPictures())

    def width(photo: bytes) -> int:
        return Image.open(BytesIO(photo)).size[0]

    assert (width(photos.look(Frames(), Never(), 2_000)), camera.shots) == (640, 0), "leaving wears no shutter"
    assert (width(photos.look(Frames(), Never(), 2_000, lambda: True)), camera.shots) == (2_000, 1)
    camera.frame = b""  # it has no viewfinder
    assert width(photos.look(Frames(), Never(), 2_000, lambda: True)) == 2_000


def test_a_camera_that_is_away_or_silent_says_so(registry: ScriptedRegistry) -> None:
    camera = registry.devices[DeviceKind.CAMERA]
    camera.frame = b""
    with pytest.raises(DeviceError) as silent:
        TakePhoto(registry, RecordPictures()).look(Frames(), Never())
    assert silent.value.code == "sarpras.no_frame"
    camera.is_away, camera.frame = True, jpeg()
    with pytest.raises(DeviceError, match=r"device\.none\.camera"):
        TakePhoto(registry, RecordPictures()).look(Frames(), Never())


def test_a_photo_from_a_file_is_made_small_and_clean(registry: ScriptedRegistry) -> None:
    photo = TakePhoto(registry, RecordPictures()).clean("kabel putus.jpg", jpeg(2000, 100))
    assert len(photo) < len(jpeg(2000, 100))
    assert photo.startswith(b"\xff\xd8")


def test_a_file_may_have_so_many_bytes_and_no_more(registry: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    photo, photos = jpeg(), TakePhoto(registry, RecordPictures())
    monkeypatch.setattr(take_photo, "MOST_BYTES", len(photo))
    assert photos.clean("foto.jpg", photo).startswith(b"\xff\xd8")
    monkeypatch.setattr(take_photo, "MOST_BYTES", len(photo) - 1)
    with pytest.raises(InputError, match=r"sarpras\.photo_unreadable"):
        photos.clean("foto.jpg", photo)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0 broken", bytes(MOST_BYTES + 1)])
def test_what_is_no_photo_is_refused(registry: ScriptedRegistry, content: bytes) -> None:
    with pytest.raises(InputError) as refusal:
        TakePhoto(registry, RecordPictures()).clean("berkas.txt", content)
    assert (refusal.value.code, refusal.value.problem.params) == ("sarpras.photo_unreadable", {"name": "berkas.txt"})
