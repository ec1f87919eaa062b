from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from drivers.simulators import topaz
from drivers.simulators.stage import Speed, Stage
from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.topaz import LCD_LEFT, LCD_TOP, LEFT, TOP, TopazPad, packet, seven_bit_packet

QUIET_S = 0.2  # in which more would come if there were more


def ink_of(stage: Stage) -> int:
    """Return how many packets a signature is: its points, and a lifted pen for each stroke."""
    return sum(len(stroke) + 1 for stroke in stage.subject.signature().strokes)


def read(port: serial.Serial, packets: int) -> bytes:
    """Read so many packets, and that no more come."""
    port.timeout, received = None, b""
    while len(received) < 5 * packets:
        received += port.read(5 * packets - len(received))
    port.timeout = QUIET_S
    return received + port.read(4096)


def read_packets(port: serial.Serial, stage: Stage) -> list[tuple[int, int, bool]]:
    """Read a signature; (x, y, is_down) as the pad's manual describes the bits."""
    received = read(port, 1 + ink_of(stage))
    points = []
    for at in range(0, len(received), 5):
        b = received[at : at + 5]
        assert b[0] & 0x80
        assert not any(byte & 0x80 for byte in b[1:])
        if at == 0:
            assert (b[0] >> 2) & 7 == 2  # it tells its numbers first: model 6 bits, serial number 18
            above, below = b[2] << 7 | b[1], b[4] << 7 | b[3]
            assert ((above & 0xFC) >> 2, (above & 3) << 16 | below & 0x3FFF) == (5, 70_001)
            continue
        assert (b[0] >> 2) & 7 == 0
        points.append(((b[2] & 0x1F) << 7 | b[1] & 0x7F, (b[4] & 0x1F) << 7 | b[3] & 0x7F, bool(b[0] & 1)))
    return points


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.present(SyntheticSubject(5))
    return stage


@pytest.fixture
def pad(stage: Stage, tmp_path: Path) -> Iterator[TopazPad]:
    pad = TopazPad(stage, tmp_path)
    yield pad
    pad.stop()


def test_coordinates_have_twelve_bits() -> None:
    assert packet(0xABC, 0x123, is_down=True) == bytes((0xC1, 0x3C, 0x15, 0x23, 0x02))


def test_the_lcd_pad_sends_seven_bits_a_byte(stage: Stage, tmp_path: Path) -> None:
    assert seven_bit_packet(LEFT + 0x4C0, TOP + 0x201, is_down=True) == bytes((0x45, 0x10, 0x19, 0x1F, 0x0D))
    assert (LCD_LEFT + 0x4C0, LCD_TOP + 0x201) == (0x19 << 6 | 0x10, 0x0D << 6 | 0x1F)
    pad = TopazPad(stage, tmp_path, make=seven_bit_packet)
    try:
        with serial.Serial(pad.address, 19200) as port:
            received = read(port, ink_of(stage))
    finally:
        pad.stop()
    assert len(received) == 5 * ink_of(stage)
    assert not any(byte & 0x80 for byte in received)
    assert all(bool(byte & 0x40) == (place % 5 == 0) for place, byte in enumerate(received))


def test_opening_the_port_makes_the_person_sign(pad: TopazPad, stage: Stage) -> None:
    with serial.Serial(pad.address, 19200) as port:
        points = read_packets(port, stage)
    signature = stage.subject.signature()
    expected = [p for stroke in signature.strokes for p in stroke]
    down = [(x, y) for x, y, is_down in points if is_down]
    assert len(down) == len(expected)
    assert all(500 <= x <= 2650 and 700 <= y <= 2100 for x, y in down)
    for (x, y), point in zip(down, expected, strict=True):
        assert abs((x - LEFT) * 25_400 / 410 - point.x_um) < 63
        assert abs((y - TOP) * 25_400 / 410 - point.y_um) < 63
    assert sum(not is_down for _, _, is_down in points) == len(signature.strokes)


def test_signs_again_when_the_program_empties_its_input_or_when_told(pad: TopazPad, stage: Stage) -> None:
    with serial.Serial(pad.address, 19200) as port:
        first = read_packets(port, stage)
        port.reset_input_buffer()
        second = read_packets(port, stage)
        assert (len(second), second != first) == (len(first), True)
        pad.sign_now()
        assert len(read_packets(port, stage)) == len(first)


def test_nobody_signs_nothing(pad: TopazPad, stage: Stage) -> None:
    stage.present(None)
    with serial.Serial(pad.address, 19200) as port:
        assert read(port, 0) == b""


def test_unplugged_the_line_breaks_and_comes_back_under_its_name(pad: TopazPad, stage: Stage) -> None:
    with serial.Serial(pad.address, 19200, timeout=1) as port:
        pad.unplug()
        assert not Path(pad.address).exists()
        with pytest.raises(serial.SerialException):
            _read_until_broken(port)
    pad.plug()
    with serial.Serial(pad.address, 19200) as port:
        assert read_packets(port, stage)


def _read_until_broken(port: serial.Serial) -> None:
    for _ in range(200):
        port.read(4096)


def test_a_person_takes_the_time_of_the_strokes(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits, wait = [], TopazPad._wait
    monkeypatch.setattr(TopazPad, "_wait", lambda pad, seconds: waits.append(seconds) or wait(pad, 0))
    pad = TopazPad(stage, tmp_path, speed=Speed.REALISTIC)
    try:
        with serial.Serial(pad.address, 19200) as port:
            read_packets(port, stage)
    finally:
        pad.stop()
    last_ms = stage.subject.signature().strokes[-1][-1].t_ms
    assert last_ms / 1000 < sum(waits) < last_ms / 1000 + 3, "and a moment before the first"


def test_on_a_port_it_signs_again_while_a_program_holds_the_line(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topaz, "_AGAIN_S", 0.1)
    pad = TopazPad(stage)
    try:
        with serial.serial_for_url(pad.address, 19_200, timeout=None) as port:
            assert pad.address.startswith("socket://127.0.0.1:")
            whole = 5 * (1 + ink_of(stage))
            first, again = (port.read(whole) for _ in range(2))
            assert first[:5] == topaz.numbers_packet()
            assert topaz.numbers_packet() in again  # no two signatures have the same points
    finally:
        pad.stop()
