"""What a kit needs of its laptop, looked at without changing anything. Each fault has a code and a remedy."""

from __future__ import annotations

import importlib
import os
import shutil
import socket
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from fieldkit.app.bootstrap import core_dumps
from fieldkit.app.bootstrap.display import has_display
from fieldkit.app.bootstrap.hardening import plain_swaps
from fieldkit.app.bootstrap.home import Home, PublicFacts
from fieldkit.app.bootstrap.laptop import percent_left
from fieldkit.app.bootstrap.place import KitPlace
from fieldkit.domain.errors import InputError, KnownError, Problem, StoreError
from fieldkit.domain.trusted_time import WARNED_DAYS, judge
from fieldkit.formats.rules import load_policy
from fieldkit.ports.devices import DeviceError, DeviceState, DeviceStatus, NotConnectedError
from fieldkit.ports.laptop import Finding
from fieldkit.storage.home_lock import is_private
from fieldkit.storage.migrate import is_shipped
from fieldkit.storage.salvage import DAMAGE_NOTE, DamageNote
from fieldkit.vault import slot_copies
from fieldkit.vault.certificates import valid_until
from fieldkit.vault.keyslots import HARD, KeySlotFile

# What is wrong with the devices of a kit: drivers, permissions, services, providers; each in its driver's words.

_FINE = (DeviceState.READY, DeviceState.BUSY)


def examine_devices(home: Home, seen: Sequence[DeviceStatus] | None = None) -> Iterator[Finding]:
    """Yield a line for each device in trouble, one line where all is well; scan unless somebody just did."""
    try:
        found = look_around(home) if seen is None else seen
    except KnownError as error:  # devices.toml, or a certificate in trust/ that cannot be read
        yield Finding("devices", error.problem, error.code, is_needed=False)
        return
    troubled = [status for status in found if status.state not in _FINE and status.detail]
    for status in troubled:
        yield Finding("devices", Problem(status.detail, status.params), _named(status), is_needed=False)
    if not troubled:
        yield Finding("devices", None, str(sum(status.state in _FINE for status in found)), is_needed=False)


def look_around(home: Home) -> Sequence[DeviceStatus]:
    """Ask every driver once what it sees. Raise `InputError`."""
    from fieldkit.app.bootstrap.devices import addresses_of, connect_devices

    connected = connect_devices(home.trust, home.clock(), addresses_of(home), is_watching=False)
    try:
        return connected.registry.scan()
    finally:
        connected.close()


def _named(status: DeviceStatus) -> str:
    who = status.identity
    return f"{who.vendor} {who.model}" if who is not None else f"{status.driver} {status.address}".strip()


# What stands in the home of a kit and may be wrong: key slots, store, certificates, clock, data center, place.

_MOST_SKEW_S = 120.0  # kits sign their requests by the minute
_WAIT_FOR_SKY_MS = 3_000
_WAIT_FOR_CENTER_S = 2.0
_PAGE_BYTES = 4096
_KIT = "kit"  # whose certificate it is, where it is nobody's


def examine_kit(home: Home) -> Iterator[Finding]:
    """Yield what was found; an empty folder is only not enrolled yet."""
    facts = home.read_public()
    yield _slots(home, facts)
    if home.is_enrolled or home.holds_data:
        yield _store(home, facts)
    yield _rules(home)
    yield _trust(home)
    yield _clock(facts)
    yield _trusted_time(home, facts)
    yield from _certificates(home, facts)
    if facts.center:
        yield _center(facts.center)
    yield _position(home)


def _slots(home: Home, facts: PublicFacts) -> Finding:
    if not home.is_enrolled:
        lost = home.holds_data
        problem = Problem("doctor.slots_lost" if lost else "doctor.not_enrolled", {"home": str(home.path)})
        return Finding("enrolled", problem, is_needed=lost)
    try:
        slot_copies.look(home.slots)
    except KnownError:
        return Finding("enrolled", Problem("doctor.slots_damaged"), facts.dinas)
    return Finding("enrolled", None, facts.dinas)


def _store(home: Home, facts: PublicFacts) -> Finding:
    """Judge the encrypted file by what can be told without its key."""
    if facts.store_version and not is_shipped(facts.store_version):
        return Finding("store_file", Problem("store.newer"), facts.store_version)
    try:
        home.demand_store()
        size = home.database.stat().st_size
    except StoreError as error:
        return Finding("store_file", error.problem)
    except OSError as error:
        return Finding("store_file", Problem("doctor.store_damaged"), type(error).__name__)
    is_whole = size > 0 and size % _PAGE_BYTES == 0 and not DamageNote(home.path / DAMAGE_NOTE).is_written
    return Finding("store_file", None if is_whole else Problem("doctor.store_damaged"), f"{size / 1024**2:.1f} MB")


def _rules(home: Home) -> Finding:
    """Look whether the rules that the dinas laid beside the kit can be read: nobody signs in when they cannot."""
    try:
        load_policy(home.policy)
    except InputError as error:
        return Finding("rules", error.problem)
    return Finding("rules", None, home.policy.name if home.policy else "")


def _trust(home: Home) -> Finding:
    count = len(list(home.trust.glob("*.pem"))) if home.trust.is_dir() else 0
    problem = None if count else Problem("doctor.no_trust", {"folder": str(home.trust)})
    return Finding("trust", problem, str(count), is_needed=False)


