"""A name that was in the memory of the database is not found there later."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from fieldkit.storage.freed_memory import give_back, is_overwritten

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


@pytest.mark.parametrize(
    ("system", "switch", "answer", "is_asked", "is_done"),
    [
        ("linux", None, 1, True, True),
        ("linux", "0", 1, True, True),
        ("linux", "0", 0, True, False),
        ("linux", "0", None, False, False),  # musl
        ("linux", "165", 1, False, True),
        ("win32", "0", 1, False, False),
        ("darwin", "165", 1, False, False),
    ],
)
def test_only_glibc_without_a_switch_of_its_own_is_asked(
    monkeypatch: pytest.MonkeyPatch, system: str, switch: str | None, answer: int | None, is_asked: bool, is_done: bool
) -> None:
    asked: list[tuple[int, int]] = []

    def mallopt(*given: int) -> int | None:
        asked.append(given)  # type: ignore[arg-type]
        return answer

    names: dict[str, Callable[..., object]] = {} if answer is None else {"mallopt": mallopt}
    is_overwritten.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", system)
        patch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace(**names))
        patch.delenv("MALLOC_PERTURB_", raising=False)
        if switch is not None:
            patch.setenv("MALLOC_PERTURB_", switch)
        assert is_overwritten() is is_done
    is_overwritten.cache_clear()
    assert asked == [(-6, 0x5A)] * is_asked


_KEEP_ONE_OF_MANY = """
import ctypes, os
from fieldkit.storage.freed_memory import give_back
c = ctypes.CDLL(None)
c.malloc.restype, c.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
pages = lambda: int(open("/proc/self/statm").read().split()[1])
blocks = [c.malloc(60_000) for _ in range(1_000)]
for block in blocks:
    ctypes.memset(block, 1, 60_000)
for block in blocks[:-1]:
    c.free(block)
held = pages()
give_back()
print((held - pages()) * os.sysconf("SC_PAGE_SIZE") // 1_000_000)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc holds what is freed")
def test_what_lies_free_below_something_kept_goes_back_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", _KEEP_ONE_OF_MANY], capture_output=True, text=True, check=True)
    assert int(done.stdout) >= 50


@pytest.mark.parametrize("system", ["linux", "win32"])
def test_where_the_library_cannot_nothing_is_asked(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace())
    give_back()
