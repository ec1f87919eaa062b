"""Runs a simulated kit as a process of its own, moved by lines on standard input or on a loopback socket.

It ends with its standard input, so that it never outlives the program that started it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import selectors
import signal
import socket
import sys
import threading
from datetime import timedelta
from pathlib import Path

from drivers.simulators.bench import SERIAL, Serial, SimulatedKit
from drivers.simulators.control import Control
from drivers.simulators.sbi.server import PORTS
from drivers.simulators.stage import Speed


def main(arguments: list[str] | None = None) -> int:
    """Serve until standard input ends, `quit` or SIGTERM."""
    asked = _parser().parse_args(arguments)
    if sys.platform != "win32" and os.path.samestat(os.fstat(sys.stdin.fileno()), Path(os.devnull).stat()):
        _parser().error("the devices end with their standard input, and it is empty: keep it open, e.g. `sleep 1d | …`")
    with (
        SimulatedKit(
            speed=Speed(asked.speed),
            finger_ports=[asked.finger_port] if asked.finger_port else PORTS,
            iris_ports=[asked.iris_port] if asked.iris_port else PORTS,
            camera_ports=[asked.camera_port],
            ahead=timedelta(seconds=asked.ahead),
            serial=Serial(asked.serial),
        ) as kit,
        socket.create_server(("127.0.0.1", asked.control_port)) as listener,
    ):
        _write_addresses(asked.ports_file, kit, listener.getsockname()[1])
        _Lines(Control(kit, asked.seed, asked.subjects), listener).serve()
    return 0


class _Lines:
    """Reads lines from every connection in one thread; what comes on standard input is one of them."""

    def __init__(self, control: Control, listener: socket.socket) -> None:
        self._control = control
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._partial: dict[int, bytes] = {}
        self._connections: dict[int, socket.socket] = {}

    def serve(self) -> None:
        """Obey until it is over."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._end())
        self._selector.register(self._listener, selectors.EVENT_READ)
        # Windows cannot wait for pipes and sockets together.
        threading.Thread(target=_relay, args=(self._listener.getsockname()[1],), daemon=True).start()
        with self._selector:
            while not self._control.is_over:
                for key, _ in self._selector.select(timeout=0.5):
                    if key.fileobj is self._listener:
                        self._welcome()
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
            is_there = self._read(connection)
        except ConnectionError:
            is_there = False
        if not is_there:
            self._selector.unregister(connection)
            self._partial.pop(fd, None)
            self._connections.pop(fd).close()

    def _read(self, connection: socket.socket) -> bool:
        received, fd = connection.recv(4096), connection.fileno()
        *lines, rest = (self._partial.get(fd, b"") + received).split(b"\n")
        self._partial[fd] = rest
        for line in lines:
            if line.strip():
                connection.sendall(self._control.obey(line.decode(errors="replace")).encode() + b"\n")
        return bool(received)


def _relay(port: int) -> None:
    """Pass standard input on line by line, and the answers to standard output; its end is `quit`."""
    waiting = b""
    # The other side goes first at a signal.
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port)) as line,
        line.makefile("rb") as said,
    ):
        while received := os.read(sys.stdin.fileno(), 4096):
            *asked, waiting = (waiting + received).split(b"\n")
            for words in filter(bytes.strip, asked):
                line.sendall(words + b"\n")
                sys.stdout.buffer.write(said.readline())
                sys.stdout.buffer.flush()
        line.sendall(b"quit\n")


def _write_addresses(file: Path, kit: SimulatedKit, control_port: int) -> None:
    addresses = kit.addresses
    written = {
        "finger": addresses.finger_url,
        "iris": addresses.iris_url,
        "sbi": list(addresses.sbi_urls),
        "camera": addresses.camera_url,
        "topaz": addresses.topaz_tty,
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
    parser.add_argument("--serial", choices=[kind.value for kind in Serial], default=SERIAL.value)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--finger-port", type=int, default=0, help="0: the first free one of 4501–4600")
    parser.add_argument("--iris-port", type=int, default=0, help="0: the first free one of 4501–4600")
    parser.add_argument("--camera-port", type=int, default=0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
