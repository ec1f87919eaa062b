from __future__ import annotations

import os
from pathlib import Path

import pytest

from fieldkit.domain.errors import VaultError
from fieldkit.vault.erasing import FileEraser


@pytest.mark.parametrize("size", [0, 1, 4096, (1 << 20) + 5])
def test_the_content_is_overwritten_before_the_name_goes(tmp_path: Path, size: int) -> None:
    file = tmp_path / "sample.bin"
    file.write_bytes(b"\xa5" * size)
    with file.open("rb") as still_open:  # the inode outlives its name as long as we look at it
        FileEraser().erase(file)
        assert still_open.read() == bytes(size)
    assert not file.exists()
    assert list(tmp_path.iterdir()) == []


def test_the_disk_is_waited_for_before_and_after_the_name_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, there = tmp_path / "sample.bin", list[bytes | None]()
    file.write_bytes(b"\xa5" * 9)
    monkeypatch.setattr(os, "fsync", lambda _: there.append(file.read_bytes() if file.exists() else None))
    FileEraser().erase(file)
    assert there == [bytes(9), None]


@pytest.mark.parametrize(("first", "left"), [(None, bytes(9)), (4, bytes(4) + b"\xa5" * 5), (20, bytes(9))])
def test_the_beginning_can_be_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int | None, left: bytes
) -> None:
    file, there = tmp_path / "journal", list[bytes]()
    file.write_bytes(b"\xa5" * 9)
    monkeypatch.setattr(os, "fsync", lambda _: there.append(file.read_bytes()))
    FileEraser().overwrite(file, first)
    assert (file.read_bytes(), there) == (left, [left])
    with pytest.raises(VaultError, match=r"vault\.erase_failed"):
        FileEraser().overwrite(tmp_path / "never")


def test_a_missing_file_is_fine(tmp_path: Path) -> None:
    FileEraser().erase(tmp_path / "never")
    FileEraser().erase(tmp_path / "no folder" / "never")


def test_of_a_link_only_the_link_goes(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"keep")
    link.symlink_to(target)
    FileEraser().erase(link)
    assert target.read_bytes() == b"keep"
    assert not os.path.lexists(link)


def test_what_cannot_be_erased_is_named(tmp_path: Path) -> None:
    with pytest.raises(VaultError) as caught:
        FileEraser().erase(tmp_path)
    assert caught.value.code == "vault.erase_failed"
    assert caught.value.problem.params == {"file": tmp_path.name}
    assert tmp_path.is_dir()
