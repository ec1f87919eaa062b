from __future__ import annotations

from pathlib import Path

import pytest

from fieldkit.domain.events import ChainHead
from fieldkit.storage.kit_mark import KitMark


def test_a_mark_comes_back_and_is_replaced(tmp_path: Path) -> None:
    mark = KitMark(tmp_path / "kit.mark")
    assert mark.read() is None
    for sequence in (1, 2):
        mark.write(ChainHead("chain", sequence, "digest"))
        assert mark.read() == ChainHead("chain", sequence, "digest")
    assert [path.name for path in tmp_path.iterdir()] == ["kit.mark"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"chain": "c", "sequence": "x", "digest": ""}', b"\xff"])
def test_a_damaged_mark_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kit.mark").write_bytes(content)
    assert KitMark(tmp_path / "kit.mark").read() is None
