"""A receiver that stands still: sentences of NMEA 0183 on a serial line, and a gpsd that knows no more."""

from __future__ import annotations

import datetime as dt
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from drivers.simulators.loopback import OneClientServer
from drivers.simulators.serial_end import serial_end

_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Place:
    """Where it stands, in degrees."""

    latitude: float
    longitude: float


JIMBE = Place(-8.09834, 112.16519)


def sentences(place: Place | None, at: dt.datetime) -> bytes:
    """Return what a receiver sends each time; without a place it sees no satellites."""
    clock, day = f"{at:%H%M%S}.00", f"{at:%d%m%y}"
    if place is None:
        return _sentence(f"GPGGA,{clock},,,,,0,00,99.99,,,,,,") + _sentence(f"GPRMC,{clock},V,,,,,,,{day},,,N")
    where = f"{_angle(place.latitude, 2, 'NS')},{_angle(place.longitude, 3, 'EW')}"
    return _sentence(f"GPGGA,{clock},{where},1,08,0.90,171.3,M,6.1,M,,") + _sentence(
        f"GPRMC,{clock},A,{where},0.02,31.66,{day},,,A"
    )


def _angle(degrees: float, digits: int, sides: str) -> str:
    whole, part = divmod(abs(degrees), 1)
    return f"{int(whole):0{digits}}{part * 60:08.5f},{sides[degrees < 0]}"


def _sentence(body: str) -> bytes:
    check = 0
    for byte in body.encode():
        check ^= byte
    return f"${body}*{check:02X}\r\n".encode()


class NmeaReceiver:
    """Sends to `address`: a link in `folder`, without one a port of the loopback."""

    def __init__(self, folder: Path | None, now: Callable[[], dt.datetime], place: Place | None = JIMBE) -> None:
        self.place = place
        self._now = now
        self._stopping = threading.Event()
        self._end = serial_end(folder, "ttyGPS")
        self.address = self._end.address
        self._thread = threading.Thread(target=self._run, name="nmea")
        self._thread.start()

    def stop(self) -> None:
        """Take the receiver away."""
        self._stopping.set()
        self._thread.join()
        self._end.close()

    def _run(self) -> None:
        while not self._stopping.wait(_EVERY_S):
            self._end.read(0)
            self._end.write(sentences(self.place, self._now()))  # lost while nobody reads


class Gpsd:
    """Serves one client at a time on a port of the loopback."""

    def __init__(self, now: Callable[[], dt.datetime], place: Place | None = JIMBE) -> None:
        self.place = place
        self._now = now
        self._server = OneClientServer(self._serve, "gpsd")
        self.url = f"gpsd://127.0.0.1:{self._server.port}"

    def stop(self) -> None:
        """Stop serving."""
        self._server.stop()

    def _serve(self, client: socket.socket) -> None:
        client.sendall(_line({"class": "VERSION", "release": "3.22", "proto_major": 3, "proto_minor": 14}))
        if b"?WATCH=" not in client.recv(1024):
            return
        client.sendall(_line({"class": "DEVICES", "devices": []}) + _line({"class": "WATCH", "enable": True}))
        while not self._server.stopping.wait(_EVERY_S):
            client.sendall(_line(self._report()))

    def _report(self) -> dict[str, object]:
        if self.place is None:
            return {"class": "TPV", "mode": 1}
        at = f"{self._now().astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}.000Z"
        where = {"lat": self.place.latitude, "lon": self.place.longitude, "eph": 4.5}
        return {"class": "TPV", "mode": 3, "time": at, **where}


def _line(report: dict[str, object]) -> bytes:
    return json.dumps(report).encode() + b"\r\n"
