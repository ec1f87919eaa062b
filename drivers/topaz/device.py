"""A pad on a serial line: packets become strokes."""

from __future__ import annotations

import time
from collections.abc import Callable

import serial

from drivers.ink import Ink, until_rest
from drivers.serial_line import LINE_ERRORS, close_line, is_port_there, open_line
from drivers.topaz.models import Model
from drivers.topaz.packets import PacketParser
from drivers.transport import check
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    NotConnectedError,
    Signature,
    StrokeSink,
    TransportBrokenError,
)


class TopazPad:
    """Needs no command: it sends while the pen is near."""

    def __init__(self, port: str, model: Model, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._port = port
        self._model = model
        self._monotonic = monotonic
        self._line: serial.Serial | None = None

    @property
    def identity(self) -> DeviceIdentity:
        """Model as configured; the pads do not tell a serial number, so the port stands for it."""
        return DeviceIdentity("Topaz", self._model.name, self._port)

    @property
    def capabilities(self) -> Capabilities:
        """Signatures with live ink."""
        return Capabilities(DeviceKind.SIGNATURE_PAD, may_preview=True)

    def open(self, cancel: Cancel) -> None:
        """Open the serial port."""
        check(cancel)
        if self._line is None:
            self._line = open_line(self._port, self._model.baud, serial.PARITY_ODD)

    def health(self) -> DeviceState:
        """Say whether the port is there."""
        return DeviceState.READY if is_port_there(self._port) else DeviceState.ABSENT

    def close(self) -> None:
        """Close the port."""
        if self._line is not None:
            close_line(self._line)
        self._line = None

    def sign(self, preview: StrokeSink, cancel: Cancel, idle_ms: int, timeout_ms: int) -> Signature:
        """Collect strokes until the pen rests."""
        line = self._opened()
        ink = Ink(self._model.width_um, self._model.height_um, self._monotonic)
        parser = PacketParser()

        def listen() -> None:
            for packet in parser.feed(line.read(line.in_waiting or 1)):
                if packet.is_down:
                    ink.draw(*self._model.to_um(packet.x, packet.y), packet.pressure)
                else:
                    ink.lift()

        try:
            line.reset_input_buffer()
            return until_rest(ink, listen, preview, cancel, idle_ms, timeout_ms)
        except LINE_ERRORS as error:
            self.close()
            raise TransportBrokenError("device.transport_broken", address=self._port) from error

    def _opened(self) -> serial.Serial:
        if self._line is None:
            raise NotConnectedError("device.not_open", model=self._model.name)
        return self._line
