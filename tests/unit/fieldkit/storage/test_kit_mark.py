from __future__ import annotations

import errno
from pathlib import Path

import pytest
from support.durable import DiskLog

from fieldkit.domain.events import ChainHead
from fieldkit.storage.kit_mark import KitMark


def test_a_mark_comes_back_and_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark, disk = KitMark(tmp_path / "kit.mark"), DiskLog(monkeypatch)
    assert mark.read() is None
    for sequence in (1, 2):
        mark.write(ChainHead("chain", sequence, "digest"))
        assert mark.read() == ChainHead("chain", sequence, "digest")
        mark.settle()
        assert (disk.has_bytes(tmp_path / "kit.mark"), disk.has_name(tmp_path / "kit.mark")) == (True, True)
    assert [path.name for path in tmp_path.iterdir()] == ["kit.mark"]


def test_a_full_disk_leaves_the_mark_of_before_and_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = KitMark(tmp_path / "kit.mark")
    mark.write(ChainHead("chain", 1, "digest"))

    write_text = Path.write_text

    def full(path: Path, text: str, encoding: str) -> None:
        write_text(path, text[:5], encoding)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        mark.write(ChainHead("chain", 2, "digest"))
    assert mark.read() == ChainHead("chain", 1, "digest")
    assert [path.name for path in tmp_path.iterdir()] == ["kit.mark"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"chain": "c", "sequence": "x", "digest": ""}', b"\xff"])
def test_a_damaged_mark_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kit.mark").write_bytes(content)
    assert KitMark(tmp_path / "kit.mark").read() is None
