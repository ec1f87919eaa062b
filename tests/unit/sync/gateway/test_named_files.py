from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from sync.gateway import blobs as module
from sync.gateway.blobs import NamedFiles, Prepared, write_all


@pytest.fixture
def files(tmp_path: Path) -> NamedFiles:
    (tmp_path / "objects").mkdir()
    return NamedFiles(tmp_path / "objects")


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch, files: NamedFiles) -> list[tuple[str, set[str]]]:
    """Note each folder that is waited for, with the files that have their names by then."""
    seen = list[tuple[str, set[str]]]()

    def names() -> set[str]:
        return {each.name for each in files.folder.rglob("*") if each.is_file()}

    monkeypatch.setattr(
        module, "sync_folder", lambda place: seen.append((place.relative_to(files.folder).as_posix(), names()))
    )
    return seen


def brought(files: NamedFiles, key: str) -> Prepared:
    with files.incoming(key) as (prepared, file):
        write_all(file, b"sealed")
    return prepared


def test_a_folder_that_several_come_to_is_waited_for_once_when_all_are_there(
    files: NamedFiles, synced: list[tuple[str, set[str]]]
) -> None:
    keys = ["sealed/a/1", "sealed/a/2", "sealed/b/3", "sealed/a/4"]
    prepared = [brought(files, key) for key in keys]
    assert not any((files.folder / key).exists() for key in keys)
    assert files.name(prepared) == {}
    assert [(files.folder / key).read_bytes() for key in keys] == [b"sealed"] * 4
    for place in ("sealed/a", "sealed/b"):
        assert [names for where, names in synced if where == place] == [{"1", "2", "3", "4"}]


def test_one_without_its_name_holds_up_nobody(files: NamedFiles) -> None:
    prepared = [brought(files, f"sealed/a/{number}") for number in range(3)]
    prepared[1].source.unlink()
    errors = files.name(prepared)
    assert {each.key: type(error) for each, error in errors.items()} == {"sealed/a/1": FileNotFoundError}
    assert sorted(each.name for each in (files.folder / "sealed/a").iterdir()) == ["0", "2"]


def failing(on: str) -> Callable[[Path], None]:
    def sync(place: Path) -> None:
        if place.name == on:
            raise OSError("bad sector")

    return sync


def test_a_folder_that_cannot_be_waited_for_promises_nothing_of_what_came_to_it(
    files: NamedFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = [brought(files, key) for key in ("sealed/a/1", "sealed/b/2", "sealed/a/3")]
    monkeypatch.setattr(module, "sync_folder", failing("a"))
    assert {each.key for each in files.name(prepared)} == {"sealed/a/1", "sealed/a/3"}


@pytest.mark.parametrize("is_grown", [False, True])
def test_what_gets_no_name_is_forgotten_unless_some_of_it_is_acknowledged(
    files: NamedFiles, monkeypatch: pytest.MonkeyPatch, is_grown: bool
) -> None:
    source = files.folder / "parts" / "r" / "1"
    source.parent.mkdir(parents=True)
    source.write_bytes(b"sealed")
    prepared = Prepared(source, "sealed/a/1", is_grown)
    monkeypatch.setattr(module, "sync_folder", failing("sealed"))  # the way to it
    assert prepared in files.name([prepared])
    assert source.exists() == is_grown


def test_the_way_to_a_new_name_is_on_the_disk_before_a_grown_file_takes_it(
    files: NamedFiles, synced: list[tuple[str, set[str]]]
) -> None:
    source = files.folder / "parts" / "r" / "old"
    source.parent.mkdir(parents=True)
    source.write_bytes(b"sealed")
    assert files.name([Prepared(source, "sealed/a/new", is_grown=True)]) == {}
    assert synced == [(".", {"old"}), ("sealed", {"old"}), ("sealed/a", {"new"})]
    assert not source.parent.exists()
    assert source.parent.parent.exists()


def test_an_unfinished_file_leaves_nothing(files: NamedFiles) -> None:
    with suppress(ValueError), files.incoming("sealed/a/1") as (prepared, file):
        write_all(file, b"half")
        assert prepared.source.exists()
        raise ValueError
    assert not prepared.source.exists()


@pytest.mark.parametrize("most", [3, 1000])
def test_all_pieces_are_written_however_few_the_system_takes_at_once(
    files: NamedFiles, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(module, "_MOST_PIECES", 2)
    if sys.platform != "win32":
        asked, writev = list[int](), os.writev

        def little(file: int, pieces: list[memoryview]) -> int:
            asked.append(len(pieces))
            whole = b"".join(pieces)
            return writev(file, [whole[:most]])

        monkeypatch.setattr(os, "writev", little)
    with files.incoming("sealed/a/1") as (prepared, file):
        write_all(file, b"abcd", b"", b"e", b"fghij", b"")
    assert prepared.source.read_bytes() == b"abcdefghij"
    if sys.platform != "win32":
        assert max(asked) == 2
