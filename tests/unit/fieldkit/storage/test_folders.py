"""A folder can be brought to the disk. What the disk makes of it cannot be asserted here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.durable import DiskLog

from fieldkit.storage.folders import make_folders, sync_folder


def test_folders_are_made_for_nobody_else_and_their_names_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, made = DiskLog(monkeypatch), tmp_path / "a" / "b"
    for _ in range(2):  # one that is there stays
        make_folders(made)
    for each in (made, made.parent):
        assert (each.is_dir(), each.stat().st_mode & 0o077, disk.has_name(each)) == (True, 0, True)
    assert not disk.has_name(tmp_path)  # it was there


def test_file_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(NotADirectoryError):
        sync_folder(path)


def test_windows_needs_no_sync_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = DiskLog(monkeypatch)
    (tmp_path / "file").touch()
    monkeypatch.setattr(sys, "platform", "win32")
    sync_folder(tmp_path)
    assert not disk.has_name(tmp_path / "file")
