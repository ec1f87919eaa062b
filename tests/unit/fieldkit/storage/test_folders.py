"""A folder can be brought to the disk. What the disk makes of it cannot be asserted here."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from support.durable import DiskLog

from fieldkit.storage.folders import is_private, make_folders, make_private, sync_folder


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


@pytest.mark.parametrize(("mode", "left"), [(0o755, 0o700), (0o711, 0o700), (0o500, 0o500), (0o1777, 0o1777)])
def test_a_folder_that_was_there_is_closed_unless_it_is_everybodys(tmp_path: Path, mode: int, left: int) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(mode)
    make_private(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == left
    assert is_private(folder) is not bool(left & 0o077)


def test_a_new_folder_is_private(tmp_path: Path) -> None:
    make_private(tmp_path / "a" / "b")
    assert is_private(tmp_path / "a")
    assert is_private(tmp_path / "a" / "b")


def test_a_folder_of_another_owner_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    make_private(tmp_path)
    assert not is_private(tmp_path)


def test_a_disk_without_permissions_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: Path, _mode: int) -> None:
        raise PermissionError

    tmp_path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", refuse)
    make_private(tmp_path)
    assert not is_private(tmp_path)
    monkeypatch.setattr(sys, "platform", "win32")
    assert is_private(tmp_path)
