"""A name that was in the memory of the database is not found there later."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from fieldkit.storage.freed_memory import is_overwritten

# Larger than what malloc hands back at once to the same thread without looking at it.
_LOOK = """
import ctypes, sys
from fieldkit.storage.freed_memory import is_overwritten
if sys.argv[1] == "overwrite":
    assert is_overwritten()
c = ctypes.CDLL(None)
c.malloc.restype, c.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
block, wall = c.malloc(8_000), c.malloc(8_000)
ctypes.memset(block, ord("S"), 8_000)
c.free(block)
sys.stdout.write(str(ctypes.string_at(block + 4_000, 1)))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc overwrites what is freed")
@pytest.mark.parametrize(("way", "left"), [("overwrite", "b'Z'"), ("leave", "b'S'")])
def test_freed_memory_is_overwritten(way: str, left: str) -> None:
    found = subprocess.run([sys.executable, "-c", _LOOK, way], capture_output=True, text=True, check=True)
    assert found.stdout == left


def test_other_systems_say_that_they_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    is_overwritten.cache_clear()
    monkeypatch.setattr(sys, "platform", "win32")
    assert not is_overwritten()
    is_overwritten.cache_clear()
