"""One process per home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fieldkit.domain.errors import StoreError
from fieldkit.storage.home_lock import HomeLock

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
