from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.durable import DiskLog

from fieldkit.storage.reserve import RESERVE_BYTES, Reserve


def test_room_is_kept_given_up_once_and_kept_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reserve, disk = Reserve(tmp_path / "kit.reserve"), DiskLog(monkeypatch)
    assert not reserve.give_up()
    for _ in range(2):
        reserve.keep()
        taken = (tmp_path / "kit.reserve").stat().st_ino
        reserve.keep()
        assert ((tmp_path / "kit.reserve").stat().st_ino, disk.has_bytes(tmp_path / "kit.reserve")) == (taken, True)
        assert (tmp_path / "kit.reserve").stat().st_blocks * 512 >= RESERVE_BYTES
        assert reserve.give_up()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_nothing_keeps_nobody_out(tmp_path: Path) -> None:
    Reserve(tmp_path / "missing" / "kit.reserve").keep()


@pytest.mark.parametrize(("free", "is_kept"), [(4 * RESERVE_BYTES - 1, False), (4 * RESERVE_BYTES, True)])
def test_a_disk_with_little_room_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, is_kept: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    Reserve(tmp_path / "kit.reserve").keep()
    assert Reserve(tmp_path / "kit.reserve").give_up() is is_kept


def test_a_disk_that_was_full_meanwhile_keeps_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    Reserve(tmp_path / "kit.reserve").keep()
    assert list(tmp_path.iterdir()) == []
