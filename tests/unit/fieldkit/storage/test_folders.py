"""A folder can be brought to the disk. What the disk makes of it cannot be asserted here."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldkit.storage.folders import make_folders, sync_folder


def test_folder_is_synced(tmp_path: Path) -> None:
    sync_folder(tmp_path)


def test_folders_are_made_for_nobody_else(tmp_path: Path) -> None:
    made = tmp_path / "a" / "b"
    for _ in range(2):  # one that is there stays
        make_folders(made)
    assert made.is_dir()
    assert made.parent.stat().st_mode & 0o077 == 0


def test_file_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(NotADirectoryError):
        sync_folder(path)
