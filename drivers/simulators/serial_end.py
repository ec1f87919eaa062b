"""The device's end of a serial line: a pseudo-terminal in a folder, or a port of the loopback on every system."""

from __future__ import annotations

import errno
import os
import select
import socket
import struct
from pathlib import Path
from typing import Protocol

from drivers.context import readable

_MOST_BYTES = 4096


class SerialEnd(Protocol):
    """What a simulated device does at its line; for one thread."""

    address: str  # what a program opens

    def read(self, seconds: float) -> bytes:
        """Return what the program wrote, b"" when nothing came in time or nobody has the line open."""
        ...

    def write(self, content: bytes) -> bytes:
        """Return what the line did not take; without a program it takes everything."""
        ...

    def is_begun(self) -> bool:
        """Return whether a program began anew since this was asked last, as far as the line tells."""
        ...

    def is_held(self) -> bool:
        """Return whether a program has the line open, as far as the line tells."""
        ...

    def hears_at(self, baud: int) -> bool:
        """Return whether the program speaks at this speed; a port of the loopback has none."""
        ...

    def close(self) -> None:
        """Let the line vanish; idempotent."""
        ...


def serial_end(folder: Path | None, name: str, port: int = 0, *, hears_flush: bool = False) -> SerialEnd:
    """Return a pseudo-terminal under this name in the folder, without a folder a port of the loopback (0: any)."""
    return _SocketEnd(port) if folder is None else _PtyEnd(folder / name, hears_flush=hears_flush)


def port_of(end: SerialEnd) -> int:
    """Return the port at which the line comes back when it is plugged in again."""
    return end.port if isinstance(end, _SocketEnd) else 0


class _PtyEnd:
    """With `hears_flush` the kernel tells when the program throws away what it has not read."""

    def __init__(self, path: Path, *, hears_flush: bool = False) -> None:
        from drivers.simulators.loopback import PtyLink  # Windows has no pseudo-terminals

        self.address, self._hears_flush, self._is_begun = str(path), hears_flush, False
        self._link = PtyLink(path)
        if hears_flush:
            import fcntl
            import termios

            # In packet mode a byte of the kernel stands before each piece.
            fcntl.ioctl(self._link.master, termios.TIOCPKT, struct.pack("i", 1))

    def read(self, seconds: float) -> bytes:
        poll = select.poll()
        poll.register(self._link.master, select.POLLIN | select.POLLPRI)
        if not poll.poll(seconds * 1000):
            return b""
        try:
            received = os.read(self._link.master, _MOST_BYTES)
        except OSError as error:
            if error.errno in (errno.EIO, errno.EAGAIN):  # nobody has it open
                return b""
            raise
        if not self._hears_flush:
            return received
        import termios

        self._is_begun |= bool(received and received[0] & termios.TIOCPKT_FLUSHREAD)
        return received[1:] if received[:1] == bytes((termios.TIOCPKT_DATA,)) else b""

    def write(self, content: bytes) -> bytes:
        try:
            return content[os.write(self._link.master, content) :]
        except BlockingIOError:
            return content

    def is_begun(self) -> bool:
        begun, self._is_begun = self._is_begun, False
        return begun

    def is_held(self) -> bool:
        return False

    def hears_at(self, baud: int) -> bool:
        import termios

        return bool(termios.tcgetattr(self._link.slave)[5] == getattr(termios, f"B{baud}"))

    def close(self) -> None:
        self._link.close()


class _SocketEnd:
    """One program at a time, as on a cable. It carries no flush: a program begins when it opens the line."""

    def __init__(self, port: int = 0) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self._program: socket.socket | None = None
        self._is_begun = False
        self.port: int = self._listener.getsockname()[1]
        self.address = f"socket://127.0.0.1:{self.port}"

    def read(self, seconds: float) -> bytes:
        waiting = [self._listener, *([self._program] if self._program else [])]
        ready = readable(waiting, seconds)
        if self._listener in ready:
            self._forget()
            self._program, _ = self._listener.accept()
            self._program.setblocking(False)
            return b""
        if not ready or self._program is None:
            return b""
        try:
            received = self._program.recv(_MOST_BYTES)
        except ConnectionError:
            received = b""
        if not received:
            self._forget()
        return received

    def write(self, content: bytes) -> bytes:
        if self._program is None:
            return b""
        try:
            return content[self._program.send(content) :]
        except BlockingIOError:
            return content
        except ConnectionError:
            self._forget()
            return b""

    def is_begun(self) -> bool:
        begun, self._is_begun = self._is_begun, False
        return begun

    def is_held(self) -> bool:
        return self._program is not None

    def hears_at(self, _baud: int) -> bool:
        return True

    def close(self) -> None:
        self._forget()
        self._listener.close()

    def _forget(self) -> None:
        self._is_begun = True
        if self._program is not None:
            self._program.close()
            self._program = None
