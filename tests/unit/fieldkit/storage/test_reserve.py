from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.durable import DiskLog

from fieldkit.domain.errors import VaultError
from fieldkit.storage.reserve import RESERVE_BYTES, SMALL_BYTES, Reserve, with_room


def free(monkeypatch: pytest.MonkeyPatch, size_bytes: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=size_bytes))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that keeps its reserve."""
    (tmp_path / "sealed").mkdir()
    assert Reserve(tmp_path / "kit.reserve").keep()
    return tmp_path


def test_room_is_kept_given_up_once_and_kept_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reserve, disk = Reserve(tmp_path / "kit.reserve"), DiskLog(monkeypatch)
    assert not reserve.give_up()
    assert not reserve.is_given_up, "a home that never had one gave nothing"
    for _ in range(2):
        assert reserve.keep()
        assert reserve.keep()
        assert disk.has_bytes(tmp_path / "kit.reserve")
        assert (tmp_path / "kit.reserve").stat().st_blocks * 512 >= RESERVE_BYTES
        assert not reserve.is_given_up
        assert reserve.give_up()
        assert (reserve.is_given_up, reserve.give_up()) == (True, False)
        assert (tmp_path / "kit.reserve").stat().st_blocks == 0
    assert [path.name for path in tmp_path.iterdir()] == ["kit.reserve"]


def test_a_folder_that_takes_nothing_keeps_nobody_out(tmp_path: Path) -> None:
    assert not Reserve(tmp_path / "missing" / "kit.reserve").keep()


@pytest.mark.parametrize(("room", "is_kept"), [(4 * RESERVE_BYTES - 1, False), (4 * RESERVE_BYTES, True)])
def test_a_disk_with_little_room_gives_no_first_reserve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, is_kept: bool
) -> None:
    free(monkeypatch, room)
    assert Reserve(tmp_path / "kit.reserve").keep() is is_kept
    assert Reserve(tmp_path / "kit.reserve").give_up() is is_kept


def test_what_is_left_of_a_reserve_is_held_before_others_take_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reserve = Reserve(home / "kit.reserve")
    reserve.give_up()
    free(monkeypatch, RESERVE_BYTES // 2 + SMALL_BYTES)
    assert not reserve.keep()
    assert ((home / "kit.reserve").stat().st_size, reserve.is_given_up) == (RESERVE_BYTES // 2, True)
    free(monkeypatch, 100 * RESERVE_BYTES)
    assert reserve.keep()
    assert ((home / "kit.reserve").stat().st_size, reserve.is_given_up) == (RESERVE_BYTES, False)


def test_a_disk_that_was_full_meanwhile_keeps_what_it_has(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reserve = Reserve(home / "kit.reserve")
    reserve.give_up()
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", full_disk)
        reserve.keep()
    assert reserve.give_up()


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


class Writing:
    """Writes as soon as the reserve is empty."""

    def __init__(self, reserve: Path, error: Callable[[], Exception]) -> None:
        self._reserve, self._error, self.tries = reserve, error, 0

    def __call__(self) -> str:
        self.tries += 1
        if self._reserve.exists() and self._reserve.stat().st_size:
            raise self._error()
        return "written"


def unwritable() -> Exception:
    error = VaultError("vault.slots_unwritable")
    error.__cause__ = OSError(errno.EDQUOT, "")
    return error


@pytest.mark.parametrize("error", [lambda: OSError(errno.ENOSPC, ""), lambda: OSError(errno.EDQUOT, ""), unwritable])
@pytest.mark.parametrize("name", ["public.json", "sealed/r.age", "sop/a/b.yaml"])
def test_whatever_lies_in_a_home_is_written_with_the_reserve(
    home: Path, error: Callable[[], Exception], name: str
) -> None:
    write = Writing(home / "kit.reserve", error)
    assert (with_room(home / name, write), write.tries) == ("written", 2)
    assert Reserve(home / "kit.reserve").is_given_up
    with pytest.raises(OSError, match=r"28"):
        with_room(home / name, full_disk)


def test_other_troubles_and_large_files_leave_it_where_it_is(home: Path) -> None:
    reserve = Reserve(home / "kit.reserve")
    for error, size in ((lambda: OSError(errno.EIO, ""), 0), (lambda: OSError(errno.ENOSPC, ""), SMALL_BYTES + 1)):
        with pytest.raises(OSError, match=r"Errno"):
            with_room(home / "public.json", Writing(home / "kit.reserve", error), size)
    with pytest.raises(VaultError):
        with_room(home / "public.json", Writing(home / "kit.reserve", lambda: VaultError("vault.slots_damaged")))
    assert not reserve.is_given_up


def test_a_full_stick_takes_nothing_of_it(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    stick = tmp_path_factory.mktemp("stick")
    with pytest.raises(OSError, match=r"28"):
        with_room(stick / "kit.db", full_disk)
    assert not Reserve(home / "kit.reserve").is_given_up


def test_what_is_large_needs_its_room_twice(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reserve, large = Reserve(home / "kit.reserve"), SMALL_BYTES + 1
    for room, is_lent in ((2 * large - 1, False), (2 * large, True)):
        free(monkeypatch, room)
        assert (reserve.lends(large), reserve.lends(SMALL_BYTES)) == (is_lent, True)


def test_until_the_room_is_back_only_what_is_small_is_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Reserve(home / "kit.reserve").give_up()
    free(monkeypatch, 2 * SMALL_BYTES)
    assert with_room(home / "sealed" / "r.manifest", lambda: "written", SMALL_BYTES) == "written"
    with pytest.raises(OSError, match=r"28"):
        with_room(home / "sealed" / "r.age", lambda: "written", SMALL_BYTES + 1)
    free(monkeypatch, 100 * RESERVE_BYTES)
    assert with_room(home / "sealed" / "r.age", lambda: "written", SMALL_BYTES + 1) == "written"
    assert not Reserve(home / "kit.reserve").is_given_up
