from __future__ import annotations

import errno
import os
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from support.durable import DiskLog

from fieldkit.domain.errors import StoreError
from fieldkit.media.carried_files import carry_file, demand_room, digest_of_file, make_folder, write_file
from fieldkit.media.place import Place

CONTENT = os.urandom(3_000_000)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    made = tmp_path / "source"
    made.write_bytes(CONTENT)
    return made


def at(root: Path, name: str) -> Place:
    return Place(root) / name


def code_of(caught: pytest.ExceptionInfo[StoreError]) -> str:
    return caught.value.code


def test_a_file_is_carried_whole_and_told_piece_by_piece(tmp_path: Path, source: Path) -> None:
    told: list[int] = []
    carried = carry_file(Place.of_file(source), at(tmp_path, "target"), told.append)
    assert (carried.size_bytes, carried.sha256) == (len(CONTENT), sha256(CONTENT).hexdigest())
    assert (tmp_path / "target").read_bytes() == CONTENT
    assert (sum(told), len(told)) == (len(CONTENT), 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "target"]


def test_it_replaces_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(at(tmp_path, "a"), b"old")
    disk, told = DiskLog(monkeypatch), list[int]()
    assert write_file(at(tmp_path, "a"), b"new") == digest_of_file(at(tmp_path, "a"))
    assert (tmp_path / "a").read_bytes() == b"new"
    assert disk.has(tmp_path / "a")
    digest_of_file(at(tmp_path, "a"), told.append)
    assert told == [3]


def test_what_is_read_back_comes_from_the_stick_and_not_from_memory(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[int] = []

    def advise(descriptor: int, *_: int) -> None:
        forgotten.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "posix_fadvise", advise, raising=False)
    monkeypatch.setattr(os, "POSIX_FADV_DONTNEED", 4, raising=False)
    carried = carry_file(Place.of_file(source), at(tmp_path, "target")).place
    assert forgotten == [source.stat().st_ino, carried.path.stat().st_ino, carried.path.stat().st_ino]
    monkeypatch.delattr(os, "posix_fadvise")  # as on macOS and Windows
    assert carry_file(Place.of_file(source), at(tmp_path, "target")).size_bytes == len(CONTENT)


def test_a_source_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        carry_file(at(tmp_path, "nowhere"), at(tmp_path, "target"))
    assert code_of(caught) == "stick.unreadable"
    assert list(tmp_path.iterdir()) == []


def test_a_stick_that_gives_back_something_else_is_caught(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = os.fsync

    def lying(descriptor: int) -> None:
        honest(descriptor)
        (half,) = tmp_path.glob(".*.part")
        with half.open("r+b") as file:
            file.seek(1_000_000)
            file.write(b"rot")

    monkeypatch.setattr(os, "fsync", lying)
    with pytest.raises(StoreError) as caught:
        carry_file(Place.of_file(source), at(tmp_path, "target"))
    assert code_of(caught) == "stick.differs"
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "stick.full_now"), (errno.EIO, "stick.failed"), (errno.EROFS, "stick.failed")]
)
def test_a_stick_that_fails_leaves_no_half(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError) as caught:
        carry_file(Place.of_file(source), at(tmp_path, "target"))
    assert code_of(caught) == code
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_room_is_asked_for_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demand_room(at(tmp_path, "not/yet"), 3, 10_000)

    free = 5_000_000

    def small(_path: Any) -> Any:
        return type("Usage", (), {"free": free})

    def gone(_path: Any) -> Any:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    whole_clusters = 10 * 64 * 1024
    monkeypatch.setattr(shutil, "disk_usage", small)
    demand_room(Place(tmp_path), 10, free - whole_clusters)
    with pytest.raises(StoreError) as caught:
        demand_room(Place(tmp_path), 10, free - whole_clusters + 1)
    assert code_of(caught) == "stick.full"
    assert caught.value.problem.params == {"needed": 6, "free": 5}
    monkeypatch.setattr(shutil, "disk_usage", gone)
    with pytest.raises(StoreError) as caught:
        demand_room(Place(tmp_path), 0, 0)
    assert code_of(caught) == "stick.failed"


def test_folders_are_made_with_those_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = DiskLog(monkeypatch)
    make_folder(at(tmp_path / "new", "a/b"))
    assert (tmp_path / "new" / "a" / "b").is_dir()
    assert all(disk.has_name(tmp_path / each) for each in ("new", "new/a", "new/a/b"))
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as caught:
        make_folder(at(tmp_path, "file/b"))
    assert (code_of(caught), caught.value.problem.params["detail"]) == ("stick.failed", "reason.no_folder")