def _clock(facts: PublicFacts) -> Finding:
    skew_s = facts.clock_skew_s
    if not isinstance(skew_s, int | float):
        return Finding("clock", is_needed=False, is_checked=False)
    off = f"{-skew_s:+.1f} s"
    is_fine = abs(skew_s) <= _MOST_SKEW_S
    return Finding("clock", None if is_fine else Problem("doctor.clock_off", {"off": off}), off, is_needed=False)


def _trusted_time(home: Home, facts: PublicFacts) -> Finding:
    kit = home.clock()
    if facts.trusted is None:
        return Finding("trusted_time", is_needed=False, is_checked=False)
    at = f"{kit.local(facts.trusted.at):%d-%m-%Y %H.%M}"
    is_fine = judge(kit.now(), facts.trusted, kit.running()).is_fine
    problem = None if is_fine else Problem("doctor.clock_doubtful", {"at": at})
    return Finding("trusted_time", problem, at, is_needed=False)


def _certificates(home: Home, facts: PublicFacts) -> Iterator[Finding]:
    """Tell what is over, which nobody may miss any more, apart from what ends soon and renews itself."""
    now = home.clock().now()
    ends = sorted(_endings(home, facts).items(), key=lambda one: one[1])
    left = [one for one in ends if one[1] > now]
    over = [one for one in ends[: len(ends) - len(left)] if one[0] != _KIT]
    if any(who == _KIT for who, end in ends if end <= now):
        yield _certificate([one for one in ends if one[0] == _KIT], "doctor.certificate_over", is_needed=True)
    if over:
        nobody_is_left = all(who == _KIT for who, _ in left)
        yield _certificate(over, "doctor.people_over", nobody_is_left, count=len(over))
    if left and left[0][1] - now <= timedelta(days=WARNED_DAYS):
        yield _certificate(left, "doctor.certificate_ends", is_needed=False)
    elif len(left) == len(ends):
        first = _first(ends)
        yield Finding("certificates", None, first, is_needed=False, is_private=True, is_checked=bool(first))


def _certificate(ends: Sequence[tuple[str, datetime]], code: str, is_needed: bool, **params: int) -> Finding:
    problem = Problem(code, {"day": f"{ends[0][1]:%d-%m-%Y}", **params})
    return Finding("certificates", problem, _first(ends), is_needed=is_needed, is_private=True)


def _first(ends: Sequence[tuple[str, datetime]]) -> str:
    return f"{ends[0][0]}: {ends[0][1]:%d-%m-%Y}" if ends else ""


def _endings(home: Home, facts: PublicFacts) -> dict[str, datetime]:
    """Return when the certificates of the kit and of those who may sign in end, as far as the locked kit tells."""
    ends = dict(facts.certificates)
    try:
        slots = KeySlotFile(home.slots, slot_copies.look(home.slots), HARD)
        given = {user.user_id: slots.certificate(user.user_id) for user in slots.names()}
        fresh = {who: valid_until(certificate) for who, certificate in given.items() if certificate}
    except KnownError:
        return ends  # told by the slots' own finding
    return {who: end for who, end in ends.items() if who == _KIT or who in given} | fresh


def _center(url: str) -> Finding:
    """Knock at the data center: a day in the field has no network, so this only warns."""
    try:
        parts = urlsplit(url)
        socket.create_connection((parts.hostname or "", parts.port or 443), _WAIT_FOR_CENTER_S).close()
    except (OSError, ValueError):
        return Finding("center", Problem("doctor.center_away", {"url": url}), url, is_needed=False)
    return Finding("center", None, url, is_needed=False)


def _position(home: Home) -> Finding:
    from drivers.transport import NeverCancelled

    try:
        fix = KitPlace(home).fix(NeverCancelled(), _WAIT_FOR_SKY_MS)
    except NotConnectedError:
        return Finding("position", is_needed=False)  # a kit need not have a receiver
    except (DeviceError, InputError) as error:
        return Finding("position", error.problem, error.code, is_needed=False)
    around = "" if fix.accuracy_m is None else f" ± {fix.accuracy_m:.0f} m"
    where = f"{fix.latitude:.5f}, {fix.longitude:.5f}{around}"
    return Finding("position", None, where, is_needed=False, is_private=True)


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
    yield _swap()
    is_off, detail = core_dumps.are_off()
    yield Finding("core_dumps", _unless(is_off, "doctor.core_dumps_on"), detail, is_needed=False)
    may_write = place.is_dir() and os.access(place, os.W_OK)
    yield Finding("home", _unless(may_write, "doctor.home_closed", home=str(home.path)), str(home.path))
    if may_write and place == home.path:
        is_closed = is_private(place)
        is_open = _unless(is_closed is not False, "doctor.home_open", home=str(place))
        yield Finding("home_private", is_open, str(place), is_needed=False, is_checked=is_closed is not None)
    if (percent := percent_left()) is None:
        yield Finding("battery", is_needed=False, is_checked=False)
    else:
        low = _unless(percent >= _LEAST_BATTERY_PERCENT, "doctor.battery_low", percent=percent)
        yield Finding("battery", low, f"{percent} %", is_needed=False)
    screen, is_there = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY", ""), has_display()
    no_display = _unless(is_there, "doctor.no_display")
    yield Finding("display", no_display, screen, is_needed=False, is_checked=bool(screen) or not is_there)


def _swap() -> Finding:
    if (found := plain_swaps()) is None:
        return Finding("swap", is_needed=False, is_checked=False)
    swaps = ", ".join(found)
    return Finding("swap", _unless(not swaps, "doctor.swap_plain", swap=swaps), swaps, is_needed=False)


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
