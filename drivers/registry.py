"""All devices of this kit: drivers found by entry point, looked for again and again in the background."""

from __future__ import annotations

import logging
import math
import threading
import time
import traceback
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol, runtime_checkable

from drivers.context import DriverContext
from drivers.plugged import Plugged, Unheard
from drivers.plugins import Plugin, is_sound
from fieldkit.domain.errors import KnownError
from fieldkit.ports.devices import (
    Device,
    DeviceError,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    Driver,
    NotConnectedError,
)
from fieldkit.ports.repositories import Choice, choice_of

_log = logging.getLogger(__name__)
GROUP = "fieldkit.drivers"
SCAN_EVERY_S = 1.5  # a pulled cable shows within two seconds
# At rest, in such times: who hears of every change from the kernel, and who lists nothing.
REST_OF_PLUGGED, REST_OF_EMPTY = 20, 3
LIVELY = 6  # so long everybody is asked again: a node comes before its owner, a service after its device
CLOSE_WITHIN_S = 1.0
_REASON_CHARS = 120
_USABLE = (DeviceState.READY, DeviceState.BUSY)
_STEADY = (DeviceState.READY, DeviceState.ABSENT, DeviceState.SDK_MISSING)
_REFUSED = (DeviceState.NOT_READY, DeviceState.PERMISSION_DENIED, DeviceState.NOT_REGISTERED)

DriverFactory = Callable[[DriverContext], Driver]


@runtime_checkable
class PluggedDriver(Driver, Protocol):
    """A driver that says whether what it lists changes only when something is plugged in or out of this laptop."""

    is_plugged: bool


@runtime_checkable
class GlancingDriver(Driver, Protocol):
    """A driver that sees in one cheap call whether something came or went of which no plug tells, such as a service."""

    def glance(self) -> Hashable | None:
        """Return what is there, false when that is nothing; None where only a scan tells."""
        ...


@runtime_checkable
class HoldingDriver(Driver, Protocol):
    """A driver that holds something between scans, such as a program that drives the device."""

    def close(self) -> None:
        """Let go of it; idempotent."""
        ...


def load_drivers(context: DriverContext) -> list[Driver]:
    """Build the driver of each entry point of the group; each is a factory taking the context.

    Those of other packages come last and under names that nobody has.
    """
    found = sorted(entry_points(group=GROUP), key=lambda e: (not is_ours(e), e.name))
    drivers: dict[str, Driver] = {}
    for entry in found:
        if entry.name in drivers:
            taken = DeviceError("device.driver_failed", driver=entry.name, reason="reason.exists")
            drivers[f"{entry.name} ({entry.value})"] = _NotBuilt(f"{entry.name} ({entry.value})", taken)
        else:
            drivers[entry.name] = _built(entry, context) if is_ours(entry) else Plugin(entry, context, _built)
    return list(drivers.values())


def is_ours(entry: EntryPoint) -> bool:
    """Return whether a driver is of this project."""
    return str(getattr(entry, "value", "drivers.")).startswith("drivers.")


def _built(entry: EntryPoint, context: DriverContext) -> Driver:
    try:
        driver: Driver = entry.load()(context)
        if not isinstance(driver.name, str) or not callable(driver.scan):
            raise TypeError("no driver")
    except (Exception, SystemExit) as error:  # noqa: BLE001 – it may be anybody's, and the others go on without it
        return _NotBuilt(entry.name, error)
    return driver


@dataclass
class _NotBuilt:
    """Stands in for a driver that could not be built, and says why at each scan."""

    name: str
    error: BaseException

    def scan(self) -> Sequence[DeviceStatus]:
        """Say why."""
        return [_failed(self.name, self.error)]

    def connect(self, status: DeviceStatus) -> Device:
        """Say why."""
        raise DeviceError(status.detail, recovery=None, **status.params)


