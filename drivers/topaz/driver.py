"""Pads at given ports, each with its model (`/dev/ttyUSB0#siglite-1x5`), and FTDI adapters that may be one.

A pad says nothing until a pen comes near, and its adapter is a common part: only a port that was given with its model
is ready. A found adapter is a line that says what is missing; it is not opened, for it may be anybody's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

import serial
from serial.tools.list_ports_common import ListPortInfo

from drivers.context import DriverContext
from drivers.ink import Ink, until_rest
from drivers.serial_line import LINE_ERRORS, Traced, close_line, is_port_there, listed_ports, open_line
from drivers.topaz.packets import MODELS, Format, Model, PadNumbers, first_piece
from drivers.transport import check
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    NotConnectedError,
    ProtocolError,
    Signature,
    StrokeSink,
    TransportBrokenError,
)

# A pad on a serial line: packets become strokes.

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


FTDI = (0x0403, 0x6001)


class TopazDriver:
    """Signature pads of Topaz on serial lines."""

    name = "topaz"

    def __init__(self, context: DriverContext) -> None:
        self._context = context
        self.is_plugged = context.is_plugged(self.name)
        self._numbers: dict[str, PadNumbers] = {}  # of the pads that told them, by port
        self._pads: dict[str, TopazPad] = {}  # by address

    def scan(self) -> Sequence[DeviceStatus]:
        """List given ports and found adapters."""
        given = self._context.given(self.name)
        taken = {a.partition("#")[0] for addresses in self._context.addresses.values() for a in addresses}
        found: list[ListPortInfo] = []
        if self._context.may_search(self.name):
            found = [p for p in listed_ports() if (p.vid, p.pid) == FTDI and p.device not in taken]
        return [*map(self._given, given), *map(self._found, found)]

    def connect(self, status: DeviceStatus) -> TopazPad:
        """Return the pad behind a status, the same for the same address: two would want the port at once.

        Its serial number changes with the first signature. Raise a `DeviceError` for one whose model is not named or
        not known.
        """
        port, name = parse_address(status.address)
        if (refused := _refusal(port, name)) is not None:
            raise refused
        if status.address not in self._pads:
            heard = partial(self._keep, port)
            self._pads[status.address] = TopazPad(port, MODELS[name], self._context.monotonic, heard)
        return self._pads[status.address]

    def _keep(self, port: str, numbers: PadNumbers) -> None:
        self._numbers[port] = numbers

    def _given(self, address: str) -> DeviceStatus:
        port, name = parse_address(address)
        state, detail = DeviceState.READY, ""
        params: dict[str, str | int] = {}
        if not is_port_there(port):
            state, detail, params = DeviceState.ABSENT, "device.not_connected", {"address": port}
            self._numbers.pop(port, None)
        if (refused := _refusal(port, name)) is not None:
            state, detail, params = DeviceState.NOT_READY, refused.code, dict(refused.problem.params)
        elif state is DeviceState.READY and len(MODELS[name].formats) > 1:
            detail, params = "device.topaz.untried", {"model": name}
        return DeviceStatus(
            driver=self.name,
            address=address,
            kind=DeviceKind.SIGNATURE_PAD,
            state=state,
            identity=identity_of(port, name, self._numbers.get(port)),
            detail=detail,
            params=params,
            is_simulated=address in self._context.simulated or port in self._context.simulated,
        )

    def _found(self, adapter: ListPortInfo) -> DeviceStatus:
        told = " ".join(filter(None, (adapter.manufacturer, adapter.product, adapter.serial_number)))
        refused = _which_model(adapter.device) if "topaz" in told.lower() else _which_device(adapter.device)
        # Named as a pad only where its descriptor says so.
        identity = DeviceIdentity("Topaz", told, adapter.device) if refused.code == _WHICH_MODEL else None
        return DeviceStatus(
            driver=self.name,
            address=adapter.device,
            kind=DeviceKind.SIGNATURE_PAD,
            state=DeviceState.NOT_READY,
            identity=identity,
            detail=refused.code,
            params=dict(refused.problem.params),
        )


_WHICH_MODEL = "device.topaz.which_model"


def parse_address(address: str) -> tuple[str, str]:
    """Return port and name of the model, "" where none is named."""
    port, _, name = address.partition("#")
    return port, name


def _refusal(port: str, name: str) -> DeviceError | None:
    """Another model's speed and range would give a signature of the wrong shape."""
    if not name:
        return _which_model(port)
    if name not in MODELS:
        return DeviceError("device.topaz.unknown_model", model=name, models=", ".join(MODELS))
    return None


def _which_model(port: str) -> DeviceError:
    return DeviceError(_WHICH_MODEL, address=port, models=", ".join(MODELS))


def _which_device(port: str) -> DeviceError:
    return DeviceError("device.topaz.adapter", address=port, models=", ".join(MODELS))
