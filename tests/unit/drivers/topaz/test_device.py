from __future__ import annotations

import os
import threading
import time
import tty

import pytest

from drivers.topaz.device import TopazPad
from drivers.topaz.models import MODELS
from drivers.topaz.packets import PadNumbers
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    DeviceKind,
    DeviceState,
    NotConnectedError,
    NothingPresentedError,
    ProtocolError,
    TransportBrokenError,
)

SIGLITE = MODELS["siglite-1x5"]
LCD = MODELS["signaturegem-lcd-1x5"]


def packet(x: int, y: int, *, down: bool = True) -> bytes:
    return bytes((0xC0 | down, x & 0x7F, x >> 7, y & 0x7F, y >> 7))


def seven(x: int, y: int, *, down: bool = True) -> bytes:
    return bytes((0x44 | down, x & 0x3F, x >> 6, y & 0x3F, y >> 6))


class Line:
    """The pad's end of a pseudo-terminal."""

    def __init__(self) -> None:
        self.master, self._slave = os.openpty()
        self._ends: tuple[int, ...] = (self.master, self._slave)
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)

    def draw(self, *strokes: list[tuple[int, int]], after_s: float = 0.1, make=packet) -> threading.Thread:
        def write() -> None:
            time.sleep(after_s)
            for stroke in strokes:
                for x, y in stroke:
                    os.write(self.master, make(x, y))
                    time.sleep(0.002)
                os.write(self.master, make(*stroke[-1], down=False))

        thread = threading.Thread(target=write)
        thread.start()
        return thread

    def close(self) -> None:
        """Pull the cable; a number that was closed may be another file's by the second time."""
        ends, self._ends = self._ends, ()
        for descriptor in ends:
            os.close(descriptor)


@pytest.fixture
def line():
    opened = Line()
    yield opened
    opened.close()


@pytest.fixture
def pad(line, flag):
    opened = TopazPad(line.port, SIGLITE)
    opened.open(flag())
    yield opened
    opened.close()


def test_two_strokes_become_a_signature(line, pad, mailbox, flag):
    first = [(500 + n, 700 + n) for n in range(0, 400, 40)]
    second = [(1500, 900 + n) for n in range(0, 200, 20)]
    pen = line.draw(first, second)
    signature = pad.sign(mailbox, flag(), idle_ms=200, timeout_ms=3000)
    pen.join()
    assert [len(s) for s in signature.strokes] == [10, 10]
    assert (signature.strokes[0][0].x_um, signature.strokes[0][0].y_um) == (0, 0)
    assert signature.strokes[0][1].x_um == 40 * 25_400 // 410
    assert (signature.width_um, signature.height_um) == (SIGLITE.width_um, SIGLITE.height_um)
    times = [p.t_ms for s in signature.strokes for p in s]
    assert times[0] == 0
    assert times == sorted(times)
    assert mailbox.signatures[-1] == signature


def test_no_ink_is_nothing_presented(pad, mailbox, flag):
    with pytest.raises(NothingPresentedError) as caught:
        pad.sign(mailbox, flag(), idle_ms=200, timeout_ms=150)
    assert caught.value.code == "device.no_ink"


def test_cancelling_keeps_the_ink_that_is_there(line, pad, mailbox, flag):
    pen = line.draw([(600, 800), (700, 800)])
    started = time.monotonic()
    signature = pad.sign(mailbox, flag(after_s=0.5), idle_ms=9000, timeout_ms=9000)
    assert time.monotonic() - started < 4.5
    assert len(signature.strokes) == 1
    pen.join()
    with pytest.raises(DeviceError) as caught:
        pad.sign(mailbox, flag(after_s=0.1), idle_ms=200, timeout_ms=9000)
    assert caught.value.code == "device.cancelled"


def test_an_older_scribble_is_not_part_of_the_next_signature(line, pad, mailbox, flag):
    os.write(line.master, packet(600, 800))
    time.sleep(0.05)
    pen = line.draw([(700, 900)])
    signature = pad.sign(mailbox, flag(), idle_ms=150, timeout_ms=2000)
    pen.join()
    assert len(signature.strokes) == 1
    assert signature.strokes[0][0].x_um == 200 * 25_400 // 410


def test_a_pulled_cable_breaks_the_transport(line, pad, mailbox, flag):
    pull = threading.Timer(0.1, line.close)
    pull.start()
    with pytest.raises(TransportBrokenError):
        pad.sign(mailbox, flag(), idle_ms=200, timeout_ms=3000)
    pull.join()
    assert pad.health() is DeviceState.ABSENT


def test_a_port_that_is_not_there_or_taken(line, pad, flag):
    missing = TopazPad("/dev/pts/does-not-exist", SIGLITE)
    with pytest.raises(NotConnectedError):
        missing.open(flag())
    assert missing.health() is DeviceState.ABSENT
    with pytest.raises(DeviceBusyError):
        TopazPad(line.port, SIGLITE).open(flag())


def test_open_close_open(pad, mailbox, flag):
    assert pad.capabilities.kind is DeviceKind.SIGNATURE_PAD
    assert pad.identity.vendor == "Topaz"
    pad.close()
    pad.close()
    with pytest.raises(NotConnectedError):
        pad.sign(mailbox, flag(), 100, 100)
    pad.open(flag())
    pad.open(flag())
    assert pad.health() is DeviceState.READY


@pytest.mark.parametrize("make", [seven, packet], ids=["seven bits", "eight bits"])
def test_a_signaturegem_lcd_is_read_in_whichever_format_it_sends(line, mailbox, flag, make):
    pad = TopazPad(line.port, LCD)
    pad.open(flag())
    misread = [(500 + 9 * n, 400 + 5 * n) for n in range(60)]  # a first stroke, by which the format is told
    read = [(400 + 40 * n, 800) for n in range(20)]
    for _ in range(2):  # the second time the format is known
        pen = line.draw(misread, read, make=make)
        signature = pad.sign(mailbox, flag(), idle_ms=300, timeout_ms=3000)
        pen.join()
        assert [point.x_um for point in signature.strokes[-1]] == [40 * n * 25_400 // 410 for n in range(20)]
    assert len(signature.strokes) == 2
    assert len(signature.strokes[0]) == len(misread)
    pad.close()


def test_bytes_of_another_model_are_refused_and_shown(line, pad, mailbox, flag):
    pen = line.draw([(500 + 9 * n, 400 + 5 * n) for n in range(60)], make=seven)
    with pytest.raises(ProtocolError) as caught:
        pad.sign(mailbox, flag(), idle_ms=300, timeout_ms=3000)
    pen.join()
    assert caught.value.code == "device.topaz.format"
    assert caught.value.problem.params["received"].count(" ") == 19
    assert not mailbox.signatures


def test_a_pad_names_itself_once_it_told_its_numbers(line, mailbox, flag):
    heard: list[PadNumbers] = []
    pad = TopazPad(line.port, SIGLITE, heard=heard.append)
    pad.open(flag())
    assert (pad.identity.model, pad.identity.serial) == ("siglite-1x5", line.port)
    os.write(line.master, bytes((0x88, 5 << 2, 0, 9, 1)))
    pen = line.draw([(700, 900)])
    pad.sign(mailbox, flag(), idle_ms=150, timeout_ms=2000)
    pen.join()
    assert heard == [PadNumbers(5, 137)]
    assert (pad.identity.model, pad.identity.serial) == ("siglite-1x5 (5)", "137")
    pad.close()
