"""Where a figure about a disk may be measured: a flush into memory is free and says nothing."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import psutil
import pytest

_OF_MEMORY = frozenset({"tmpfs", "ramfs", "devtmpfs"})


def file_system_of(folder: Path) -> tuple[str, str]:
    """Return the kind of the file system that a folder stands on, and the device."""
    place = folder.resolve()
    mounts = {Path(each.mountpoint): each for each in psutil.disk_partitions(all=True)}
    nearest = next(mounts[each] for each in (place, *place.parents) if each in mounts)
    return nearest.fstype, nearest.device


def is_in_memory(folder: Path) -> bool:
    return file_system_of(folder)[0] in _OF_MEMORY


def folder_on_disk(tmp_path: Path) -> Path:
    """Return a new folder on a disk: FIELDKIT_BENCH_DISK, else where tests stand, else /var/tmp, which no memory is."""
    named = os.environ.get("FIELDKIT_BENCH_DISK")
    places = [Path(named)] if named else [tmp_path, Path("/var/tmp")]
    for place in places:
        if not is_in_memory(place):
            return Path(tempfile.mkdtemp(prefix="gateway-", dir=place))
    pytest.fail(
        f"{', '.join(map(str, places))}: in memory, where a flush costs nothing; FIELDKIT_BENCH_DISK names a disk"
    )
