"""One adapter of this kit: its program is started when needed, anew after it failed, for one caller at a time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from drivers.transport import POLL_S, Deadline, NeverCancelled, check
from drivers.vendor.messages import Listed, listed_of, raise_told
from drivers.vendor.program import VendorProgram
from fieldkit.domain.errors import Problem
from fieldkit.ports.devices import (
    Cancel,
    DeviceBusyError,
    DeviceError,
    DeviceState,
    NotConnectedError,
    PermissionDeniedError,
    SdkMissingError,
    TimedOutError,
)

FIRST_LOOK_S = 3.0  # loading a vendor's library takes its time
LOOK_S = 0.3
SILENT_S = 15.0
AGAIN_AFTER_S = 10.0  # an adapter that fails at once is not started in every scan
HANDOVER_S = 2.0
LET_GO_S = 2.0
_SILENT = "device.vendor.silent"
_BROKEN = ("device.vendor.died", "device.vendor.answer", _SILENT)  # after these nobody knows what it is doing


@dataclass(frozen=True, slots=True)
class Seen:
    """What an adapter listed last, and what is wrong with it now."""

    devices: tuple[Listed, ...] = ()
    problem: Problem | None = None
    state: DeviceState = DeviceState.READY


class VendorHost:
    """Safe for threads: a scan never waits for a capture."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        monotonic: Callable[[], float],
        start: Callable[[str, Sequence[str]], VendorProgram] = VendorProgram,
    ) -> None:
        self.name, self._command, self._monotonic, self._start = name, tuple(command), monotonic, start
        self._lock = threading.Lock()
        self._program: VendorProgram | None = None
        self._seen = Seen()
        self._failed_at: float | None = None
        self._asked: tuple[int, float] | None = None  # a list that has not come yet, and since when

    @property
    def is_waiting(self) -> bool:
        """Return whether its list was asked for and has not come yet."""
        return self._asked is not None

    def look(self) -> Seen:
        """Return what is there. What fails is said in the answer, never raised."""
        if not self._lock.acquire(blocking=False):
            return self._seen  # somebody works with it
        try:
            if self._failed_at is None or self._monotonic() - self._failed_at >= AGAIN_AFTER_S:
                self._seen = self._look()
                self._failed_at = None
        except DeviceError as error:
            self._fail(error)
        finally:
            self._lock.release()
        return self._seen

    def start(self, cancel: Cancel) -> Seen:
        """See that it runs, at once also after a failure, and return what it lists. Raise a `DeviceError`."""
        with self._held(cancel):
            if self._program is not None and not self._program.has_left(self._leaving(), cancel):
                self._end()  # it hangs in what a person gave up
            deadline = Deadline(SILENT_S, self._monotonic)
            self._failed_at = None
            self._seen = self._look()
            while self._asked is not None:
                check(cancel)
                if deadline.is_over:
                    raise self.silent()
                self._seen = self._look()
            return self._seen

    @contextmanager
    def working(self, cancel: Cancel) -> Iterator[VendorProgram]:
        """Have its program for oneself; an adapter that broke while it worked is started anew by the next `start`."""
        with self._held(cancel):
            if self._program is None:
                raise NotConnectedError("device.not_open", model=self.name)
            if not self._program.has_left(self._leaving(), cancel):
                raise self.silent()
            self._asked = None  # what it lists meanwhile is not waited for
            yield self._program

    def silent(self) -> TimedOutError:
        """Return the error of an adapter that does not answer; it ends the program."""
        return TimedOutError(_SILENT, name=self.name)

    def let_go(self, device_id: str) -> None:
        """Ask for a device to be closed. Never raises: an adapter that fails at it is ended."""
        with contextlib.suppress(DeviceError), self.working(NeverCancelled()) as program:
            if program.receive(program.send("close", device=device_id), self._leaving(), NeverCancelled()) is None:
                raise self.silent()

    def close(self) -> None:
        """End the program; the next `look` or `start` starts it again."""
        with self._lock:
            self._end()

    def _look(self) -> Seen:
        is_first = self._program is None
        if self._program is None:
            self._program = self._start(self.name, self._command)
        if self._asked is None:
            self._asked = self._program.send("list"), self._monotonic()
        number, since = self._asked
        patience = Deadline(FIRST_LOOK_S if is_first else LOOK_S, self._monotonic)
        answer = self._program.receive(number, patience, NeverCancelled())
        if answer is not None:
            self._asked = None
            raise_told(answer, self.name)
            now = listed_of(answer, self.name)
            ids = {one.device_id for one in now}
            gone = (replace(one, state=DeviceState.ABSENT) for one in self._seen.devices if one.device_id not in ids)
            return Seen((*now, *gone))
        if self._monotonic() - since > SILENT_S:
            raise self.silent()
        return self._seen

    def _leaving(self) -> Deadline:
        return Deadline(LET_GO_S, self._monotonic)

    @contextmanager
    def _held(self, cancel: Cancel) -> Iterator[None]:
        deadline = Deadline(HANDOVER_S, self._monotonic)
        while not self._lock.acquire(timeout=POLL_S):
            check(cancel)
            if deadline.is_over:
                raise DeviceBusyError("device.busy", address=self.name)
        try:
            yield
        except DeviceError as error:
            if error.code in _BROKEN:
                self._fail(error)
            raise
        finally:
            self._lock.release()

    def _fail(self, error: DeviceError) -> None:
        self._end()
        self._failed_at = self._monotonic()
        state = DeviceState.NOT_READY
        if isinstance(error, SdkMissingError):
            state = DeviceState.SDK_MISSING
        elif isinstance(error, PermissionDeniedError):
            state = DeviceState.PERMISSION_DENIED
        self._seen = Seen(self._seen.devices, error.problem, state)

    def _end(self) -> None:
        program, self._program, self._asked = self._program, None, None
        if program is not None:
            program.close()
