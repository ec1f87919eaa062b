"""Seconds of a driver that pass while the module at the other end has nothing left to do, however long it took."""

from __future__ import annotations

import serial
from support.waits import FactClock

from drivers import serial_line
from drivers.simulators.zfm import ZfmModule

_STEP_S = 0.05  # as long as the driver reads when nothing comes


class AnswerClock(FactClock):
    """Runs when every byte that was written to the module is read and dealt with: what is silent then stays silent.

    `unheard` counts what came at a speed that is not the module's.
    """

    def __init__(self, module: ZfmModule) -> None:
        super().__init__(lambda: self._dealt_with == self._written, _STEP_S)
        self.unheard = 0
        self._port = module.address
        self._written = self._received = self._dealt_with = 0
        self._reads, self._hears = module._read, module._hears
        module._read, module._hears = self._read, self._is_heard

    def open_line(self, port: str, baud: int, traced: serial_line.Traced) -> serial.Serial:
        """Open a line; what is written to the module is counted."""
        line = serial_line.open_line(port, baud, traced=traced)
        write = line.write

        def counted(content: bytes) -> int | None:
            self._written += len(content)
            return write(content)

        if port == self._port:
            line.write = counted
        return line

    def _read(self) -> bytes:
        self._dealt_with = self._received
        received = self._reads()
        self._received += len(received)
        return received

    def _is_heard(self) -> bool:
        is_heard = self._hears()
        self.unheard += not is_heard
        return is_heard
