"""A folder can be brought to the disk. What the disk makes of it cannot be asserted here."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldkit.storage.folders import sync_folder


def test_folder_is_synced(tmp_path: Path) -> None:
    sync_folder(tmp_path)


def test_file_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(NotADirectoryError):
        sync_folder(path)
