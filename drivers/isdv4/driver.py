"""Tablets at given ports (`/dev/ttyS4`, `COM4`, `socket://host:port`) and built into laptops."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import serial

from drivers.context import DriverContext
from drivers.ink import Ink, until_rest
from drivers.serial_line import LINE_ERRORS, Traced, close_line, is_port_there, listed_ports, open_line
from drivers.transport import Deadline, cancelled, check
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

# Sans-IO parser of ISDv4: pen packets of 9 bytes, replies to a query of 11; only their first byte has bit 7.
#
# Pen: b0 = 80 | near 20 | eraser 04 | side 02 | tip 01, then X and Y (16 bits) and pressure (10 bits) spread over
# b1–b6, tilt in b7 and b8. Reply: b0 = C0, the same places hold the largest values; b9 and b10 the version.

QUERY, STOP, START = b"*", b"0", b"1"
PEN_BYTES, REPLY_BYTES = 9, 11
_FIRST, _IS_REPLY, _IS_TOUCH = 0x80, 0x40, 0x10
_DATA_ID = 0x3F  # of a reply: 0 for the pen, 1 for touch
UM_PER_STEP = 10  # these tablets count 2540 steps per inch


@dataclass(frozen=True, slots=True)
class PenPacket:
    """Where the pen is, in steps from the upper left corner; pressure as the tablet counts it."""

    x: int
    y: int
    pressure: int
    is_near: bool
    is_tip_down: bool
    is_eraser: bool


@dataclass(frozen=True, slots=True)
class Ranges:
    """The reply to a query: the largest values that the tablet sends."""

    x_max: int
    y_max: int
    pressure_max: int
    version: int

    @property
    def width_um(self) -> int:
        """Width of the surface."""
        return self.x_max * UM_PER_STEP

    @property
    def height_um(self) -> int:
        """Height of the surface."""
        return self.y_max * UM_PER_STEP

    @property
    def is_sound(self) -> bool:
        """Whether a pen can be drawn with them."""
        return self.x_max > 0 and self.y_max > 0 and self.pressure_max > 0


class PacketParser:
    """Takes bytes as they arrive. Fingers on a touch screen are passed over; what is torn is dropped and counted."""

    def __init__(self) -> None:
        self.rejected = 0
        self._packet = bytearray()

    def feed(self, received: bytes) -> list[PenPacket | Ranges]:
        """Return what became complete."""
        found: list[PenPacket | Ranges] = []
        for byte in received:
            if byte & _FIRST:  # what came before is torn
                self.rejected += bool(self._packet)
                self._packet = bytearray() if _is_touch(byte) else bytearray((byte,))
            elif self._packet:
                self._packet.append(byte)
            if self._packet and len(self._packet) == (REPLY_BYTES if self._packet[0] & _IS_REPLY else PEN_BYTES):
                packet = bytes(self._packet)
                self._packet.clear()
                if not packet[0] & _IS_REPLY:
                    found.append(_pen(packet))
                elif packet[0] & _DATA_ID == 0:
                    found.append(Ranges(*_places(packet), version=packet[9] << 7 | packet[10]))
        return found


def _is_touch(first: int) -> bool:
    return bool(first & _IS_TOUCH) and not first & _IS_REPLY


def _places(packet: bytes) -> tuple[int, int, int]:
    """Return X, Y and pressure."""
    _, x_high, x_mid, y_high, y_mid, pressure, low = packet[:7]
    x = x_high << 9 | x_mid << 2 | (low >> 5 & 3)
    y = y_high << 9 | y_mid << 2 | (low >> 3 & 3)
    return x, y, (low & 7) << 7 | pressure


def _pen(packet: bytes) -> PenPacket:
    first = packet[0]
    return PenPacket(*_places(packet), bool(first & 0x20), bool(first & 0x01), bool(first & 0x04))


def first_piece(received: bytes) -> tuple[int, bool] | None:
    """Cut what a tablet sent for a trace: only replies to a query may be read, all else is ink."""
    if not _begins_reply(received[0]):
        return next((at for at, byte in enumerate(received) if _begins_reply(byte)), len(received)), True
    if len(received) < REPLY_BYTES:
        return None
    is_whole = all(byte < _FIRST for byte in received[1:REPLY_BYTES])
    return (REPLY_BYTES, False) if is_whole else (1, True)


def _begins_reply(first: int) -> bool:
    return bool(first & _FIRST and first & _IS_REPLY)


# A tablet on a serial line: asked for its ranges when opened, started and stopped around each signature.

BAUDS = (38_400, 19_200)  # newer tablets first
ANSWER_S = 0.6  # 11 bytes take 6 ms at 19200; the first answer after power-on comes late
TRIES = 2  # the first query after power-on may be lost


class Isdv4Tablet:
    """A pen display or tablet; only the tip of the pen draws."""

    def __init__(self, port: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._port = port
        self._monotonic = monotonic
        self._line: serial.Serial | None = None
        self._ranges = Ranges(0, 0, 0, 0)

    @property
    def identity(self) -> DeviceIdentity:
        """Protocol and version; these tablets tell no serial number, so the port stands for it."""
        version = str(self._ranges.version) if self._ranges.is_sound else ""
        return DeviceIdentity("Wacom", "ISDv4", self._port, version)

    @property
    def capabilities(self) -> Capabilities:
        """Signatures with live ink."""
        return Capabilities(DeviceKind.SIGNATURE_PAD, may_preview=True)

    def open(self, cancel: Cancel) -> None:
        """Open the port and ask the tablet how large it is."""
        check(cancel)
        if self._line is not None:
            return
        line = open_line(self._port, BAUDS[0], traced=Traced(first_piece))
        with contextlib.ExitStack() as undo:
            undo.callback(close_line, line)
            try:
                self._ranges = self._find(line, cancel)
            except LINE_ERRORS as error:
                raise TransportBrokenError("device.transport_broken", address=self._port) from error
            undo.pop_all()
        self._line = line

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
        if self._line is None:
            raise NotConnectedError("device.not_open", model="ISDv4")
        line, parser = self._line, PacketParser()
        ink = Ink(self._ranges.width_um, self._ranges.height_um, self._monotonic)

        def listen() -> None:
            for packet in parser.feed(line.read(line.in_waiting or 1)):
                if isinstance(packet, PenPacket):
                    self._trace(packet, ink)

        try:
            line.reset_input_buffer()
            line.write(START)
            try:
                return until_rest(ink, listen, preview, cancel, idle_ms, timeout_ms)
            finally:
                with contextlib.suppress(*LINE_ERRORS):  # a pulled cable stops it as well
                    line.write(STOP)
        except LINE_ERRORS as error:
            self.close()
            raise TransportBrokenError("device.transport_broken", address=self._port) from error

    def _trace(self, packet: PenPacket, ink: Ink) -> None:
        if packet.is_near and packet.is_tip_down and not packet.is_eraser:
            ink.draw(packet.x * UM_PER_STEP, packet.y * UM_PER_STEP, packet.pressure / self._ranges.pressure_max)
        else:
            ink.lift()

    def _find(self, line: serial.Serial, cancel: Cancel) -> Ranges:
        for baud in (baud for baud in BAUDS for _ in range(TRIES)):
            line.baudrate = baud
            line.write(STOP)
            line.reset_input_buffer()
            line.write(QUERY)
            found = self._reply(line, cancel)
            if found is not None:
                return found
        raise NotConnectedError("device.isdv4.silent", address=self._port)

    def _reply(self, line: serial.Serial, cancel: Cancel) -> Ranges | None:
        parser, answer = PacketParser(), Deadline(ANSWER_S, self._monotonic)
        while not answer.is_over:
            if cancel.is_cancelled():
                raise cancelled()
            for packet in parser.feed(line.read(line.in_waiting or 1)):
                if isinstance(packet, Ranges) and packet.is_sound:
                    return packet
        return None


PNP_MARK = "WACF"  # how firmware names a serial port with such a tablet behind it: WACF004 …


class Isdv4Driver:
    """Wacom tablets on serial lines."""

    name = "isdv4"

    def __init__(self, context: DriverContext) -> None:
        self._context = context
        self.is_plugged = context.is_plugged(self.name)

    def scan(self) -> Sequence[DeviceStatus]:
        """List given ports and built-in tablets."""
        given = self._context.given(self.name)
        found: list[str] = []
        if self._context.may_search(self.name):
            found = [p.device for p in listed_ports() if is_tablet(p.hwid) and p.device not in given]
        return [self._status(port) for port in (*given, *found)]

    def connect(self, status: DeviceStatus) -> Isdv4Tablet:
        """Return the tablet behind a status."""
        return Isdv4Tablet(status.address, self._context.monotonic)

    def _status(self, port: str) -> DeviceStatus:
        is_there = is_port_there(port)
        return DeviceStatus(
            driver=self.name,
            address=port,
            kind=DeviceKind.SIGNATURE_PAD,
            state=DeviceState.READY if is_there else DeviceState.ABSENT,
            identity=DeviceIdentity("Wacom", "ISDv4", port),
            detail="" if is_there else "device.not_connected",
            params={} if is_there else {"address": port},
            is_simulated=port in self._context.simulated,
        )


def is_tablet(hardware_id: str | None) -> bool:
    """Return whether a port's hardware id is of a tablet."""
    return PNP_MARK in (hardware_id or "").upper()