class DeviceRegistry:
    """Implements the `ChoosingRegistry` port; safe to use from several threads."""

    def __init__(
        self,
        drivers: Sequence[Driver],
        choices: Mapping[DeviceKind, Choice] | None = None,
        plugged: Plugged | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._drivers = {driver.name: driver for driver in drivers}
        self._choices = dict(choices or {})
        self._plugged, self._monotonic = plugged or Unheard(), monotonic
        self._lock = threading.Lock()  # over what follows; never held while a driver works
        self._scanning = threading.Lock()  # one scan at a time
        self._statuses: tuple[DeviceStatus, ...] = ()
        self._listed: dict[str, tuple[DeviceStatus, ...]] = {}  # by driver
        self._asked_at: dict[str, float] = {}
        self._glances: dict[str, Hashable] = {}  # of those that glance, as they were when they were asked
        self._stirred_at = -math.inf
        self._listeners: list[Callable[[], None]] = []
        self._devices: dict[tuple[str, str, DeviceKind, str], Device] = {}
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, every_s: float = SCAN_EVERY_S) -> None:
        """Look for devices in the background until closed, seldom where nothing can have changed."""
        if self._thread is None and not self._closing.is_set():
            self._thread = threading.Thread(target=self._watch, args=(every_s,), name="device-scan", daemon=True)
            self._thread.start()

    def listen(self, heard: Callable[[], None]) -> Callable[[], None]:
        """Call on any thread when a status changed; return what ends it."""
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard)

    def scan(self) -> Sequence[DeviceStatus]:
        """Ask every driver now; a driver that fails is one line of the list."""
        return self._ask(self._drivers.values())

    def _ask(self, drivers: Iterable[Driver]) -> Sequence[DeviceStatus]:
        """Ask some drivers now; return what all of them listed last."""
        with self._scanning:
            for driver in drivers:
                if (seen := _glance(driver)) != self._glances.get(driver.name):
                    self._glances[driver.name] = seen
                    self._stir()
                self._listed[driver.name] = _scan(driver)
                self._asked_at[driver.name] = self._monotonic()
            found = [status for name in self._drivers for status in self._listed.get(name, ())]
            with self._lock:
                statuses = tuple(sorted(found, key=lambda s: not self._is_chosen(s)))
                before, self._statuses = self._statuses, statuses
        for status in (each for each in statuses if each not in before):
            _log.info("device", extra={"code": f"{status.driver} {status.kind} {status.state} {status.detail}".strip()})
        if statuses != before:
            self._stir()
            for heard in tuple(self._listeners):
                heard()
        return statuses

    def statuses(self) -> Iterator[DeviceStatus]:
        """Yield what the last scan saw."""
        with self._lock:
            return iter(self._statuses)

    def choose(self, status: DeviceStatus) -> None:
        """Use this device for its kind from now on."""
        with self._lock:
            self._choices[status.kind] = choice_of(status)
            self._statuses = tuple(sorted(self._statuses, key=lambda s: not self._is_chosen(s)))

    def choices(self) -> Mapping[DeviceKind, Choice]:
        """Return what is chosen, to be kept."""
        with self._lock:
            return dict(self._choices)

    def restore(self, choices: Mapping[DeviceKind, Choice]) -> None:
        """Choose again what was kept."""
        with self._lock:
            self._choices |= choices
            self._statuses = tuple(sorted(self._statuses, key=lambda s: not self._is_chosen(s)))

    def device_for(self, kind: DeviceKind) -> Device:
        """Return the chosen device of a kind, else the first usable one; the same object until the registry closes."""
        status = self._pick(kind) or self._pick_after_scan(kind)
        return self.device(status)

    def device(self, status: DeviceStatus) -> Device:
        """Return the device behind a status; the same object for the same device."""
        key = (status.driver, status.address, status.kind, status.identity.serial if status.identity else "")
        self._stir()  # whoever works with it wants to see how it stands
        with self._lock:
            if key not in self._devices:
                self._devices[key] = self._drivers[status.driver].connect(status)
            return self._devices[key]

    def close(self) -> None:
        """Stop looking and close every device; idempotent. Calls running on an executor must be cancelled before."""
        self._closing.set()
        self._plugged.wake()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=CLOSE_WITHIN_S)  # a mute service may hold the last scan for seconds
        self._thread = None
        with self._lock:
            devices, self._devices = list(self._devices.values()), {}
        ends = [device.close for device in devices]
        ends += [driver.close for driver in self._drivers.values() if isinstance(driver, HoldingDriver)]
        for end in ends:
            try:
                end()
            except Exception:  # noqa: BLE001 – whatever one driver does, the others and the store are closed too
                _log.info("device not closed", exc_info=True)

    def _watch(self, every_s: float) -> None:
        drivers = tuple(self._drivers.values())
        while not self._closing.is_set():
            self._ask([driver for driver in drivers if self._due_in_s(driver, every_s) <= 0])
            due_s = [self._due_in_s(driver, every_s) for driver in drivers]
            left_s = min([*due_s, *(every_s for seen in self._glances.values() if seen is not None)], default=every_s)
            if self._plugged.wait(max(0.0, left_s)):
                self._stir()

    def _stir(self) -> None:
        self._stirred_at = self._monotonic()

    def _due_in_s(self, driver: Driver, every_s: float) -> float:
        """Return when a driver is to be asked again; below 0 it is late."""
        now, listed = self._monotonic(), self._listed.get(driver.name, ())
        is_steady = all(status.state in _STEADY for status in listed)
        rest = 1
        if self._plugged.hears and is_steady and now - self._stirred_at >= LIVELY * every_s:
            rest = 1 if listed else REST_OF_EMPTY
            if isinstance(driver, PluggedDriver) and driver.is_plugged:
                rest = REST_OF_PLUGGED
            elif (seen := _glance(driver)) is not None:
                is_same = seen == self._glances.get(driver.name)
                # Who listens may also find his device late.
                rest = 0 if not is_same else REST_OF_PLUGGED if listed or not seen else rest
        return self._asked_at.get(driver.name, -math.inf) + rest * every_s - now

    def _pick_after_scan(self, kind: DeviceKind) -> DeviceStatus:
        self.scan()
        status = self._pick(kind)
        if status is None:
            with self._lock:
                seen = [s for s in self._statuses if s.kind is kind]
            refused = next((s for s in seen if s.state in _REFUSED and s.identity and s.detail), None)
            if refused is not None:  # it is plugged in: "plug it in" would be the wrong advice
                raise NotConnectedError(refused.detail, recovery=None, **refused.params)
            raise NotConnectedError(f"device.none.{kind}", address=seen[0].address if seen else "")
        return status

    def _pick(self, kind: DeviceKind) -> DeviceStatus | None:
        with self._lock:
            usable = [s for s in self._statuses if s.kind is kind and s.state in _USABLE]
            chosen = [s for s in usable if self._is_chosen(s)]
            able = [s for s in usable if s.may_enrol]
            return next(iter(chosen or able or usable), None)

    def _is_chosen(self, status: DeviceStatus) -> bool:
        choice = self._choices.get(status.kind)
        return choice is not None and choice.is_of(status)


def _glance(driver: Driver) -> Hashable | None:
    return driver.glance() if isinstance(driver, GlancingDriver) else None


def _scan(driver: Driver) -> tuple[DeviceStatus, ...]:
    try:
        found = tuple(driver.scan())
        if not all(map(is_sound, found)):
            raise TypeError("no list of devices")
    except (Exception, SystemExit) as error:  # noqa: BLE001 – the devices of the others are there whatever one does
        return (_failed(driver.name, error),)
    return found


def _failed(driver: str, error: BaseException) -> DeviceStatus:
    """Return the line of a driver that failed: in its own words, or with the place in it for who maintains it."""
    if isinstance(error, KnownError):
        code, params = error.code, dict(error.problem.params)
    else:
        last = traceback.extract_tb(error.__traceback__)[-1:]
        place = f" ({Path(last[0].filename).name}:{last[0].lineno})" if last else ""
        code, params = "device.driver_failed", {"driver": driver, "reason": f"{_described(error)}{place}"}
    return DeviceStatus(driver, "", DeviceKind.UNKNOWN, DeviceState.NOT_READY, None, code, params)


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")[:_REASON_CHARS]
