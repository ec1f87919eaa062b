from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.isdv4.driver import Isdv4Tablet as Driver
from drivers.simulators.isdv4 import PRESSURE_MAX, REPLY, X_MAX, Y_MAX, Isdv4Tablet, _Hand, packet, packets
from drivers.simulators.stage import Fault, Speed, Stage
from drivers.simulators.subject import SyntheticSubject
from drivers.transport import POLL_S
from fieldkit.ports.devices import NotConnectedError, NothingPresentedError, TransportBrokenError


class Sheet:
    def offer_signature(self, signature: object) -> None:
        self.last = signature


class Never:
    def is_cancelled(self) -> bool:
        return False


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.present(SyntheticSubject(5))
    return stage


@pytest.fixture(params=["pty", "socket"])
def tablet(request: pytest.FixtureRequest, stage: Stage, tmp_path: Path) -> Iterator[Isdv4Tablet]:
    tablet = Isdv4Tablet(stage, tmp_path if request.param == "pty" else None)
    yield tablet
    tablet.stop()


class Unhurried:
    """The clock of a driver: it stands still while the tablet has more to send, whoever has the processor.

    However long a busy machine keeps the driver from asking, no more passes than it waits for a byte by itself.
    """

    def __init__(self, tablet: Isdv4Tablet) -> None:
        self._tablet, self._now, self._asked_at = tablet, 0.0, time.monotonic()

    def __call__(self) -> float:
        before, self._asked_at = self._asked_at, time.monotonic()
        if self._tablet.is_at_rest:
            self._now += min(self._asked_at - before, POLL_S)
        return self._now


@pytest.fixture
def driver(tablet: Isdv4Tablet) -> Iterator[Driver]:
    driver = Driver(tablet.address, Unhurried(tablet))
    driver.open(Never())
    yield driver
    driver.close()


def test_bits_are_spread_over_seven_a_byte() -> None:
    assert packet(0xA1, 0x1235, 0x0ABE, 0x155) == bytes((0xA1, 0x09, 0x0D, 0x05, 0x2F, 0x55, 0x32, 0, 0))
    assert all(not byte & 0x80 for byte in packet(0xA1, 0xFFFF, 0xFFFF, 0x3FF)[1:])
    assert len(REPLY) == 11


def test_the_driver_gets_the_ink_of_the_person(driver: Driver, stage: Stage) -> None:
    assert stage.subject is not None
    given = stage.subject.signature()
    got = driver.sign(Sheet(), Never(), 400, 4000)
    assert [len(s) for s in got.strokes] == [len(s) for s in given.strokes]
    for point, original in zip(got.strokes[0], given.strokes[0], strict=True):
        assert abs(point.x_um - original.x_um) <= 10
        assert abs(point.y_um - original.y_um) <= 10
        assert abs(point.pressure - original.pressure) <= 1 / PRESSURE_MAX


def test_signs_again_when_started_again_or_told(driver: Driver, tablet: Isdv4Tablet) -> None:
    first = driver.sign(Sheet(), Never(), 300, 3000)
    second = driver.sign(Sheet(), Never(), 300, 3000)
    assert [len(s) for s in second.strokes] == [len(s) for s in first.strokes]


def test_nobody_signs_until_somebody_comes(driver: Driver, tablet: Isdv4Tablet, stage: Stage) -> None:
    stage.present(None)
    with pytest.raises(NothingPresentedError):
        driver.sign(Sheet(), Never(), 300, 300)
    stage.present(SyntheticSubject(5))
    assert driver.sign(Sheet(), Never(), 300, 3000).strokes


def test_noise_on_the_line_costs_nothing(tablet: Isdv4Tablet, stage: Stage) -> None:
    stage.arm(Fault.GARBAGE, 10)
    driver = Driver(tablet.address, Unhurried(tablet))
    driver.open(Never())
    assert len(driver.sign(Sheet(), Never(), 300, 3000).strokes) >= len(stage.subject.signature().strokes)
    driver.close()


