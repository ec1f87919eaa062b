"""A pad on a serial line: packets become strokes."""

from __future__ import annotations

import time
from collections.abc import Callable

import serial

from drivers.ink import Ink, until_rest
from drivers.serial_line import LINE_ERRORS, Traced, close_line, is_port_there, open_line
from drivers.topaz.models import Format, Model
from drivers.topaz.packets import PadNumbers, first_piece
from drivers.transport import check
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    NotConnectedError,
    ProtocolError,
    Signature,
    StrokeSink,
    TransportBrokenError,
)

_SHOWN_BYTES = 20


class TopazPad:
    """Needs no command: it sends while the pen is near. `heard` gets the numbers that it tells of itself."""

    def __init__(
        self,
        port: str,
        model: Model,
        monotonic: Callable[[], float] = time.monotonic,
        heard: Callable[[PadNumbers], None] = lambda _: None,
    ) -> None:
        self._port = port
        self._model = model
        self._monotonic = monotonic
        self._heard = heard
        self._formats = list(model.formats)
        self._numbers: PadNumbers | None = None
        self._line: serial.Serial | None = None

    @property
    def identity(self) -> DeviceIdentity:
        """Model as configured, and the numbers that the pad told; till then the port stands for the serial number."""
        return identity_of(self._port, self._model.name, self._numbers)

    @property
    def capabilities(self) -> Capabilities:
        """Signatures with live ink."""
        return Capabilities(DeviceKind.SIGNATURE_PAD, may_preview=True)

    def open(self, cancel: Cancel) -> None:
        """Open the serial port."""
        check(cancel)
        if self._line is None:
            bits, traced = self._formats[0].bits, Traced(first_piece)
            self._line = open_line(self._port, self._model.baud, serial.PARITY_ODD, bits, traced)

    def health(self) -> DeviceState:
        """Say whether the port is there."""
        return DeviceState.READY if is_port_there(self._port) else DeviceState.ABSENT

    def close(self) -> None:
        """Close the port."""
        if self._line is not None:
            close_line(self._line)
        self._line = None

    def sign(self, preview: StrokeSink, cancel: Cancel, idle_ms: int, timeout_ms: int) -> Signature:
        """Collect strokes until the pen rests.

        Raise `ProtocolError("device.topaz.format")` when what comes fits no format of the model: a wrong model would
        draw a signature of a wrong shape.
        """
        while True:
            try:
                return self._sign(self._formats[0], preview, cancel, idle_ms, timeout_ms)
            except _ForeignError as foreign:
                self.close()
                if len(self._formats) == 1:
                    self._formats = list(self._model.formats)
                    raise ProtocolError(
                        "device.topaz.format", model=self._model.name, address=self._port, received=foreign.received
                    ) from foreign
                self._formats.pop(0)  # what was drawn till now was misread
                self.open(cancel)

    def _sign(self, form: Format, preview: StrokeSink, cancel: Cancel, idle_ms: int, timeout_ms: int) -> Signature:
        line = self._opened()
        ink = Ink(self._model.width_um, self._model.height_um, self._monotonic)
        parser = form.parser()
        last = b""

        def listen() -> None:
            nonlocal last
            received = line.read(line.in_waiting or 1)
            last = (last + received)[-_SHOWN_BYTES:]
            for packet in parser.feed(received):
                if packet.is_down:
                    ink.draw(*self._model.to_um(packet.x, packet.y), packet.pressure)
                else:
                    ink.lift()
            if parser.numbers is not None and parser.numbers != self._numbers:
                self._numbers = parser.numbers
                self._heard(parser.numbers)
            if parser.is_foreign:
                raise _ForeignError(last.hex(" "))

        try:
            if line.in_waiting:  # the pad may have told its numbers when it was opened
                parser.feed(line.read(line.in_waiting))
            line.reset_input_buffer()
            return until_rest(ink, listen, preview, cancel, idle_ms, timeout_ms)
        except LINE_ERRORS as error:
            self.close()
            raise TransportBrokenError("device.transport_broken", address=self._port) from error

    def _opened(self) -> serial.Serial:
        if self._line is None:
            raise NotConnectedError("device.not_open", model=self._model.name)
        return self._line


class _ForeignError(Exception):
    """What came does not fit the format; `received` shows the last bytes."""

    def __init__(self, received: str) -> None:
        super().__init__(received)
        self.received = received


def identity_of(port: str, model: str, numbers: PadNumbers | None) -> DeviceIdentity:
    """Return who a pad is: the model's name as configured, its number behind it where the pad told it."""
    if numbers is None:
        return DeviceIdentity("Topaz", model, port)
    return DeviceIdentity("Topaz", f"{model} ({numbers.model})", str(numbers.serial))
