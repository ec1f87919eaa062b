from __future__ import annotations

import os
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from serial.tools.list_ports_common import ListPortInfo
from support.standstill import wait_until
from support.waits import FactClock, Flag, never

from drivers.registry import DeviceRegistry
from drivers.topaz.driver import TopazDriver, TopazPad, parse_address
from drivers.topaz.packets import MODELS, PadNumbers
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
from fieldkit.ports.repositories import choice_of

ONLY = frozenset({"topaz"})


@pytest.fixture
def port(tmp_path):
    made = tmp_path / "ttyS9"
    made.touch()
    return made


def adapter(device: str, **told: str) -> ListPortInfo:
    found = ListPortInfo(device)
    found.vid, found.pid = 0x0403, 0x6001
    for name, text in told.items():
        setattr(found, name, text)
    return found


def test_addresses_name_the_model():
    assert parse_address("/dev/ttyUSB0#clipgem") == ("/dev/ttyUSB0", "clipgem")
    assert parse_address("COM3") == ("COM3", "")


def test_given_ports_are_listed_with_their_state(context_for, port, tmp_path):
    addresses = (f"{port}#clipgem", f"{tmp_path / 'gone'}#clipgem")
    context = context_for(addresses={"topaz": addresses}, only_given=ONLY, simulated=frozenset({str(port)}))
    driver = TopazDriver(context)
    there, gone = driver.scan()
    assert (there.state, there.is_simulated, there.identity.model) == (DeviceState.READY, True, "clipgem")
    assert (gone.state, gone.detail) == (DeviceState.ABSENT, "device.not_connected")
    assert driver.connect(there).identity == there.identity


@pytest.mark.parametrize(("name", "code"), [("#siglite-9x9", "unknown_model"), ("", "which_model")])
def test_no_model_is_ever_guessed(context_for, port, name, code):
    driver = TopazDriver(context_for(addresses={"topaz": (f"{port}{name}",)}, only_given=ONLY))
    (refused,) = driver.scan()
    assert (refused.state, refused.detail) == (DeviceState.NOT_READY, f"device.topaz.{code}")
    assert refused.params["models"] == ", ".join(MODELS)
    with pytest.raises(DeviceError) as caught:
        driver.connect(refused)
    assert caught.value.code == f"device.topaz.{code}"


def test_a_format_that_nobody_tried_is_said_beside_the_model(context_for, port):
    (pad,) = TopazDriver(context_for(addresses={"topaz": (f"{port}#signaturegem-lcd-1x5",)}, only_given=ONLY)).scan()
    assert (pad.state, pad.detail) == (DeviceState.READY, "device.topaz.untried")


def test_an_adapter_is_no_pad_until_somebody_names_it(context_for, monkeypatch):
    found = [
        adapter("/dev/ttyUSB0", manufacturer="FTDI", product="FT232R USB UART", serial_number="A50285BI"),
        adapter("/dev/ttyUSB1", product="Topaz Signature Pad", serial_number="TOPAZBSB"),
        adapter("/dev/ttyUSB2"),
        ListPortInfo("/dev/ttyACM0"),
    ]
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: found)
    given = {"isdv4": ("/dev/ttyUSB2",)}  # what another driver was given is no pad of this one
    plain, pad = TopazDriver(context_for(addresses=given)).scan()
    assert (plain.address, plain.state, plain.detail) == ("/dev/ttyUSB0", DeviceState.NOT_READY, "device.topaz.adapter")
    assert plain.identity is None
    assert (pad.address, pad.state, pad.detail) == ("/dev/ttyUSB1", DeviceState.NOT_READY, "device.topaz.which_model")
    assert (pad.identity.vendor, pad.identity.model) == ("Topaz", "Topaz Signature Pad TOPAZBSB")


def test_what_a_pad_told_stands_in_the_list_and_it_stays_the_chosen_one(context_for, port):
    driver = TopazDriver(context_for(addresses={"topaz": (f"{port}#clipgem",)}, only_given=ONLY))
    (before,) = driver.scan()
    registry = DeviceRegistry([driver])
    pad = registry.device(before)
    pad._heard(PadNumbers(5, 137))
    (after,) = driver.scan()
    assert registry.device(after) is pad, "a second one would find the port taken"
    assert (after.identity.model, after.identity.serial) == ("clipgem (5)", "137")
    assert choice_of(before).is_of(after)
    port.unlink()
    (gone,) = driver.scan()
    assert gone.identity == before.identity  # another pad may hang there next


SIGLITE = MODELS["siglite-1x5"]
LCD = MODELS["signaturegem-lcd-1x5"]
_POLLS = 3  # looks at the line after which what was written is read


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
        self.is_drawn = self._is_over = False

    @contextmanager
    def draw(self, cancel: Flag, *strokes: list[tuple[int, int]], make=packet) -> Iterator[None]:
        """Draw once the driver listens, and each stroke when the one before was read; then time passes."""

        def heard(times: int) -> None:
            asked = cancel.asked
            wait_until(lambda: cancel.asked >= asked + times or self._is_over)

        def write() -> None:
            wait_until(lambda: cancel.asked or self._is_over)
            for stroke in strokes:
                for x, y in stroke:
                    os.write(self.master, make(x, y))
                os.write(self.master, make(*stroke[-1], down=False))
                heard(_POLLS)
            self.is_drawn = True

        self.is_drawn = self._is_over = False
        thread = threading.Thread(target=write)
        thread.start()
        try:
            yield
        finally:
            self._is_over = True
            thread.join()

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
def clock(line):
    return FactClock(lambda: line.is_drawn)


