"""The serial line to a module: finds its speed, carries acts out, repeats what was damaged on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import serial

from drivers.serial_line import LINE_ERRORS, SETTING_ERRORS, Traced, close_line, open_line
from drivers.transport import Deadline, cancelled, check, pause
from drivers.zfm.dialogue import (
    EVERYBODY,
    Act,
    Ask,
    Code,
    Exchange,
    PacketParser,
    Parameters,
    Reply,
    first_piece,
    sign_in,
)
from fieldkit.ports.devices import (
    Cancel,
    DeviceError,
    NotConnectedError,
    ProtocolError,
    TimedOutError,
    TransportBrokenError,
)

# 9600 × N: the factory's speed and the usual ones first.
BAUDS = tuple(9600 * n for n in (6, 12, 1, 2, 4, 3, 5, 7, 8, 9, 10, 11))
ANSWER_S = 2.0  # a module takes up to a second for an image
DAMAGED_S = 0.3  # silence after a damaged packet: nothing more will come
PROBE_S = 0.2
DRAIN_S = 10.0  # an image that nobody waited for, at 57600
TRIES = 3

T = TypeVar("T")


class Line:
    """One module on one port; not for two threads."""

    def __init__(self, port: str, monotonic: Callable[[], float] = time.monotonic, address: int = EVERYBODY) -> None:
        self._port = port
        self._address = address
        self._monotonic = monotonic
        self._serial: serial.Serial | None = None
        self._packet_bytes = 32  # every module takes the smallest
        self._is_dirty = False
        self._drain_s = DRAIN_S
        self._baud = BAUDS[0]

    @property
    def is_open(self) -> bool:
        """Whether a module answered and the port is held."""
        return self._serial is not None

    def open(
        self, password: int, cancel: Cancel, bauds: tuple[int, ...] = BAUDS, drain_s: float = DRAIN_S
    ) -> Parameters:
        """Find the speed, sign in and return what the module tells. Raise a `DeviceError`; then the port is free."""
        check(cancel)
        self.close()
        self._serial = open_line(self._port, BAUDS[0], traced=Traced(first_piece, first_piece))
        try:
            # A line may hold the end of an answer that another program asked for.
            self._is_dirty, self._drain_s = True, drain_s
            found = self._find(password, (self._baud, *(b for b in bauds if b != self._baud)), cancel)
            self._packet_bytes = found.packet_bytes
        except DeviceError:
            self.close()
            raise
        return found

    def close(self) -> None:
        """Let go of the port; idempotent."""
        if self._serial is not None:
            close_line(self._serial)
        self._serial = None

    def carry_out(self, act: Act[T], cancel: Cancel) -> T:
        """Ask what the act asks until it ends, and return its result. Raise a `DeviceError`."""
        return self._carry_out(act, cancel, ANSWER_S)

    def _carry_out(self, act: Act[T], cancel: Cancel, answer_s: float) -> T:
        try:
            ask = next(act)
            while True:
                ask = act.send(self._ask(ask, cancel, answer_s))
        except StopIteration as end:
            result: T = end.value
            return result
        except LINE_ERRORS as error:
            self.close()
            raise TransportBrokenError("device.transport_broken", address=self._port) from error

    def _find(self, password: int, bauds: tuple[int, ...], cancel: Cancel) -> Parameters:
        for baud in bauds:
            try:
                self._opened().baudrate = baud
            except SETTING_ERRORS:  # a speed that this adapter does not have
                continue
            try:
                found = self._carry_out(sign_in(password), cancel, PROBE_S)
            except (TimedOutError, ProtocolError):
                continue
            self._baud = baud
            return found
        raise NotConnectedError("device.zfm.silent", address=self._port)

    def _ask(self, ask: Ask, cancel: Cancel, answer_s: float) -> Reply:
        if ask.after_s:
            pause(ask.after_s, cancel)
        for _ in range(TRIES):
            check(cancel)
            self._drain(cancel)
            reply = self._exchange(ask, cancel, answer_s)
            if reply is not None and reply.code != Code.RECEIVE_ERROR:
                return reply
        raise ProtocolError("device.zfm.damaged", address=self._port)

    def _exchange(self, ask: Ask, cancel: Cancel, answer_s: float) -> Reply | None:
        """Send a command once; return None when the answer was damaged on the way."""
        line, parser, exchange = self._opened(), PacketParser(), Exchange(ask, self._packet_bytes, self._address)
        self._is_dirty = True
        line.write(exchange.begin())
        silence, noise = Deadline(answer_s, self._monotonic), Deadline(self._drain_s, self._monotonic)
        while not exchange.is_over:
            if cancel.is_cancelled():
                raise cancelled()
            received = line.read(line.in_waiting or 1)
            for packet in parser.feed(received):
                line.write(exchange.handle(packet))
                noise = Deadline(self._drain_s, self._monotonic)
            if received and noise.is_over:
                raise NotConnectedError("device.zfm.silent", address=self._port)  # it talks, but not to us
            if received:
                silence = Deadline(DAMAGED_S if parser.rejected else answer_s, self._monotonic)
            elif silence.is_over:
                if parser.rejected:
                    return None
                raise TimedOutError("device.timed_out", address=self._port)
        self._is_dirty = bool(parser.rejected)
        return None if parser.rejected and ask.takes_bytes else exchange.reply()

    def _drain(self, cancel: Cancel) -> None:
        """Read away what still comes of an answer that was given up."""
        if not self._is_dirty:
            return
        line, deadline = self._opened(), Deadline(self._drain_s, self._monotonic)
        while line.read(line.in_waiting or 1):
            check(cancel)
            if deadline.is_over:
                raise NotConnectedError("device.zfm.silent", address=self._port)  # it talks, but not to us
        self._is_dirty = False

    def _opened(self) -> serial.Serial:
        if self._serial is None:
            raise NotConnectedError("device.not_open", model="ZFM")
        return self._serial
