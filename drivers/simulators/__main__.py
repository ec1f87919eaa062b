"""Runs a simulated kit as a process of its own, moved by lines on standard input or on a loopback socket.

It ends with its standard input, so that it never outlives the program that started it.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from drivers.simulators.bench import SimulatedKit
from drivers.simulators.control import Control
from drivers.simulators.sbi.server import PORTS
from drivers.simulators.stage import Speed


def main(arguments: list[str] | None = None) -> int:
    """Serve until standard input ends, `quit` or SIGTERM."""
    asked = _parser().parse_args(arguments)
    if os.path.samestat(os.fstat(sys.stdin.fileno()), Path(os.devnull).stat()):
        _parser().error("the devices end with their standard input, and it is empty: keep it open, e.g. `sleep 1d | …`")
    with (
        SimulatedKit(
            speed=Speed(asked.speed),
            finger_ports=[asked.finger_port] if asked.finger_port else PORTS,
            iris_ports=[asked.iris_port] if asked.iris_port else PORTS,
            camera_ports=[asked.camera_port],
            ahead=timedelta(seconds=asked.ahead),
        ) as kit,
        socket.create_server(("127.0.0.1", asked.control_port)) as listener,
    ):
        _write_addresses(asked.ports_file, kit, listener.getsockname()[1])
        _Lines(Control(kit, asked.seed, asked.subjects), listener).serve()
    return 0


class _Lines:
    """Reads lines from standard input and from every connection, in one thread."""

    def __init__(self, control: Control, listener: socket.socket) -> None:
        self._control = control
        self._listener = listener
        self._selector = selectors.PollSelector()  # epoll refuses the lines of a plain file
        self._partial: dict[int, bytes] = {}
        self._connections: dict[int, socket.socket] = {}

    def serve(self) -> None:
        """Obey until it is over."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._end())
        self._selector.register(self._listener, selectors.EVENT_READ)
        stdin = sys.stdin.fileno()
        self._selector.register(stdin, selectors.EVENT_READ)
        with self._selector:
            while not self._control.is_over:
                for key, _ in self._selector.select(timeout=0.5):
                    if key.fileobj is self._listener:
                        self._welcome()
                    elif key.fd == stdin:
                        if not self._read(stdin, lambda answer: sys.stdout.buffer.write(answer)):
                            self._end()
                        sys.stdout.buffer.flush()
                    else:
                        self._hear(key.fd)
        for connection in self._connections.values():
            connection.close()

    def _end(self) -> None:
        self._control.is_over = True

    def _welcome(self) -> None:
        connection, _ = self._listener.accept()
        self._connections[connection.fileno()] = connection
        self._selector.register(connection, selectors.EVENT_READ)

    def _hear(self, fd: int) -> None:
        connection = self._connections[fd]
        try:
            is_there = self._read(fd, connection.sendall)
        except ConnectionError:
            is_there = False
        if not is_there:
            self._selector.unregister(connection)
            self._partial.pop(fd, None)
            self._connections.pop(fd).close()

    def _read(self, fd: int, reply: Callable[[bytes], object]) -> bool:
        received = os.read(fd, 4096)
        *lines, rest = (self._partial.get(fd, b"") + received).split(b"\n")
        self._partial[fd] = rest
        for line in lines:
            if line.strip():
                reply(self._control.obey(line.decode(errors="replace")).encode() + b"\n")
        return bool(received)


def _write_addresses(file: Path, kit: SimulatedKit, control_port: int) -> None:
    addresses = kit.addresses
    written = {
        "finger": addresses.finger_url,
        "iris": addresses.iris_url,
        "sbi": list(addresses.sbi_urls),
        "camera": addresses.camera_url,
        "topaz": str(addresses.topaz_tty),
        "isdv4": addresses.isdv4_tty,
        "trust": str(addresses.trust_pem),
        "control": control_port,
        "pid": os.getpid(),
    }
    # Renamed into place, so that whoever waits for the file never reads half of it.
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.write_text(json.dumps(written), encoding="utf-8")
    draft.replace(file)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m drivers.simulators", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="people are grown from this number on")
    parser.add_argument("--ports-file", type=Path, required=True, help="where to write the addresses (JSON)")
    parser.add_argument("--subjects", type=Path, help="folder with a folder per person")
    parser.add_argument("--ahead", type=float, default=0.0, help="seconds that their clocks are ahead of the machine's")
    parser.add_argument("--speed", choices=[speed.value for speed in Speed], default=Speed.INSTANT.value)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--finger-port", type=int, default=0, help="0: the first free one of 4501–4600")
    parser.add_argument("--iris-port", type=int, default=0, help="0: the first free one of 4501–4600")
    parser.add_argument("--camera-port", type=int, default=0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
