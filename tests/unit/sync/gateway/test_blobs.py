from __future__ import annotations

import hashlib
import os
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fieldkit.domain.errors import InputError
from sync.gateway import blobs as module
from sync.gateway import blobs as named_files
from sync.gateway.blobs import PARTS, Blobs, Content, ContentDiffersError, new_part_key, sealed_key

if sys.platform != "win32":
    import fcntl


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs.in_folder(tmp_path / "objects")


def test_what_is_put_is_there(blobs: Blobs, tmp_path: Path) -> None:
    key = sealed_key("ab" * 32, datetime(2026, 8, 3, 23, 59, tzinfo=UTC))
    blobs.put(key, b"sealed")
    assert blobs.get(key) == b"sealed"
    assert (tmp_path / "objects" / "sealed" / "2026-08-03" / ("ab" * 32)).read_bytes() == b"sealed"
    blobs.delete(key)
    blobs.delete(key)
    with pytest.raises(FileNotFoundError):
        blobs.get(key)


@pytest.mark.parametrize("place", ["folder", "url"])
def test_what_is_deleted_is_gone_and_may_be_gone_already(tmp_path: Path, place: str) -> None:
    root = tmp_path / "objects"
    root.mkdir()
    blobs = Blobs.in_folder(root) if place == "folder" else Blobs.at_url(root.as_uri())
    keys = ("sealed/ab/x", "parts/r/1", "parts/r/2")
    for key in keys:
        blobs.put(key, b"x", b"y")
        assert blobs.get(key) == b"xy"
    assert (blobs.is_near, blobs.grows) == (place == "folder", place == "folder" and sys.platform != "win32")
    blobs.delete()
    assert (sorted(blobs.keys("parts")), blobs.is_away()) == (["parts/r/1", "parts/r/2"], False)
    for _ in range(2):
        blobs.delete(*keys)
    assert [*blobs.keys("parts"), *blobs.keys("sealed")] == []
    assert blobs.is_away() == (place == "url")  # a bucket has no folders, but nor has it ever been without objects


def test_an_address_that_no_store_has_is_refused() -> None:
    with pytest.raises(InputError, match=r"gateway\.objects_address"):
        Blobs.at_url("nowhere://records")


