"""Where memory goes when it is full: a plain swap keeps on the disk what a stolen laptop must not tell."""

from __future__ import annotations

import os
import platform
import stat
from pathlib import Path

_ENCRYPTED = "CRYPT-"  # how the kernel begins the name of a dm-crypt mapping


def plain_swaps(proc: Path = Path("/proc"), sys: Path = Path("/sys")) -> tuple[str, ...] | None:
    """Return the swaps that lie on no encrypted disk, None where the system does not tell.

    Windows tells whether there is a page file and whether NTFS encrypts it; BitLocker it tells to administrators only.
    """
    if platform.system() == "Windows":
        return () if _is_page_file_safe() else None
    try:
        lines = (proc / "swaps").read_text("utf-8").splitlines()[1:]
    except OSError:
        return None
    names = [line.split()[0] for line in lines if line.strip()]
    return tuple(name for name in names if not _is_safe(name, sys))


def _is_page_file_safe() -> bool:
    memory = _registered(r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management", "PagingFiles")
    return memory == [] or _registered(r"SYSTEM\CurrentControlSet\Control\FileSystem", "NtfsEncryptPagingFile") == 1


def _registered(key: str, name: str) -> object:
    """Return a value that Windows keeps for the whole laptop, None where there is none."""
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as opened:  # type: ignore[attr-defined]
            return winreg.QueryValueEx(opened, name)[0]  # type: ignore[attr-defined]
    except OSError:
        return None


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
