"""One process per home."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from support.durable import DiskLog

from fieldkit.domain.errors import StoreError
from fieldkit.domain.events import ChainHead
from fieldkit.storage.home_lock import HomeLock, KitMark, is_private, make_folders, make_private, sync_folder

HOLDER = """
import sys
from pathlib import Path
from fieldkit.storage.home_lock import HomeLock
lock = HomeLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_second_process_is_told_and_a_killed_one_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError) as caught:
            HomeLock(path)
        assert caught.value.code == "store.in_use"
        holder.kill()
    HomeLock(path).release()


def test_same_process_is_told_too_until_it_lets_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    closed: list[int] = []
    honest_open, honest_close = os.open, os.close

    def note_open(*given: object) -> int:
        opened.append(honest_open(*given))  # type: ignore[arg-type]
        return opened[-1]

    def note_close(descriptor: int) -> None:
        closed.append(descriptor)
        honest_close(descriptor)

    monkeypatch.setattr(os, "open", note_open)
    monkeypatch.setattr(os, "close", note_close)
    first = HomeLock(tmp_path / ".lock")
    with pytest.raises(StoreError):
        HomeLock(tmp_path / ".lock")
    assert closed == opened[1:]  # who was told holds nothing
    first.release()
    first.release()
    assert closed == opened[::-1]
    HomeLock(tmp_path / ".lock").release()


def test_folders_are_made_for_nobody_else_and_their_names_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, made = DiskLog(monkeypatch), tmp_path / "a" / "b"
    for _ in range(2):  # one that is there stays
        make_folders(made)
    for each in (made, made.parent):
        assert (each.is_dir(), each.stat().st_mode & 0o077, disk.has_name(each)) == (True, 0, True)
    assert not disk.has_name(tmp_path)  # it was there


def test_file_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(NotADirectoryError):
        sync_folder(path)


def test_windows_needs_no_sync_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = DiskLog(monkeypatch)
    (tmp_path / "file").touch()
    monkeypatch.setattr(sys, "platform", "win32")
    sync_folder(tmp_path)
    assert disk.syncs == 0


@pytest.mark.parametrize(("mode", "left"), [(0o755, 0o700), (0o711, 0o700), (0o500, 0o500), (0o1777, 0o1777)])
def test_a_folder_that_was_there_is_closed_unless_it_is_everybodys(tmp_path: Path, mode: int, left: int) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(mode)
    make_private(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == left
    assert is_private(folder) is not bool(left & 0o077)


def test_a_new_folder_is_private(tmp_path: Path) -> None:
    make_private(tmp_path / "a" / "b")
    assert is_private(tmp_path / "a")
    assert is_private(tmp_path / "a" / "b")


def test_a_folder_of_another_owner_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    make_private(tmp_path)
    assert not is_private(tmp_path)


def test_a_disk_without_permissions_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: Path, _mode: int) -> None:
        raise PermissionError

    tmp_path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", refuse)
    make_private(tmp_path)
    assert not is_private(tmp_path)
    monkeypatch.setattr(sys, "platform", "win32")
    assert is_private(tmp_path) is None


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
