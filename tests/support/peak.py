"""How much memory an act takes at its height, with what C libraries take."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.errors import InputError

MOST_MB = 150  # that a reader may take for a file which it refuses
_RESET_PEAK = "5"


def peak_mb(act: Callable[[], object]) -> float:
    """Return the megabytes that this process took at the height of an act beyond those before it."""
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("only Linux tells the peak of a process")
    gc.collect()
    Path("/proc/self/clear_refs").write_text(_RESET_PEAK)
    before = _told(status, "VmRSS")
    act()
    return (_told(status, "VmHWM") - before) / 1024


def refused(act: Callable[[], object], code: str) -> None:
    """Let an act be refused by this code, which has its sentence in both languages."""
    with pytest.raises(InputError) as caught:
        act()
    assert caught.value.code == code
    for language in ("id", "en"):
        told = strict_catalogue(language).problem(caught.value.problem)
        assert all((told.what, told.safe, told.do))


def _told(status: Path, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", status.read_text(), re.MULTILINE)
    assert found
    return int(found.group(1))
