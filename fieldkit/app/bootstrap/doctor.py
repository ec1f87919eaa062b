"""What a kit needs of its laptop, looked at without changing anything."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil

from fieldkit.app.bootstrap import core_dumps
from fieldkit.app.bootstrap.battery import percent_left
from fieldkit.app.bootstrap.display import has_display
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.place import KitPlace
from fieldkit.app.bootstrap.swap import plain_swaps
from fieldkit.domain.errors import InputError
from fieldkit.domain.trusted_time import WARNED_DAYS, judge
from fieldkit.ports.devices import DeviceError, NotConnectedError

_LEAST_DISK_BYTES = 2 * 1024**3
_LEAST_MEMORY_BYTES = 2 * 1024**3
_MOST_SKEW_S = 120.0  # kits sign their requests by the minute
_WAIT_FOR_SKY_MS = 3_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `name` is a message key behind `doctor.`; what is not needed only warns."""

    name: str
    is_ok: bool
    detail: str
    is_needed: bool = True


def examine(home: Home) -> list[Finding]:
    """Return what was found, in the order of a checklist."""
    return [
        Finding("python", sys.version_info >= (3, 11), sys.version.split()[0]),
        _imports("window", "PySide6.QtWidgets"),
        _imports("store", "sqlcipher3"),
        _imports("images", "cv2"),
        _imports("cards", "smartcard.scard", is_needed=False),
        _disk(home),
        _memory(),
        _swap(),
        _core_dumps(),
        _writable(home),
        Finding("enrolled", home.is_enrolled, home.read_public().dinas, is_needed=False),
        _trust(home),
        _battery(),
        _clock(home),
        _trusted_time(home),
        _certificates(home),
        _position(home),
        Finding("display", has_display(), os.environ.get("DISPLAY", ""), is_needed=False),
    ]


def _imports(name: str, module: str, *, is_needed: bool = True) -> Finding:
    try:
        importlib.import_module(module)
    except ImportError as error:
        return Finding(name, is_ok=False, detail=str(error), is_needed=is_needed)
    return Finding(name, is_ok=True, detail=module, is_needed=is_needed)


def _disk(home: Home) -> Finding:
    free = shutil.disk_usage(_existing(home.path)).free
    return Finding("disk", free >= _LEAST_DISK_BYTES, f"{free / 1024**3:.1f} GB")


def _memory() -> Finding:
    total = psutil.virtual_memory().total
    return Finding("memory", total >= _LEAST_MEMORY_BYTES, f"{total / 1024**3:.1f} GB", is_needed=False)


def _swap() -> Finding:
    plain = plain_swaps()
    return Finding("swap", not plain, ", ".join(plain), is_needed=False)


def _core_dumps() -> Finding:
    is_off, detail = core_dumps.are_off()
    return Finding("core_dumps", is_off, detail, is_needed=False)


def _writable(home: Home) -> Finding:
    place = _existing(home.path)
    return Finding("home", place.is_dir() and os.access(place, os.W_OK), str(home.path))


def _trust(home: Home) -> Finding:
    count = len(list(home.trust.glob("*.pem"))) if home.trust.is_dir() else 0
    return Finding("trust", count > 0, str(count), is_needed=False)


def _battery() -> Finding:
    percent = percent_left()
    return Finding("battery", percent is None or percent >= 20, "" if percent is None else f"{percent} %", False)


def _clock(home: Home) -> Finding:
    skew_s = home.read_public().clock_skew_s
    if not isinstance(skew_s, int | float):
        return Finding("clock", is_ok=True, detail="", is_needed=False)
    return Finding("clock", abs(skew_s) <= _MOST_SKEW_S, f"{-skew_s:+.1f} s", is_needed=False)


def _trusted_time(home: Home) -> Finding:
    facts, kit = home.read_public(), home.clock()
    if facts.trusted is None:
        return Finding("trusted_time", is_ok=True, detail="", is_needed=False)
    verdict = judge(kit.now(), facts.trusted, kit.running())
    detail = f"{kit.local(facts.trusted.at):%d-%m-%Y %H.%M} ({facts.trusted.source.value})"
    return Finding("trusted_time", verdict.is_fine, detail, is_needed=False)


def _certificates(home: Home) -> Finding:
    ends = home.read_public().certificates
    if not ends:
        return Finding("certificates", is_ok=True, detail="", is_needed=False)
    who, end = min(ends.items(), key=lambda one: one[1])
    left = end - home.clock().now()
    return Finding("certificates", left > timedelta(days=WARNED_DAYS), f"{who}: {end:%d-%m-%Y}", is_needed=False)


def _position(home: Home) -> Finding:
    from drivers.transport import NeverCancelled

    try:
        fix = KitPlace(home).fix(NeverCancelled(), _WAIT_FOR_SKY_MS)
    except NotConnectedError:
        return Finding("position", is_ok=True, detail="", is_needed=False)  # a kit need not have a receiver
    except (DeviceError, InputError) as error:
        return Finding("position", is_ok=False, detail=error.code, is_needed=False)
    around = "" if fix.accuracy_m is None else f" ± {fix.accuracy_m:.0f} m"
    return Finding("position", is_ok=True, detail=f"{fix.latitude:.5f}, {fix.longitude:.5f}{around}", is_needed=False)


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.exists())