def test_unplugged_the_line_breaks_and_comes_back_at_its_address(driver: Driver, tablet: Isdv4Tablet) -> None:
    address = tablet.address
    tablet.unplug()
    with pytest.raises(TransportBrokenError):
        driver.sign(Sheet(), Never(), 200, 2000)
    with pytest.raises((NotConnectedError, TransportBrokenError)):
        driver.open(Never())
    tablet.plug()
    assert tablet.address == address
    driver.open(Never())
    assert driver.sign(Sheet(), Never(), 300, 3000).strokes


def test_a_person_takes_the_time_of_the_strokes(stage: Stage) -> None:
    signature, now_ms = stage.subject.signature(), 0
    hand = _Hand(packets(signature), Speed.REALISTIC, lambda: now_ms / 1000)
    came: list[int] = []
    while not hand.is_at_rest:
        while hand.next():
            came.append(now_ms)
        now_ms += 1
    due = [at_ms for at_ms, _ in packets(signature)]
    # A person looks at the display first; seconds are no whole numbers.
    assert all(0 <= at_ms - (800 + wanted) <= 1 for at_ms, wanted in zip(came, due, strict=True))


def test_a_person_s_ink_comes_over_the_line_in_its_time(stage: Stage) -> None:
    tablet = Isdv4Tablet(stage, speed=Speed.REALISTIC)
    driver = Driver(tablet.address, Unhurried(tablet))
    try:
        driver.open(Never())
        strokes = driver.sign(Sheet(), Never(), 300, 3000).strokes
        assert [len(s) for s in strokes] == [len(s) for s in stage.subject.signature().strokes]
    finally:
        driver.close()
        tablet.stop()


# --- another hand's decoder

TOOL = "isdv4-serial-debugger"
# The tool asks for the registers of a UART first, which a pseudo-terminal has none of; nothing else is touched.
SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <asm/ioctls.h>
int ioctl(int fd, unsigned long request, ...) {
    va_list rest; va_start(rest, request); void *argument = va_arg(rest, void *); va_end(rest);
    if (request == TIOCGSERIAL) return 0;
    return ((int (*)(int, unsigned long, void *))dlsym(RTLD_NEXT, "ioctl"))(fd, request, argument);
}
"""


def lines_of(command: list[str], preload: Path, enough: int) -> list[str]:
    """Run a tool that never ends until it wrote `enough` lines; a terminal, so that it writes line by line."""
    master, slave = pty.openpty()
    environment = {**os.environ, "LD_PRELOAD": str(preload)}
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    written = b""
    try:
        while written.count(b"\n") < enough and process.poll() is None:
            if select.select([master], [], [], 0.2)[0]:
                written += os.read(master, 65536)
    finally:
        process.kill()
        process.wait()
        os.close(master)
    return written.decode().splitlines()


@pytest.mark.skipif(shutil.which(TOOL) is None, reason=f"{TOOL} (Debian xserver-xorg-input-wacom) is not installed")
@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler for the shim that lets the tool use a pty")
def test_the_debugger_of_linuxwacom_decodes_the_stream(stage: Stage, tmp_path: Path) -> None:
    source, shim = tmp_path / "shim.c", tmp_path / "shim.so"
    source.write_text(SHIM)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, source, "-ldl"], check=True)
    tablet = Isdv4Tablet(stage, tmp_path)
    try:
        lines = lines_of([TOOL, tablet.address], shim, enough=100)
    finally:
        tablet.stop()
    told = "\n".join(lines)
    assert f"TABLET: x max: {X_MAX} y max {Y_MAX}" in told
    assert f"TABLET: pressure max: {PRESSURE_MAX}" in told
    assert f"TOUCH: x max: {X_MAX} y max {Y_MAX}" in told
    pens = [re.search(r"PEN\s+\d+:\s*(\d+)/\s*(\d+) \| pressure:\s*(\d+) .*\|(.*)\|", line) for line in lines]
    seen = [(int(m[1]), int(m[2]), int(m[3]), "t" in m[4]) for m in pens if m]
    points = [p for stroke in stage.subject.signature().strokes for p in stroke]
    expected = [(p.x_um // 10, p.y_um // 10, round(p.pressure * PRESSURE_MAX), True) for p in points]
    # It decodes one packet each time something comes, so the last ones stay in its buffer; hovering is left out here.
    down = [one for one in seen if one[3]]
    assert len(down) > 80
    assert down == expected[: len(down)]
