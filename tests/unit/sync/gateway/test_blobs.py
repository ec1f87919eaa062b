from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync.gateway.blobs import PARTS, Blobs, new_part_key, sealed_key


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
