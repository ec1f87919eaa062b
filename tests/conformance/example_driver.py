"""A driver in one sitting: a made-up pad that answers `sign` with lines `x y pressure` (µm, per mille) and `up`."""

from __future__ import annotations

import contextlib
import socket

from drivers.context import DriverContext
from drivers.ink import Ink, until_rest
from drivers.transport import POLL_S, check
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    NotConnectedError,
    Signature,
    StrokeSink,
    TransportBrokenError,
)

MAX_LINE_BYTES = 1024


class LinePad:
    def __init__(self, address: str, context: DriverContext) -> None:
        self._address, self._context, self._line = address, context, None
        self.identity = DeviceIdentity("Example", "Line Pad", address)
        self.capabilities = Capabilities(DeviceKind.SIGNATURE_PAD, may_preview=True)

    def open(self, cancel: Cancel) -> None:
        check(cancel)
        self.close()
        host, _, port = self._address.rpartition(":")
        try:
            self._line = socket.create_connection((host, int(port)), timeout=1)
        except OSError as error:
            raise NotConnectedError("device.not_connected", address=self._address) from error
        self._line.settimeout(POLL_S)

    def health(self) -> DeviceState:
        host, _, port = self._address.rpartition(":")
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
            return DeviceState.READY
        return DeviceState.ABSENT

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

    def sign(self, preview: StrokeSink, cancel: Cancel, idle_ms: int, timeout_ms: int) -> Signature:
        if self._line is None:
            raise NotConnectedError("device.not_open", model=self.identity.model)
        ink, waiting = Ink(100_000, 40_000, self._context.monotonic), b""

        def listen() -> None:
            nonlocal waiting
            with contextlib.suppress(TimeoutError):
                received = self._line.recv(4096)
                *lines, waiting = (waiting + received).split(b"\n")
                if not received or len(waiting) > MAX_LINE_BYTES:
                    raise ConnectionError("the pad hung up, or never ends a line")
                for line in lines:
                    words = [int(word) for word in line.split() if word.isdigit()]
                    ink.draw(words[0], words[1], words[2] / 1000) if len(words) == 3 else ink.lift()

        try:
            self._line.sendall(b"sign\n")
            return until_rest(ink, listen, preview, cancel, idle_ms, timeout_ms)
        except OSError as error:
            self.close()
            raise TransportBrokenError("device.transport_broken", address=self._address) from error


class LineDriver:
    name = "line"

    def __init__(self, context: DriverContext) -> None:
        self._context = context

    def scan(self) -> list[DeviceStatus]:
        return [self._status(LinePad(address, self._context)) for address in self._context.given(self.name)]

    def connect(self, status: DeviceStatus) -> LinePad:
        return LinePad(status.address, self._context)

    def _status(self, pad: LinePad) -> DeviceStatus:
        address, state = pad.identity.serial, pad.health()
        detail = "" if state is DeviceState.READY else "device.not_connected"
        is_simulated, params = address in self._context.simulated, {"address": address}
        kind = DeviceKind.SIGNATURE_PAD
        return DeviceStatus(self.name, address, kind, state, pad.identity, detail, params, is_simulated)


def driver(context: DriverContext) -> LineDriver:
    return LineDriver(context)
