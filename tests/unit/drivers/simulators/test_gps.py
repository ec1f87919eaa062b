from __future__ import annotations

import datetime as dt
import socket
from pathlib import Path

import pytest
import serial

from drivers.simulators.gps import Gpsd, NmeaReceiver, Place, sentences

AT = dt.datetime(2026, 11, 21, 2, 0, tzinfo=dt.UTC)


def test_sentences_have_the_form_and_the_checksum_of_the_standard() -> None:
    gga, rmc = sentences(Place(47.28523, 8.56527), AT).split(b"\r\n")[:2]
    assert gga.startswith(b"$GPGGA,020000.00,4717.11380,N,00833.91620,E,1,08,")
    assert rmc.split(b",")[9] == b"211126"
    for line in (gga, rmc):
        body, check = line[1:].split(b"*")
        total = 0
        for byte in body:
            total ^= byte
        assert total == int(check, 16)
    assert b",V,,,,," in sentences(None, AT)


def test_a_serial_port_speaks(tmp_path) -> None:
    receiver = NmeaReceiver(tmp_path, lambda: AT)
    with serial.Serial(receiver.address, timeout=120) as line:
        assert line.readline()[:1] == b"$"
    receiver.stop()
    assert not Path(receiver.address).is_symlink()


@pytest.mark.parametrize("place", [None, Place(1.0, 2.0)])
def test_a_service_speaks_only_when_asked(place) -> None:
    service = Gpsd(lambda: AT, place)
    with socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2])), 120) as line:
        answers = line.makefile("rb")
        assert b"VERSION" in answers.readline()
        line.sendall(b'?WATCH={"enable":true,"json":true};\n')
        told = [answers.readline() for _ in range(3)][-1]
        answers.close()
    service.stop()
    assert (b'"lat": 1.0' in told) is (place is not None)
