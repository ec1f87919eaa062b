"""Where memory goes when it is full: a plain swap keeps on the disk what a stolen laptop must not tell."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_ENCRYPTED = "CRYPT-"  # how the kernel begins the name of a dm-crypt mapping


def plain_swaps(proc: Path = Path("/proc"), sys: Path = Path("/sys")) -> tuple[str, ...]:
    """Return the swaps that lie on no encrypted disk; () where the system tells of none (Linux only)."""
    try:
        lines = (proc / "swaps").read_text("utf-8").splitlines()[1:]
    except OSError:
        return ()
    names = [line.split()[0] for line in lines if line.strip()]
    return tuple(name for name in names if not _is_safe(name, sys))


def _is_safe(name: str, sys: Path) -> bool:
    if Path(name).name.startswith("zram"):  # compressed memory, no disk
        return True
    try:
        found = Path(name).stat()
    except OSError:
        return False
    device = found.st_rdev if stat.S_ISBLK(found.st_mode) else found.st_dev
    return _is_encrypted(sys / "dev" / "block" / f"{os.major(device)}:{os.minor(device)}")


def _is_encrypted(block: Path) -> bool:
    """Return whether a block device is a dm-crypt mapping, or lies on nothing else."""
    try:
        if (block / "dm" / "uuid").read_text("ascii").startswith(_ENCRYPTED):
            return True
        below = list((block / "slaves").iterdir())
    except OSError:
        return False
    return bool(below) and all(map(_is_encrypted, below))
