"""A swap is safe in memory, on dm-crypt, or on what lies on dm-crypt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fieldkit.app.bootstrap import hardening
from fieldkit.app.bootstrap.hardening import plain_swaps

HEAD = "Filename\tType\tSize\tUsed\tPriority\n"


@pytest.fixture
def swap_file(tmp_path: Path) -> Path:
    path = tmp_path / "swapfile"
    path.touch()
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "swaps").write_text(f"{HEAD}{path} file 1 0 -2\n/dev/zram0 partition 1 0 100\n")
    return path


def block_of(path: Path, sys: Path) -> Path:
    device = path.stat().st_dev
    block = sys / "dev" / "block" / f"{os.major(device)}:{os.minor(device)}"
    (block / "dm").mkdir(parents=True)
    (block / "slaves").mkdir()
    return block


def test_a_file_on_a_plain_disk_is_named_and_memory_is_not(tmp_path: Path, swap_file: Path) -> None:
    assert plain_swaps(tmp_path / "proc", tmp_path / "sys") == (str(swap_file),)


def test_an_encrypted_disk_is_safe(tmp_path: Path, swap_file: Path) -> None:
    (block_of(swap_file, tmp_path / "sys") / "dm" / "uuid").write_text("CRYPT-LUKS2-abc-swap")
    assert plain_swaps(tmp_path / "proc", tmp_path / "sys") == ()


@pytest.mark.parametrize(("below", "is_safe"), [("CRYPT-LUKS2-x", True), ("LVM-y", False)])
def test_a_volume_is_as_safe_as_what_it_lies_on(tmp_path: Path, swap_file: Path, below: str, is_safe: bool) -> None:
    block = block_of(swap_file, tmp_path / "sys")
    (block / "dm" / "uuid").write_text("LVM-z")
    (block / "slaves" / "dm-0" / "dm").mkdir(parents=True)
    (block / "slaves" / "dm-0" / "dm" / "uuid").write_text(below)
    assert (plain_swaps(tmp_path / "proc", tmp_path / "sys") == ()) is is_safe


def test_a_swap_that_cannot_be_looked_at_is_named(tmp_path: Path, swap_file: Path) -> None:
    swap_file.unlink()
    assert plain_swaps(tmp_path / "proc", tmp_path / "sys") == (str(swap_file),)


def test_without_a_word_from_the_system_nothing_is_claimed(tmp_path: Path) -> None:
    assert plain_swaps(tmp_path, tmp_path) is None


@pytest.mark.parametrize(
    ("files", "encrypted", "found"),
    [(["C:\\pagefile.sys 0 0"], None, None), (["C:\\pagefile.sys 0 0"], 1, ()), ([], None, ()), (None, None, None)],
)
def test_windows_tells_of_its_page_file(
    monkeypatch: pytest.MonkeyPatch, files: list[str] | None, encrypted: int | None, found: tuple[str, ...] | None
) -> None:
    registry = {"PagingFiles": files, "NtfsEncryptPagingFile": encrypted}
    monkeypatch.setattr(hardening, "_registered", lambda _key, name: registry[name])
    monkeypatch.setattr(hardening.platform, "system", lambda: "Windows")
    assert plain_swaps() == found
