"""What a kit needs of its laptop, looked at without changing anything. Each fault has a code and a remedy."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from fieldkit.app.bootstrap import core_dumps
from fieldkit.app.bootstrap.battery import percent_left
from fieldkit.app.bootstrap.display import has_display
from fieldkit.app.bootstrap.doctor_devices import examine_devices
from fieldkit.app.bootstrap.doctor_kit import examine_kit
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.swap import plain_swaps
from fieldkit.domain.errors import InputError, Problem
from fieldkit.ports.devices import DeviceStatus
from fieldkit.ports.laptop_check import Finding
from fieldkit.storage.folders import is_private

_LEAST_DISK_BYTES = 2 * 1024**3
_LEAST_MEMORY_BYTES = 2 * 1024**3
_LEAST_BATTERY_PERCENT = 20


def examine(home: Home, seen: Sequence[DeviceStatus] | None = None) -> list[Finding]:
    """Return what was found, in the order of a checklist; `seen` are devices that a scan just saw."""
    return [*_of_program(), *_of_laptop(home), *examine_kit(home), *examine_devices(home, seen)]


def _of_program() -> Iterator[Finding]:
    version = sys.version.split()[0]
    yield Finding("python", _unless(sys.version_info >= (3, 11), "doctor.old_python", found=version), version)
    yield _imports("window", "PySide6.QtWidgets")
    yield _imports("store", "sqlcipher3")
    yield (images := _imports("images", "cv2"))
    if images.problem is None:
        yield _face_models()
    yield _imports("cards", "smartcard.scard", is_needed=False)
    yield _imports("nfiq2", "nbis", is_needed=False)


def _of_laptop(home: Home) -> Iterator[Finding]:
    place = _existing(home.path)
    free, memory = shutil.disk_usage(place).free, psutil.virtual_memory().total
    yield Finding("disk", _unless(free >= _LEAST_DISK_BYTES, "doctor.disk_low", free=_gb(free)), _gb(free))
    is_enough = memory >= _LEAST_MEMORY_BYTES
    yield Finding("memory", _unless(is_enough, "doctor.memory_low", found=_gb(memory)), _gb(memory), is_needed=False)
    swaps = ", ".join(plain_swaps())
    yield Finding("swap", _unless(not swaps, "doctor.swap_plain", swap=swaps), swaps, is_needed=False)
    is_off, detail = core_dumps.are_off()
    yield Finding("core_dumps", _unless(is_off, "doctor.core_dumps_on"), detail, is_needed=False)
    may_write = place.is_dir() and os.access(place, os.W_OK)
    yield Finding("home", _unless(may_write, "doctor.home_closed", home=str(home.path)), str(home.path))
    if may_write and place == home.path and not is_private(place):
        yield Finding("home", Problem("doctor.home_open", {"home": str(place)}), str(place), is_needed=False)
    percent = percent_left()
    is_charged = percent is None or percent >= _LEAST_BATTERY_PERCENT
    low = _unless(is_charged, "doctor.battery_low", percent=percent or 0)
    yield Finding("battery", low, "" if percent is None else f"{percent} %", is_needed=False)
    yield Finding(
        "display", _unless(has_display(), "doctor.no_display"), os.environ.get("DISPLAY", ""), is_needed=False
    )


def _imports(name: str, module: str, *, is_needed: bool = True) -> Finding:
    try:
        importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        return Finding(name, Problem("doctor.part_broken", {"part": package}), str(error), is_needed)
    return Finding(name, None, module, is_needed)


def _face_models() -> Finding:
    from fieldkit.quality.face_networks import DIGESTS, check_models

    try:
        check_models()
    except InputError as damage:
        return Finding("faces", damage.problem)
    return Finding("faces", None, ", ".join(DIGESTS))


def _unless(is_fine: bool, code: str, **params: str | int) -> Problem | None:
    return None if is_fine else Problem(code, params)


def _gb(count: int) -> str:
    return f"{count / 1024**3:.1f} GB"


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.exists())
