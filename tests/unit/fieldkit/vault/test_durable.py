"""A folder of keys can be brought to the disk, and Windows is not asked for what it cannot do."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from fieldkit.vault import slot_copies, slot_file
from fieldkit.vault.durable import sync_folder, write_durably
from fieldkit.vault.erasing import FileEraser


def test_a_folder_is_synced(tmp_path: Path) -> None:
    sync_folder(tmp_path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(NotADirectoryError):
        sync_folder(path)


def test_only_the_owner_may_read_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    write_durably(path, b"secret")
    write_durably(path, b"another")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"another", 0o600)
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what Windows has not."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delattr(os, "O_DIRECTORY")


@pytest.mark.usefixtures("windows")
def test_slots_are_written_and_files_erased_where_folders_cannot_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "keyslots.json"
    slot_copies.write(path, slot_file.SlotFile("kit-1", ("0" * 16,), b"escrow", generation=1))
    assert slot_copies.read(path).kit_id == "kit-1"
    FileEraser().erase(path)
    assert not path.exists()


def test_a_disk_without_room_keeps_no_half_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keys"
    write_durably(path, b"secret")

    def no_room(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="No space"):
        write_durably(path, b"another")
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"secret", [path])


def test_the_disk_is_waited_for_when_it_has_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there: list[object] = []

    def fsync(descriptor: int) -> None:
        stated = os.fstat(descriptor)
        there.append(os.listdir(descriptor) if stat.S_ISDIR(stated.st_mode) else stated.st_size)

    monkeypatch.setattr(os, "fsync", fsync)
    write_durably(tmp_path / "keyslots.json", b"0123456789")
    assert there == [10, ["keyslots.json"]], "first the content, then its name"
