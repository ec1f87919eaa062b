from __future__ import annotations

import errno
import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.durable import DiskLog
from support.hostile import KINDS, NAMES, outside_of, seen

from fieldkit.media import folders
from fieldkit.media import place as places
from fieldkit.media.folders import FolderByPath
from fieldkit.media.place import Place


@pytest.fixture(params=["by handle", "by path"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A stick, opened as POSIX opens it and as Windows does."""
    if request.param == "by path":
        monkeypatch.setattr(folders, "opened_root", FolderByPath)
    (tmp_path / "stick").mkdir()
    return Place(tmp_path / "stick")


def refused(call: Callable[..., object], *given: object) -> int | None:
    with pytest.raises(OSError, match="Errno") as caught:
        call(*given)
    return caught.value.errno


def test_a_place_has_a_way_down_and_names() -> None:
    place = Place(Path("/media/x")) / "fieldkit/K01" / "r-1.age"
    assert (place.name, place.stem, place.suffix, place.below) == ("r-1.age", "r-1", ".age", "fieldkit/K01/r-1.age")
    assert (place.beside(".manifest").below, place.parent.name) == ("fieldkit/K01/r-1.manifest", "K01")
    assert (str(place), place.path) == ("/media/x/fieldkit/K01/r-1.age", Path("/media/x/fieldkit/K01/r-1.age"))
    assert str(Place(Path("/media")) / "\x1b[2J") == "/media/\\x1b[2J"
    assert Place(Path("/media/x")).name == "x"
    assert Place.of_file(Path("/media/x/a.csv")) == Place(Path("/media/x")) / "a.csv"
    assert Place.of_file(Path("/")) == Place(Path("/"))


@pytest.mark.parametrize("name", ["..", "a/../../b", "/etc/passwd", "", ".", "a\0b", "a//b"])
def test_no_name_leads_up_or_out(root: Place, name: str) -> None:
    assert refused((root / name).read, 9) == errno.EINVAL
    assert refused((root / name).write, [b"x"]) == errno.EINVAL
    assert not (root / name).exists()
    assert list(root.root.parent.iterdir()) == [root.root]


def test_a_file_is_read_whole_with_its_size_asked_first(root: Place) -> None:
    (root / "a").path.write_bytes(b"12345")
    assert ((root / "a").read(5), (root / "a").head(2), b"".join((root / "a").pieces())) == (b"12345", b"12", b"12345")
    assert refused((root / "a").read, 4) == errno.E2BIG
    with (root / "a").open() as file:
        assert file.read() == b"12345"
    assert refused((root / "b").read, 9) == errno.ENOENT
    assert refused(root.read, 9) == errno.EISDIR


def test_a_huge_file_costs_no_memory(root: Place) -> None:
    with (root / "r.manifest").path.open("wb") as file:
        file.truncate(3_000_000_000)
    tracemalloc.start()
    try:
        assert refused((root / "r.manifest").read, 256 * 1024) == errno.E2BIG
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("change", [b"longer by this", b""])
def test_a_file_that_grows_or_shrinks_while_it_is_read_is_told(
    root: Place, change: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = (root / "a").path
    file.write_bytes(b"x" * 3_000_000)
    pieces = (root / "a").pieces()
    next(pieces)
    if change:
        with file.open("ab") as grown:
            grown.write(change)
    else:
        os.truncate(file, 1_500_000)
    assert refused(list, pieces) == errno.ESTALE
    honest, asked = os.fstat, list[int]()

    def other(descriptor: int) -> os.stat_result:
        found = honest(descriptor)
        asked.append(found.st_size)
        if len(asked) == 2:  # the first asks what it is
            file.write_bytes(b"x" * 100 + change if change else b"")
        return found

    file.write_bytes(b"x" * 100)
    monkeypatch.setattr(os, "fstat", other)
    assert refused((root / "a").read, 10_000) == errno.ESTALE


def test_a_file_that_grows_as_fast_as_it_is_read_has_an_end(root: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    file = (root / "a").path
    file.write_bytes(b"x" * 10)
    monkeypatch.setattr(places, "_PIECE", 10)

    def read() -> None:
        for _ in (root / "a").pieces():
            with file.open("ab") as grown:
                grown.write(b"x" * 10)

    assert refused(read) == errno.ESTALE


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_a_file_is_read_and_a_link_in_the_place_is_replaced(root: Place, tmp_path: Path, kind: str) -> None:
    outside = outside_of(tmp_path)
    before = seen(outside)
    place = root / "x"
    KINDS[kind](place.path, outside)
    for act in (lambda: place.read(9), lambda: list(place.pieces()), lambda: place.head(9), lambda: place.open()):
        assert refused(act) in (errno.ELOOP, errno.EISDIR, errno.EOPNOTSUPP)
    assert (place.exists(), place.is_file(), place.is_folder()) == (True, False, kind == "folder")
    if kind == "folder":
        assert refused(place.write, [b"new"]) in (errno.EISDIR, errno.ENOTEMPTY, errno.EEXIST)
    else:
        assert refused((place / "below").make) in (errno.ELOOP, errno.ENOTDIR, errno.EEXIST)
        assert refused((place / "below").write, [b"new"]) in (errno.ELOOP, errno.ENOTDIR)
        place.write([b"new"])
        assert (place.path.read_bytes(), place.is_file()) == (b"new", True)
    assert seen(outside) == before
    assert not list(root.path.glob(".*.part"))


def test_a_file_is_written_whole_under_a_name_that_nobody_can_guess(
    root: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, halves = DiskLog(monkeypatch), list[str]()

    def prove(half: Place) -> None:
        halves.append(half.name)
        assert half.read(9) == b"12"

    place = root / ("x" * 255)
    place.write([b"1", b"2"], prove)
    place.write([b"1", b"2"], prove)
    assert len(set(halves)) == 2
    assert disk.has_bytes(place.path)
    assert place.path.stat().st_mode & 0o777 == 0o600
    (root / "r.age").lay_beside(".receipt", b"r")
    assert (root / "r.receipt").path.stat().st_mode & 0o777 == 0o644

    def fail() -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.ENOSPC, "full")

    assert refused(place.write, fail()) == errno.ENOSPC
    assert place.read(9) == b"12"
    assert [each for each in root.listed() if each.name.endswith(".part")] == []


def test_only_halves_of_ours_are_swept(root: Place, tmp_path: Path) -> None:
    outside = outside_of(tmp_path)
    for name in (".0123456789abcdef.part", "record.part", ".x.part", "a"):
        (root / name).path.write_bytes(b"")
    (root / ".fedcba9876543210.part").path.symlink_to(outside / "victim")
    root.sweep()
    assert [place.name for place in root.listed()] == [".x.part", "a", "record.part"]
    assert (outside / "victim").exists()
    (root / "nowhere").sweep()


def test_folders_are_made_renamed_and_taken_away(root: Place, tmp_path: Path) -> None:
    (Place(root.root / "new") / "a/b").make()
    (root / "new/a/b").make()
    (root / "new/c").make_new()
    assert refused((root / "new/c").make_new) == errno.EEXIST
    moved = (root / "new").rename("old")
    assert (moved.name, [each.name for each in moved.listed()]) == ("old", ["a", "c"])
    assert refused((root / "old").rename, "../out") == errno.EINVAL
    moved.remove()
    moved.remove()
    assert root.listed() == []
    (root / "x").path.write_bytes(b"")
    (root / "x").unlink()
    assert root.listed() == []


def test_a_tree_is_walked_in_order_and_no_link_is_entered(root: Place, tmp_path: Path) -> None:
    outside = outside_of(tmp_path)
    for name in ("b/2", "b/1", "a/z/3", "top"):
        (root / name).path.parent.mkdir(parents=True, exist_ok=True)
        (root / name).path.write_bytes(b"")
    (root / "out").path.symlink_to(outside, target_is_directory=True)
    (root / "round").path.symlink_to(root.path, target_is_directory=True)
    os.mkfifo((root / "pipe").path)
    noted: list[tuple[str, int | None]] = []
    found = [each.below for each in root.walk(lambda place, error: noted.append((place.below, error.errno)))]
    assert found == ["out", "pipe", "round", "top", "a/z/3", "b/1", "b/2"]
    assert noted == []
    assert list((root / "nowhere").walk(lambda place, error: noted.append((place.below, error.errno)))) == []
    assert noted == [("nowhere", errno.ENOENT)]


def test_a_tree_that_has_no_end_is_left(root: Place) -> None:
    (root / "/".join("x" * 40)).path.mkdir(parents=True)
    noted: list[int | None] = []
    assert list(root.walk(lambda place, error: noted.append(error.errno))) == []
    assert noted == [errno.ENAMETOOLONG]
    for name in "abcd":
        (root / name).path.write_bytes(b"")
    noted.clear()
    assert list(root.walk(lambda place, error: noted.append(error.errno), 3)) == []
    assert noted == [errno.E2BIG]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_carried_and_none_is_shown_as_it_is(root: Place, name: str) -> None:
    place = root / name
    place.write([b"x"])
    assert [each.name for each in root.walk(lambda *_: None)] == [name]
    assert place.read(1) == b"x"
    assert str(place).isprintable()
    str(place).encode()
