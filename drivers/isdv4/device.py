"""A tablet on a serial line: asked for its ranges when opened, started and stopped around each signature."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import serial

from drivers.ink import Ink, until_rest
from drivers.isdv4.packets import QUERY, START, STOP, UM_PER_STEP, PacketParser, PenPacket, Ranges, first_piece
from drivers.serial_line import LINE_ERRORS, Traced, close_line, is_port_there, open_line
from drivers.transport import Deadline, cancelled, check
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
