"""The program of a vendor's adapter: started, asked and ended. Whatever goes wrong in it stays in it.

Its lines are read on a thread, because pipes cannot be waited for together on Windows, where most such libraries live.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from typing import IO, Any

from drivers.transport import POLL_S, Deadline, check
from drivers.vendor.messages import MAX_LINE_BYTES, check_greeting, read_message, shown, wrong
from fieldkit.domain.errors import reason_of
from fieldkit.ports.devices import Cancel, SdkMissingError, TransportBrokenError

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
            )
        except (OSError, ValueError) as error:
            raise SdkMissingError("device.vendor.not_started", name=name, reason=reason_of(error)) from error
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
        self._kill()
        self._process.wait()
        for thread in self._threads:
            thread.join(STOP_S)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _kill(self) -> None:
        """End it and what it started."""
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)

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
