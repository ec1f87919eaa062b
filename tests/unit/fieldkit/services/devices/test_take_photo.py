from __future__ import annotations

from pathlib import Path

import pytest
from support.recording import ScriptedRegistry
from support.recording_window import jpeg

from fieldkit.domain.errors import InputError
from fieldkit.formats.pictures import RecordPictures
from fieldkit.ports.devices import DeviceError, DeviceKind
from fieldkit.services.devices.take_photo import TakePhoto


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


def test_a_file_is_read_however_its_path_was_pasted(registry: ScriptedRegistry, tmp_path: Path) -> None:
    file = tmp_path / "kabel putus.jpg"
    file.write_bytes(jpeg(2000, 100))
    photo = TakePhoto(registry, RecordPictures())
    assert len(photo.read(f"  '{file}' ")) < len(jpeg(2000, 100))
    assert photo.read(str(file)).startswith(b"\xff\xd8")


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0 broken"])
def test_what_is_no_photo_is_refused(registry: ScriptedRegistry, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "berkas.txt"
    file.write_bytes(content)
    for path in (str(file), str(tmp_path), str(tmp_path / "nowhere.jpg"), "", "a\0b"):
        with pytest.raises(InputError) as refusal:
            TakePhoto(registry, RecordPictures()).read(path)
        assert refusal.value.code == "sarpras.photo_unreadable"
