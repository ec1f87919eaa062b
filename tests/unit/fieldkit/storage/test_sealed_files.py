"""Sealed files are there as a whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fieldkit.storage.sealed_files import FolderOfSealedFiles


@pytest.fixture
def files(tmp_path: Path) -> FolderOfSealedFiles:
    return FolderOfSealedFiles(tmp_path / "sealed")


def test_put_twice_keeps_the_second(files: FolderOfSealedFiles) -> None:
    files.put("r1", b"first")
    path = files.put("r1", b"second")
    assert path == files.path("r1")
    assert path.read_bytes() == b"second"
    assert [p.name for p in path.parent.iterdir()] == ["r1.age"]


def test_sweep_takes_orphans_and_half_written_and_leaves_the_rest(files: FolderOfSealedFiles) -> None:
    known = files.put("known", b"x")
    orphan = files.put("orphan", b"y")
    half = orphan.with_name("known.part")
    half.write_bytes(b"z")
    stranger = orphan.with_name("README.txt")
    stranger.touch()
    assert list(files.sweep(["known"])) == ["known.part", "orphan.age"]
    assert sorted(p.name for p in known.parent.iterdir()) == ["README.txt", "known.age"]


def test_erase_is_repeatable_and_uses_the_given_way(tmp_path: Path) -> None:
    removed: list[Path] = []

    def remove(path: Path) -> None:
        removed.append(path)
        path.unlink()

    files = FolderOfSealedFiles(tmp_path, remove)
    path = files.put("r1", b"x")
    files.erase("r1")
    files.erase("r1")
    assert removed == [path]


@pytest.mark.parametrize("record_id", ["", "../up", "a/b", "..", "a\\b"])
def test_no_id_leads_out_of_the_folder(files: FolderOfSealedFiles, record_id: str) -> None:
    with pytest.raises(ValueError, match="record id"):
        files.path(record_id)


TOO_BIG = """
import resource, sys
from pathlib import Path
from fieldkit.domain.errors import StoreError
from fieldkit.storage.sealed_files import FolderOfSealedFiles
files = FolderOfSealedFiles(Path(sys.argv[1]))
files.put("r1", b"old")
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    files.put("r1", bytes(2000))
except StoreError as error:
    print(error.code)
"""


@pytest.mark.skipif(os.name == "nt", reason="a limit on file sizes is set with resource.setrlimit")
def test_no_room_leaves_the_old_file_and_nothing_half(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", TOO_BIG, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "store.disk_full\n"
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("r1.age", b"old")]


def test_other_errors_of_the_folder_are_ours(tmp_path: Path) -> None:
    files = FolderOfSealedFiles(tmp_path / "sealed")
    (tmp_path / "sealed").rmdir()
    with pytest.raises(FileNotFoundError):
        files.put("r1", b"x")