def test_a_store_that_does_not_answer_is_away(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert Blobs.at_url((tmp_path / "file").as_uri()).is_away()


def test_part_keys_never_meet() -> None:
    assert new_part_key("r", 0) != new_part_key("r", 0)
    assert new_part_key("r", 5).startswith("parts/r/000000000005-")


def test_old_objects_are_listed(blobs: Blobs, tmp_path: Path) -> None:
    key = new_part_key("r", 0)
    blobs.put(key, b"x")
    blobs.put("sealed/x", b"x")
    now = datetime.now(UTC)
    assert blobs.older_than(PARTS, now + timedelta(minutes=1)) == [key]
    assert blobs.older_than(PARTS, now - timedelta(minutes=1)) == []
    os.utime(tmp_path / "objects" / key, (1000, 1000))
    written = datetime.fromtimestamp(1000, UTC)
    assert blobs.older_than(PARTS, written) == []
    assert blobs.older_than(PARTS, written + timedelta(seconds=1)) == [key]


def test_a_folder_knows_its_free_space(blobs: Blobs, tmp_path: Path) -> None:
    assert (blobs.free_bytes() or 0) > 0
    elsewhere = Blobs.at_url((tmp_path / "objects").as_uri())
    elsewhere.put("a/b", b"1")
    assert elsewhere.free_bytes() is None
    assert blobs.get("a/b") == b"1"


def promised(content: bytes) -> Content:
    return Content(len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("place", ["folder", "url"])
def test_an_object_is_stored_as_promised_or_not_at_all(tmp_path: Path, place: str) -> None:
    root = tmp_path / "objects"
    root.mkdir()
    blobs = Blobs.in_folder(root) if place == "folder" else Blobs.at_url(root.as_uri())
    whole = bytes(range(256)) * 20_000
    blobs.put_checked("sealed/a/b", [whole[:1_000_000], whole[1_000_000:]], promised(whole))
    assert blobs.content("sealed/a/b") == promised(whole)
    assert blobs.content("sealed/a/b", b"nonce") == Content(len(whole), hashlib.sha256(b"nonce" + whole).hexdigest())
    for wrong in ([whole[:-1]], [whole, b"!"], [whole[:-1], b"!"], []):
        with pytest.raises(ContentDiffersError):
            blobs.put_checked("sealed/a/b", wrong, promised(whole))
        with pytest.raises(ContentDiffersError):
            blobs.put_checked("sealed/a/c", wrong, promised(whole))
    too_many = iter([whole] * 3)
    with pytest.raises(ContentDiffersError):
        blobs.put_checked("sealed/a/c", too_many, promised(whole))
    assert len(list(too_many)) == 1  # what follows the first byte too many is not read
    assert blobs.content("sealed/a/b") == promised(whole)
    assert list(blobs.keys("sealed")) == ["sealed/a/b"]
    assert not [path for path in root.rglob("*") if path.is_file() and path != root / "sealed/a/b"]


def test_whatever_the_store_says_is_an_error_of_the_system(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    elsewhere = Blobs.at_url((tmp_path / "file").as_uri())
    for ask in (blobs.get, blobs.size, blobs.content):
        with pytest.raises(FileNotFoundError):
            ask("sealed/x")
    for broken in (lambda: elsewhere.put("a/b", b"1"), lambda: elsewhere.get("a/b"), lambda: elsewhere.size("a/b")):
        with pytest.raises(OSError):  # noqa: PT011 - every kind of it
            broken()


def test_a_store_without_its_folder_is_away(blobs: Blobs, tmp_path: Path) -> None:
    assert blobs.is_away()
    blobs.put("sealed/x", b"x")
    assert not blobs.is_away()


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Note which folders and files are brought to the disk."""
    names = list[str]()

    def fsync(file: int) -> None:
        names.append(f"a file of {os.fstat(file).st_size}")

    for each in (module, named_files):
        monkeypatch.setattr(each, "sync_folder", lambda place: names.append(place.relative_to(tmp_path).as_posix()))
    monkeypatch.setattr(os, "fsync", fsync)
    return names


def test_each_name_on_the_way_is_waited_for_once_and_again_when_it_was_taken_away(
    synced: list[str], tmp_path: Path
) -> None:
    blobs = Blobs.in_folder(tmp_path / "objects")
    assert synced == ["."]
    synced.clear()
    blobs.put("sealed/ab/cd/x", b"x")
    assert synced == ["a file of 1", "objects", "objects/sealed", "objects/sealed/ab", "objects/sealed/ab/cd"]
    synced.clear()
    blobs.put("sealed/ab/cd/y", b"yy")
    blobs.put("sealed/ab/ef/z", b"z")
    seen = ["a file of 2", "objects/sealed/ab/cd", "a file of 1", "objects/sealed/ab", "objects/sealed/ab/ef"]
    assert synced == seen
    synced.clear()
    shutil.rmtree(tmp_path / "objects" / "sealed" / "ab")
    blobs.put("sealed/ab/cd/x", b"x")
    assert synced == ["a file of 1", "objects/sealed", "objects/sealed/ab", "objects/sealed/ab/cd"]
    synced.clear()
    Blobs.in_folder(tmp_path / "objects").put("sealed/ab/cd/v", b"v")  # another process knows nothing of it
    assert set(synced) >= {"objects", "objects/sealed", "objects/sealed/ab", "objects/sealed/ab/cd"}
    synced.clear()
    blobs.delete("sealed/ab/cd/v")
    assert synced == ["objects/sealed/ab/cd"]
    assert (tmp_path / "objects/sealed/ab/cd").is_dir()  # without it the store would look as if it were away


def test_the_names_of_a_part_are_on_the_disk_before_it_counts(synced: list[str], blobs: Blobs, tmp_path: Path) -> None:
    way = ["objects/parts/r", "objects/parts", "objects"]
    for _ in range(2):
        synced.clear()
        blobs.put("parts/r/1", b"x")
        assert synced == ["a file of 1", *way]
    if blobs.grows:
        synced.clear()
        with blobs.growing("parts/r/2", is_new=True) as grown:
            assert synced == way
            grown.write(0, b"yes")
        assert synced[3:] == ["a file of 3"]
        synced.clear()
        with blobs.growing("parts/r/2", is_new=False) as grown:
            assert synced == []
    blobs.delete("parts/r/1", "parts/r/2")
    assert not (tmp_path / "objects/parts").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no object grows there")
def test_an_object_grows_where_it_ended_and_what_stood_behind_counts_no_more(blobs: Blobs, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), blobs.growing("parts/r/1", is_new=False):
        pass
    with blobs.growing("parts/r/1", is_new=True) as grown:
        grown.write(0, b"abcdef")
    for offset, content, left in ((6, b"gh", b"abcdefgh"), (3, b"X", b"abcX"), (0, b"", b"")):
        with blobs.growing("parts/r/1", is_new=False) as grown:
            grown.write(offset, content)
            with (tmp_path / "objects/parts/r/1").open("rb") as other, pytest.raises(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)  # whoever else wants it waits
        assert blobs.get("parts/r/1") == left
    with blobs.growing("parts/r/1", is_new=False) as grown, pytest.raises(FileNotFoundError):
        grown.write(1, b"x")


@pytest.mark.skipif(sys.platform == "win32", reason="no object grows there")
def test_a_grown_object_that_is_not_as_promised_stays_what_it_was(blobs: Blobs) -> None:
    parts = [new_part_key("r", 0) for _ in range(2)]
    for part in parts:
        with blobs.growing(part, is_new=True) as grown:
            grown.write(0, b"sealed")
    for wrong in (Content(7, promised(b"sealed").sha256), promised(b"Sealed")):
        with pytest.raises(ContentDiffersError):
            blobs.prepare_grown(parts[0], "sealed/ab/x", wrong)
    assert (list(blobs.keys("sealed")), len(list(blobs.keys("parts")))) == ([], 2)
    prepared = blobs.prepare_grown(parts[0], "sealed/ab/x", promised(b"sealed"))
    assert list(blobs.keys("sealed")) == []
    assert blobs.name(*prepared) == {}
    assert (list(blobs.keys("sealed")), list(blobs.keys("parts"))) == (["sealed/ab/x"], parts[1:])
