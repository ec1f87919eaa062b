"""The outside process: started, asked, stopped. Unix only, as libfprint is."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from drivers.libfprint.answers import LineBuffer, Reader, read_answer, readers_of, tell
from drivers.libfprint.outside import PACKAGES
from drivers.readiness import readable
from drivers.transport import POLL_S, Deadline, NeverCancelled, cancelled
from fieldkit.ports.devices import (
    Cancel,
    DeviceError,
    NothingPresentedError,
    SdkMissingError,
    TimedOutError,
    TransportBrokenError,
)

PYTHON = Path("/usr/bin/python3")  # PyGObject is a Debian package of this one, not of our environment
START_S = 10.0
STOP_S = 2.0
VIRTUAL_SOCKET = "FP_VIRTUAL_IMAGE"


class OutsideProcess:
    """One process; not for two threads. `virtual_socket` makes the library's virtual reader appear."""

    def __init__(self, address: str = "", virtual_socket: str = "", python: Path = PYTHON) -> None:
        """Start it and wait until it is ready. Raise `SdkMissingError`."""
        if not python.exists():
            raise SdkMissingError("device.libfprint.missing", package=PACKAGES)
        self._address = address
        self._lines = LineBuffer()
        self._number = 0
        environment = {name: value for name, value in os.environ.items() if name != VIRTUAL_SOCKET}
        if virtual_socket:
            environment[VIRTUAL_SOCKET] = virtual_socket
        self._process = subprocess.Popen(
            [python, "-I", Path(__file__).with_name("outside.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            bufsize=0,
        )
        try:
            self._read(Deadline(START_S), NeverCancelled())
        except DeviceError:
            self.close()
            raise

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def ask(self, do: str, cancel: Cancel, timeout_ms: int, **fields: str) -> dict[str, Any]:
        """Ask and return the answer.

        Raise what the answer tells; `NothingPresentedError` when the time is over or the person gave up.
        """
        self._number += 1
        self._write({"do": do, **fields})
        try:
            return self._read(Deadline(timeout_ms / 1000), cancel)
        except (TimedOutError, NothingPresentedError) as over:
            self._stop()
            if isinstance(over, TimedOutError):
                raise NothingPresentedError("device.no_finger") from over
            raise

    def close(self) -> None:
        """End the process; idempotent."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _stop(self) -> None:
        """End what runs, and take its last answer off the line."""
        self._write({"do": "stop"})
        try:
            self._read(Deadline(STOP_S), NeverCancelled())
        except TimedOutError:
            self._process.kill()  # a library that does not let go
        except DeviceError:
            return

    def _write(self, request: dict[str, str]) -> None:
        assert self._process.stdin is not None
        line = json.dumps({"number": self._number, **request}).encode() + b"\n"
        try:
            self._process.stdin.write(line)
        except (OSError, ValueError) as error:
            raise TransportBrokenError("device.transport_broken", address=self._address) from error

    def _read(self, deadline: Deadline, cancel: Cancel) -> dict[str, Any]:
        assert self._process.stdout is not None
        while True:
            if cancel.is_cancelled():
                raise cancelled()
            if deadline.is_over:
                raise TimedOutError("device.timed_out", address=self._address)
            if not readable([self._process.stdout], POLL_S):
                continue
            received = os.read(self._process.stdout.fileno(), 1 << 16)
            if not received:
                raise TransportBrokenError("device.transport_broken", address=self._address)
            for line in self._lines.feed(received):
                number, answer = read_answer(line)
                if number == self._number:  # else of a request that was given up
                    return tell(answer, self._address)


def list_readers(virtual_socket: str = "", python: Path = PYTHON) -> list[Reader]:
    """Return what libfprint sees now; takes about a quarter of a second. Raise `SdkMissingError`."""
    process = OutsideProcess(virtual_socket=virtual_socket, python=python)
    try:
        return readers_of(process.ask("list", NeverCancelled(), round(START_S * 1000)))
    finally:
        process.close()
