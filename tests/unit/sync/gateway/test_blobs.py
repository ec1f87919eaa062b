from __future__ import annotations

import hashlib
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync.gateway import blobs as module
from sync.gateway.blobs import PARTS, Blobs, Content, ContentDiffersError, new_part_key, sealed_key


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs.in_folder(tmp_path / "objects")


def test_what_is_put_is_there(blobs: Blobs, tmp_path: Path) -> None:
    key = sealed_key("ab" * 32)
    blobs.put(key, b"sealed")
    assert blobs.get(key) == b"sealed"
    assert (tmp_path / "objects" / "sealed" / "ab" / "ab" / ("ab" * 32)).read_bytes() == b"sealed"
    blobs.delete(key)
    blobs.delete(key)
    with pytest.raises(FileNotFoundError):
        blobs.get(key)


def test_part_keys_never_meet() -> None:
    assert new_part_key("r", 0) != new_part_key("r", 0)
    assert new_part_key("r", 5).startswith("parts/r/000000000005-")


def test_old_objects_are_listed(blobs: Blobs) -> None:
    key = new_part_key("r", 0)
    blobs.put(key, b"x")
    blobs.put("sealed/x", b"x")
    now = datetime.now(UTC)
    assert blobs.older_than(PARTS, now + timedelta(minutes=1)) == [key]
    assert blobs.older_than(PARTS, now - timedelta(minutes=1)) == []


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


def test_each_name_on_the_way_is_waited_for_once_and_again_when_it_was_taken_away(
    blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = list[str]()
    monkeypatch.setattr(module, "sync_folder", lambda place: synced.append(place.relative_to(tmp_path).as_posix()))
    blobs.put("sealed/ab/cd/x", b"x")
    assert synced == ["objects", "objects/sealed", "objects/sealed/ab", "objects/sealed/ab/cd"]
    synced.clear()
    blobs.put("sealed/ab/cd/y", b"y")
    blobs.put("sealed/ab/ef/z", b"z")
    assert synced == ["objects/sealed/ab/cd", "objects/sealed/ab", "objects/sealed/ab/ef"]
    synced.clear()
    shutil.rmtree(tmp_path / "objects" / "sealed" / "ab")
    blobs.put("sealed/ab/cd/x", b"x")
    assert synced == ["objects/sealed", "objects/sealed/ab", "objects/sealed/ab/cd"]
    synced.clear()
    Blobs.in_folder(tmp_path / "objects").put("sealed/ab/cd/v", b"v")  # another process knows nothing of it
    assert set(synced) >= {"objects", "objects/sealed", "objects/sealed/ab", "objects/sealed/ab/cd"}


@pytest.mark.skipif(sys.platform == "win32", reason="no object grows there")
def test_the_way_to_a_new_name_is_on_the_disk_before_a_grown_object_takes_it(
    blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, part = hashlib.sha256(b"sealed").hexdigest(), new_part_key("r", 0)
    with blobs.growing(part, is_new=True) as grown:
        grown.write(0, b"sealed")
    key, objects, synced = sealed_key(digest), tmp_path / "objects", []
    monkeypatch.setattr(module, "sync_folder", lambda place: synced.append((place, (objects / part).exists())))
    blobs.adopt(part, key, Content(6, digest))
    *way, last = synced
    assert way == [(place, True) for place in reversed((objects / key).parents[1:4])]
    assert last == ((objects / key).parent, False)
    assert blobs.get(key) == b"sealed"
