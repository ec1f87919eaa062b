"""A driver of somebody else's package: tried in a process of its own first, then asked with a time limit.

Whatever it does while it is loaded or looks for the first time, a crash of native code or an endless loop included,
ends that process and becomes one line of the device list.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import EntryPoint
from itertools import islice
from typing import Any, cast

from drivers.context import DriverContext
from fieldkit.ports.devices import Device, DeviceError, DeviceKind, DeviceState, DeviceStatus, Driver
from fieldkit.ports.processes import NO_WINDOW

_TRIAL_S = 10.0
_PATIENCE_S = 11.0  # a look that takes longer is told; whoever looks once waits for 12 s
_MOST_DEVICES = 64
_WHOLE = b"looked around"


class Plugin:
    """Implements `Driver` around the entry point of somebody else; `name` is the entry point's."""

    def __init__(
        self,
        entry: EntryPoint,
        context: DriverContext,
        build: Callable[[EntryPoint, DriverContext], Driver],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = entry.name
        self._entry, self._context, self._build, self._monotonic = entry, context, build, monotonic
        self._driver: Driver | None = None
        self._fault: Exception | None = None
        self._look: _Look | None = None
        self._seen: Sequence[DeviceStatus] = ()

    def scan(self) -> Sequence[DeviceStatus]:
        """Return what it sees; what takes long is shown by a later scan. Raise what it raises, `DeviceError`."""
        if self._fault is not None:
            raise self._fault.with_traceback(None)
        if self._look is None:
            self._look = _Look(self._ask, self._monotonic())
        look = self._look
        is_late = self._monotonic() - look.began > _PATIENCE_S
        if not look.is_over(0 if is_late else self._context.wait_s):
            if self._monotonic() - look.began > _PATIENCE_S:
                raise self._failed("reason.no_answer")
            return self._seen
        self._look = None
        if look.error is not None:
            raise look.error
        self._seen = look.found
        return self._seen

    def connect(self, status: DeviceStatus) -> Device:
        """Return the device behind a status. Raise `DeviceError`."""
        if self._driver is None:
            raise self._failed("reason.no_answer")
        return self._driver.connect(status)

    def close(self) -> None:
        """Let go of what it holds between scans."""
        with suppress(AttributeError):
            cast("Any", self._driver).close()

    def _ask(self) -> Sequence[DeviceStatus]:
        if self._driver is None:
            try:
                if reason := _trial(self._entry, self._context):
                    raise self._failed(reason)
                self._driver = self._build(self._entry, self._context)
            except DeviceError as error:
                self._fault = error  # it is not tried again and again
                raise
        return tuple(replace(status, driver=self.name) for status in islice(self._driver.scan(), _MOST_DEVICES))

    def _failed(self, reason: str) -> DeviceError:
        return DeviceError("device.driver_failed", driver=self.name, reason=reason)


class _Look:
    """One look on a thread of its own, which may never come back."""

    def __init__(self, ask: Callable[[], Sequence[DeviceStatus]], began: float) -> None:
        self.began = began
        self.found: Sequence[DeviceStatus] = ()
        self.error: Exception | None = None
        self._ask = ask
        self._thread = threading.Thread(target=self._run, name="plugin-scan", daemon=True)
        self._thread.start()

    def is_over(self, wait_s: float) -> bool:
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self.found = self._ask()
        except Exception as error:  # noqa: BLE001 – whoever asks tells it
            self.error = error
        except BaseException as error:  # noqa: BLE001 – here it would end a thread only, unsaid
            self.error = RuntimeError(type(error).__name__)


def _trial(entry: EntryPoint, context: DriverContext) -> str:
    """Load the driver and let it look once, elsewhere; return a key of `reason` when that process did not live."""
    told = {"addresses": context.addresses, "only_given": sorted(context.only_given), "wait_s": context.wait_s}
    command = [sys.executable, "-P", "-m", "drivers.plugins", entry.name, entry.value, json.dumps(told)]
    around = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=around,
            timeout=_TRIAL_S,
            check=False,
            creationflags=NO_WINDOW,
        )
    except subprocess.TimeoutExpired:
        return "reason.no_answer"
    return "" if done.stdout.endswith(_WHOLE) else "reason.crashed"


def _try(name: str, value: str, told: str) -> None:
    """Load and look once in this process. What it raises is told by whoever loads it next."""
    said, nobody = json.loads(told), cast("Any", None)
    given = {driver: tuple(each) for driver, each in said["addresses"].items()}
    searched = {"only_given": frozenset(said["only_given"]), "wait_s": said["wait_s"]}
    context = DriverContext(nobody, nobody, nobody, nobody, nobody, nobody, given, **searched)
    answer, sys.stdout = os.dup(1), sys.stderr
    os.dup2(2, 1)  # what it prints is no answer
    with suppress(Exception, SystemExit):
        driver: Driver = EntryPoint(name, value, "fieldkit.drivers").load()(context)
        for _ in islice(driver.scan(), _MOST_DEVICES):
            pass
    os.write(answer, _WHOLE)
    os._exit(0)  # threads that it left behind keep nobody waiting


def is_sound(status: object) -> bool:
    """Return whether a line of a list can be shown and used, whoever made it."""
    return (
        isinstance(status, DeviceStatus)
        and all(isinstance(text, str) for text in (status.driver, status.address, status.detail, status.mode))
        and isinstance(status.kind, DeviceKind)
        and isinstance(status.state, DeviceState)
        and isinstance(status.params, dict)
    )


if __name__ == "__main__":
    _try(*sys.argv[1:4])
