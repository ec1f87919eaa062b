"""One adapter of this kit: its program is started when needed, anew after it failed, for one caller at a time."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO, Any

from drivers.process_tree import ProcessTree
from drivers.transport import POLL_S, Deadline, NeverCancelled, check
from drivers.vendor.messages import (
    MAX_LINE_BYTES,
    Listed,
    check_greeting,
    listed_of,
    raise_told,
    read_message,
    shown,
    wrong,
)
from fieldkit.domain.errors import Problem, reason_of
from fieldkit.ports.devices import (
    Cancel,
    DeviceBusyError,
    DeviceError,
    DeviceState,
    NotConnectedError,
    PermissionDeniedError,
    SdkMissingError,
    TimedOutError,
    TransportBrokenError,
)
from fieldkit.ports.processes import NO_WINDOW

# The program of a vendor's adapter: started, asked and ended. Whatever goes wrong in it stays in it.
#
# Its lines are read on a thread, because pipes cannot be waited for together on Windows, where most such libraries
# live.

STOP_S = 1.0
_WAITING_LINES = 4  # so much is read ahead; then the adapter waits in its own write
_TOLD_LINES = 5
_TOLD_BYTES = 4096

Fields = dict[str, Any]


class VendorProgram:
    """One running adapter; not for two threads."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        """Start it. Raise `SdkMissingError` when there is nothing to start."""
        self.name = name
        self._number = 0
        self._left = 0
        self._is_greeted = False
        self._ending = threading.Event()
        self._lines: queue.Queue[bytes] = queue.Queue(_WAITING_LINES)
        self._told: deque[bytes] = deque(maxlen=_TOLD_LINES)
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # what it starts itself ends with it
                creationflags=NO_WINDOW,
            )
        except (OSError, ValueError) as error:
            raise SdkMissingError("device.vendor.not_started", name=name, reason=reason_of(error)) from error
        self._tree = ProcessTree(self._process)
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._threads = [
            threading.Thread(target=work, args=(pipe,), name=f"vendor:{name}", daemon=True)
            for work, pipe in ((self._listen, self._process.stdout), (self._overhear, self._process.stderr))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def send(self, do: str, **fields: object) -> int:
        """Ask for something and return the number of the request. Raise `TransportBrokenError`."""
        self._number += 1
        self._write({"number": self._number, "do": do, **fields})
        return self._number

    def stop(self, number: int) -> None:
        """Ask it to leave a request."""
        self._left = number
        with contextlib.suppress(TransportBrokenError):  # whoever asks next is told
            self._write({"number": number, "do": "stop"})

    def has_left(self, deadline: Deadline, cancel: Cancel) -> bool:
        """Return whether it is done with the request that it was asked to leave. Raise a `DeviceError`."""
        while self._left:
            message = self.receive(self._left, deadline, cancel)
            if message is None:
                return False
            if "frame" not in message:
                self._left = 0
        return True

    def receive(self, number: int, deadline: Deadline, cancel: Cancel) -> Fields | None:
        """Return the next message to a request, None when none came in time.

        Raise a `DeviceError` when it died or said what is no message, and when the person gave up.
        """
        while True:
            check(cancel)
            try:
                line = self._lines.get(timeout=min(POLL_S, deadline.remaining_s) or 0.001)
            except queue.Empty:
                if deadline.is_over:
                    return None
                continue
            message = self._read(line)
            if message is not None and message["number"] == number:  # else of a request that was given up
                return message

    def close(self) -> None:
        """End it; idempotent."""
        self._ending.set()
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_S)
        self._tree.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join(STOP_S)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _read(self, line: bytes) -> Fields | None:
        if not line.endswith(b"\n"):
            if len(line) >= MAX_LINE_BYTES:
                raise wrong(self.name, f"> {MAX_LINE_BYTES} bytes")
            raise self._died()  # at the end of what it said, or in the middle of it
        _, message = read_message(line, self.name)
        if not self._is_greeted:
            check_greeting(message, self.name)
            self._is_greeted = True
            return None
        return message

    def _died(self) -> TransportBrokenError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_S)
        self._threads[1].join(STOP_S)
        code = self._process.returncode
        how = signal.Signals(-code).name if code is not None and -code in set(signal.Signals) else f"exit {code}"
        told = next((text for line in reversed(self._told) if (text := shown(line))), "")
        return TransportBrokenError("device.vendor.died", name=self.name, reason=f"{how}: {told}" if told else how)

    def _write(self, request: Fields) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise self._died() from error

    def _listen(self, pipe: IO[bytes]) -> None:
        """Hand on its lines; the last one, without an end, says that it is gone."""
        is_over = False
        while not is_over:
            line = pipe.readline(MAX_LINE_BYTES)
            is_over = not line.endswith(b"\n")
            while not self._ending.is_set():
                with contextlib.suppress(queue.Full):
                    self._lines.put(line, timeout=POLL_S)
                    break
            is_over = is_over or self._ending.is_set()

    def _overhear(self, pipe: IO[bytes]) -> None:
        """Keep its last words."""
        while line := pipe.readline(_TOLD_BYTES):
            self._told.append(line)


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