@pytest.fixture
def pad(line, flag, clock):
    opened = TopazPad(line.port, SIGLITE, clock)
    opened.open(flag())
    yield opened
    opened.close()


def test_two_strokes_become_a_signature(line, pad, mailbox, flag):
    first = [(500 + n, 700 + n) for n in range(0, 400, 40)]
    second = [(1500, 900 + n) for n in range(0, 200, 20)]
    cancel = flag()
    with line.draw(cancel, first, second):
        signature = pad.sign(mailbox, cancel, idle_ms=200, timeout_ms=3000)
    assert [len(s) for s in signature.strokes] == [10, 10]
    assert (signature.strokes[0][0].x_um, signature.strokes[0][0].y_um) == (0, 0)
    assert signature.strokes[0][1].x_um == 40 * 25_400 // 410
    assert (signature.width_um, signature.height_um) == (SIGLITE.width_um, SIGLITE.height_um)
    times = [p.t_ms for s in signature.strokes for p in s]
    assert times[0] == 0
    assert times == sorted(times)
    assert mailbox.signatures[-1] == signature


def test_no_ink_is_nothing_presented(pad, clock, mailbox, flag):
    clock.runs = lambda: True
    with pytest.raises(NothingPresentedError) as caught:
        pad.sign(mailbox, flag(), idle_ms=200, timeout_ms=150)
    assert caught.value.code == "device.no_ink"


@pytest.mark.usefixtures("quick_polls")
def test_cancelling_keeps_the_ink_that_is_there(line, pad, clock, mailbox, flag):
    clock.runs = never
    cancel = flag(once=lambda: mailbox.points == 2)
    with line.draw(cancel, [(600, 800), (700, 800)]):
        signature = pad.sign(mailbox, cancel, idle_ms=90_000, timeout_ms=90_000)
    assert cancel.was_heeded
    assert len(signature.strokes) == 1
    cancel = flag(after=100)
    with pytest.raises(DeviceError) as caught:
        pad.sign(mailbox, cancel, idle_ms=200, timeout_ms=90_000)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded


def test_an_older_scribble_is_not_part_of_the_next_signature(line, pad, mailbox, flag):
    os.write(line.master, packet(600, 800))
    wait_until(lambda: pad._line.in_waiting == 5)
    cancel = flag()
    with line.draw(cancel, [(700, 900)]):
        signature = pad.sign(mailbox, cancel, idle_ms=150, timeout_ms=2000)
    assert len(signature.strokes) == 1
    assert signature.strokes[0][0].x_um == 200 * 25_400 // 410


def test_a_pulled_cable_breaks_the_transport(line, pad, mailbox, flag):
    cancel = flag()
    pull = threading.Thread(target=lambda: (wait_until(lambda: cancel.asked), line.close()))
    pull.start()
    with pytest.raises(TransportBrokenError):
        pad.sign(mailbox, cancel, idle_ms=200, timeout_ms=90_000)
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
def test_a_signaturegem_lcd_is_read_in_whichever_format_it_sends(line, clock, mailbox, flag, make):
    pad = TopazPad(line.port, LCD, clock)
    pad.open(flag())
    misread = [(500 + 9 * n, 400 + 5 * n) for n in range(60)]  # a first stroke, by which the format is told
    read = [(400 + 40 * n, 800) for n in range(20)]
    for _ in range(2):  # the second time the format is known
        cancel = flag()
        with line.draw(cancel, misread, read, make=make):
            signature = pad.sign(mailbox, cancel, idle_ms=300, timeout_ms=3000)
        assert [point.x_um for point in signature.strokes[-1]] == [40 * n * 25_400 // 410 for n in range(20)]
    assert len(signature.strokes) == 2
    assert len(signature.strokes[0]) == len(misread)
    pad.close()


def test_bytes_of_another_model_are_refused_and_shown(line, pad, mailbox, flag):
    cancel = flag()
    ink = [(500 + 9 * n, 400 + 5 * n) for n in range(60)]
    with line.draw(cancel, ink, make=seven), pytest.raises(ProtocolError) as caught:
        pad.sign(mailbox, cancel, idle_ms=300, timeout_ms=3000)
    assert caught.value.code == "device.topaz.format"
    assert caught.value.problem.params["received"].count(" ") == 19
    assert not mailbox.signatures


def test_a_pad_names_itself_once_it_told_its_numbers(line, clock, mailbox, flag):
    heard: list[PadNumbers] = []
    pad = TopazPad(line.port, SIGLITE, clock, heard=heard.append)
    pad.open(flag())
    assert (pad.identity.model, pad.identity.serial) == ("siglite-1x5", line.port)
    os.write(line.master, bytes((0x88, 5 << 2, 0, 9, 1)))
    wait_until(lambda: pad._line.in_waiting)
    cancel = flag()
    with line.draw(cancel, [(700, 900)]):
        pad.sign(mailbox, cancel, idle_ms=150, timeout_ms=2000)
    assert heard == [PadNumbers(5, 137)]
    assert (pad.identity.model, pad.identity.serial) == ("siglite-1x5 (5)", "137")
    pad.close()
