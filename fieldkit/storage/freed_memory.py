"""What the process frees is overwritten, by the C library itself where it can, and given back after each recording."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache

_M_PERTURB = -6  # <malloc.h> of glibc: freed memory is filled with this byte, fresh memory with its complement
_FILL = 0x5A


@cache
def is_overwritten() -> bool:
    """Make glibc overwrite everything that is freed; return False where there is no glibc to do it.

    A switch in the environment (MALLOC_PERTURB_) stays as somebody has set it.
    """
    if not sys.platform.startswith("linux"):
        return False
    if os.environ.get("MALLOC_PERTURB_", "0") != "0":
        return True
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    return mallopt is not None and bool(mallopt(_M_PERTURB, _FILL))


def give_back() -> None:
    """Let the system have the pages in which nothing is kept any more: glibc alone holds them for good.

    Pictures and samples of a recording are freed on many threads, each of which has a heap of its own.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform.startswith("linux") else None
    if trim is not None:
        trim(0)
