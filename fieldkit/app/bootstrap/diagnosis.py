"""The diagnostics file: what who helps from afar must know of a laptop, in one zip without persons and secrets."""

from __future__ import annotations

import json
import platform
import re
import sys
import tomllib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import distributions
from io import BytesIO
from pathlib import Path
from typing import Any

from fieldkit import VERSION
from fieldkit.app.bootstrap.clock import log_files
from fieldkit.app.bootstrap.devices import NAME as DEVICE_FILE
from fieldkit.app.bootstrap.doctor import examine, look_around
from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.errors import InputError, KnownError
from fieldkit.domain.typed import path_of
from fieldkit.media.carried_files import make_folder, write_file
from fieldkit.media.place import Place
from fieldkit.ports.clock import Clock
from fieldkit.ports.devices import DeviceStatus
from fieldkit.ports.laptop import Finding
from fieldkit.storage.migrate import SHIPPED

# `http://user:password@host`, and the password of a module behind `#`: of an address only where it leads is kept.
_SECRET = re.compile(r"(?<=//)[^/@\s\"']+@|#[^\"',\]\s]*|[?&][^\"'\s]*")
_KNOWN = frozenset(
    {"kit.db", "kit.db-wal", "kit.db-shm", "kit.lock", "kit.mark", "kit.damaged", "keyslots.json", "keyslots.copy.json"}
    | {"escrow.age", "escrow.copy.age", "enrolment.sealed", "public.json", "window.ini", "policy.yaml", "devices.toml"}
    | {"sealed", "sessions", "copies", "trust", "sop", "log", "restoring"}
)


class DoctorOfHome:
    """Implements `LaptopCheck` for the home of a kit.

    `seen` tells the devices of a registry that watches them, None where nobody does; `queue` counts the records by
    state where the store is open.
    """

    def __init__(
        self,
        home: Home,
        clock: Clock,
        seen: Callable[[], Sequence[DeviceStatus]] | None = None,
        queue: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._home, self._clock, self._seen, self._queue = home, clock, seen, queue

    def examine(self) -> Sequence[Finding]:
        """Look, and change nothing."""
        return examine(self._home, self._seen() if self._seen else None)

    def diagnose(self, place: str) -> Path:
        """Write the file."""
        if not place.strip():
            raise InputError("diagnosis.where").at("place")
        where, now = path_of(place), self._clock.local(self._clock.now())
        file = where if where.suffix == ".zip" else where / f"diagnosa-{now:%Y%m%d-%H%M}.zip"
        home, text = self._home, json.dumps(self._told(now), ensure_ascii=False, indent=1, sort_keys=True)
        content = BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("diagnosis.json", _without_home(text, home))
            for log in log_files(home.path):
                made.writestr(f"log/{log.name}", _without_home(log.read_text("utf-8", errors="replace"), home))
        target = Place.of_file(file)
        make_folder(target.parent)
        write_file(target, content.getvalue())
        return file

    def _told(self, now: datetime) -> dict[str, Any]:
        home = self._home
        try:
            devices, fault = self._seen() if self._seen else look_around(home), ""
        except KnownError as error:
            devices, fault = (), error.code
        return {
            "made_at": now.isoformat(timespec="seconds"),
            "program": {"version": VERSION, "store": SHIPPED.head, "python": sys.version.split()[0]},
            "laptop": {"system": platform.system(), "release": platform.release(), "machine": platform.machine()},
            "packages": {str(each.metadata["Name"]): each.version for each in distributions()},
            "findings": [_finding(each) for each in examine(home, None if fault else devices)],
            "devices": [_device(each) for each in devices],
            "device_fault": fault,
            "queue": dict(self._queue()),
            "home": _counts(home),
            "devices_file": _addresses_in(home.path / DEVICE_FILE),
        }


def _finding(found: Finding) -> dict[str, Any]:
    problem = found.problem
    return {
        "name": found.name,
        "ok": found.is_ok,
        "checked": found.is_checked,
        "needed": found.is_needed,
        "code": problem.code if problem else "",
        "detail": "" if found.is_private else _SECRET.sub("", found.detail),
    }


def _device(status: DeviceStatus) -> dict[str, Any]:
    who = status.identity
    return {
        "driver": status.driver,
        "kind": status.kind.value,
        "state": status.state.value,
        "code": status.detail,
        "address": _SECRET.sub("", status.address),
        "model": f"{who.vendor} {who.model} {who.firmware}".strip() if who else "",
        "simulated": status.is_simulated,
    }


def _counts(home: Home) -> dict[str, Any]:
    """Count files and bytes by what they are; names that are not the program's own could say anything."""
    found: dict[str, list[int]] = {}
    for path in home.path.rglob("*"):
        if path.is_file() and not path.is_symlink():
            top = path.relative_to(home.path).parts[0]
            name = top if top in _KNOWN else "other"
            found.setdefault(name, [0, 0])
            found[name][0] += 1
            found[name][1] += path.stat().st_size
    return {name: {"files": files, "bytes": size} for name, (files, size) in found.items()}


def _addresses_in(file: Path) -> dict[str, Any]:
    """Return the addresses of `devices.toml` without what only opens them; comments and unknown keys are left out."""
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return {} if isinstance(error, OSError) else {"unreadable": True}
    return {
        name: {
            "addresses": [_SECRET.sub("", str(each)) for each in table.get("addresses", ())],
            "search": bool(table.get("search", True)),
        }
        for name, table in tables.items()
        if isinstance(table, dict)
    }


def _without_home(text: str, home: Home) -> str:
    """Take out where the user's folders are: their names are often the person's."""
    for place, name in ((home.path, "<kit>"), (Path.home(), "<user>")):
        text = text.replace(str(place), name)
    return text
