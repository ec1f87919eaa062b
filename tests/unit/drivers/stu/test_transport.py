from __future__ import annotations

import importlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tapes import taping
from support.tries import tries

from drivers.stu import transport
from drivers.stu.transport import MODELS, Capability, PenReport, feature, hidapi_bus, read_capability, read_pen


class HidDevice:
    """What hidapi's device does, with its own words."""

    def __init__(self) -> None:
        self.path = b""
        self.answer = 2

    def open_path(self, path: bytes) -> None:
        if path != b"1-2:1.0":
            raise OSError("open failed")
        self.path = path

    def read(self, max_length: int, timeout_ms: int) -> list[int]:
        if not self.path:
            raise ValueError("not open")
        return [0x01, 0x90, 0x05, 0, 1, 0, 2]

    def get_feature_report(self, report_num: int, max_length: int) -> list[int]:
        return [report_num, 1, 2]

    def send_feature_report(self, buff: bytes) -> int:
        return self.answer

    def close(self) -> None:
        self.path = b""


class Hid:
    """The module `hid`."""

    device = HidDevice

    @staticmethod
    def enumerate(vendor: int, product: int) -> list[dict[str, object]]:
        assert (vendor, product) == (0x056A, 0)
        row = {"path": b"1-2:1.0", "product_id": 0xA4, "serial_number": "\x0409", "interface_number": 0}
        return [row, {**row, "interface_number": 1}, {**row, "path": b"1-3:1.0", "product_id": 0x33}]


@pytest.fixture
def bus(monkeypatch):
    monkeypatch.setattr(transport.importlib, "import_module", lambda name: {"hid": Hid}[name])
    return hidapi_bus()


def test_only_pads_are_listed_and_a_senseless_serial_number_is_none(bus):
    (pad,) = bus.pads()
    assert (pad.path, pad.model, pad.serial) == ("1-2:1.0", "STU-430", "1-2:1.0")


def test_a_link_speaks_in_bytes(bus):
    link = bus.open("1-2:1.0")
    assert link.read(10) == b"\x01\x90\x05\x00\x01\x00\x02"
    assert link.get_feature(0x09, 64) == b"\x09\x01\x02"
    link.set_feature(b"\x20\x00")
    link._device.answer = -1
    with pytest.raises(OSError, match="20 refused"):
        link.set_feature(b"\x20\x00")
    link.close()
    with pytest.raises(OSError, match="closed"):
        link.read(10)


def test_a_path_that_does_not_open(bus):
    with pytest.raises(OSError, match="open failed"):
        bus.open("9-9:1.0")


def test_without_the_library_there_is_no_bus(monkeypatch):
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(transport.importlib, "import_module", missing)
    assert hidapi_bus() is None


def test_the_real_library_fits():
    pytest.importorskip("hid", reason="hidapi is not installed")
    real = hidapi_bus()
    assert all(pad.model for pad in real.pads())
    with pytest.raises(OSError, match="open failed"):
        real.open("/dev/hidraw99")
    device = importlib.import_module("hid").device()
    for name in ("read", "get_feature_report", "send_feature_report", "close"):
        assert callable(getattr(device, name))


def test_a_recorded_pad_tells_everything_but_the_pen(bus):
    with taping() as tape:
        (pad,) = bus.pads()
        link = bus.open(pad.path)
        link.get_feature(0x09, 64)
        link.read(10)
        link.set_feature(b"\x20\x00")
        link._device.answer = -1
        with pytest.raises(OSError, match="93 refused"):
            link.set_feature(b"\x93\x00")
        link.close()
    listed, opened, told, report, *taken, closed = tape.events
    assert {event["line"] for event in tape.events} == {"1-2:1.0"}
    assert (listed["act"], listed["model"], listed["serial"]) == ("listed", "STU-430", "1-2:1.0")
    assert (opened["act"], closed["act"]) == ("opened", "closed")
    assert (told["act"], told["kind"], told["data"]) == ("told", "09", "090102")
    assert (report["act"], report["kind"], report["data"]["bytes"]) == ("report", "01", 6)
    assert [(e["act"], e["data"], e["taken"]) for e in taken] == [("set", "2000", True), ("set", "9300", False)]


def test_a_pad_that_says_nothing_is_not_in_a_trace(bus, monkeypatch):
    monkeypatch.setattr(HidDevice, "read", lambda *_: [])
    with taping() as tape:
        assert bus.open("1-2:1.0").read(10) == b""
    assert [event["act"] for event in tape.events] == ["opened"]


PEN = bytes.fromhex("01 92 00 12 34 0A BC")  # near, switch 1, pressure 512
TIMED = bytes.fromhex("34 91 FF 25 80 17 70 01 02 00 07")
# A STU-430: 9600 × 6000 steps, 1023 levels, 320 × 200 px, 200 reports a second
CAPABILITY = bytes.fromhex("09 25 80 17 70 03 FF 01 40 00 C8 C8 09 EC 01 00 00")


def test_pen_reports():
    assert read_pen(PEN) == PenReport(0x1234, 0x0ABC, 0x200, is_near=True, is_down=True)
    assert read_pen(b"\x30" + PEN[1:] + b"\x00\x07") == read_pen(PEN)
    assert read_pen(TIMED) == PenReport(9600, 6000, 0x1FF, True, True, time_count=0x0102, sequence=7)


@pytest.mark.parametrize(("first", "near", "down"), [(0x00, False, False), (0x80, True, False), (0x90, True, True)])
def test_flags_stand_above_the_pressure(first, near, down):
    pen = read_pen(bytes((0x01, first, 0xFF, 0, 1, 0, 2)))
    assert pen is not None
    assert (pen.is_near, pen.is_down, pen.pressure) == (near, down, 0xFF)


@pytest.mark.parametrize("report", [b"", b"\x01", PEN[:-1], TIMED[:-1], b"\x10" + PEN[1:], CAPABILITY])
def test_other_reports_are_no_pen(report):
    assert read_pen(report) is None


def test_padding_behind_a_report_is_nothing():
    assert read_pen(PEN + bytes(57)) == read_pen(PEN)


def test_the_capability_gives_the_surface():
    pad = read_capability(CAPABILITY)
    assert pad == Capability(9600, 6000, 1023)
    assert (pad.width_um, pad.height_um) == (96_000, 60_000)


@pytest.mark.parametrize("report", [b"", CAPABILITY[:8], bytes((0x08,)) + CAPABILITY[1:], b"\x09" + bytes(16)])
def test_no_capability(report):
    assert read_capability(report) is None


def test_what_is_set():
    assert feature(0x21, 1) == b"\x21\x01"


@pytest.mark.days
@settings(max_examples=tries(1000), deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes(report):
    pen = read_pen(report)
    if pen is not None:
        assert 0 <= pen.x <= 0xFFFF
        assert 0 <= pen.y <= 0xFFFF
        assert 0 <= pen.pressure <= 0x0FFF
    read_capability(report)


def test_every_pad_of_the_series_is_known():
    assert {MODELS[number] for number in (0xA2, 0xA3, 0xA6, 0xA9)} == {"STU-300", "STU-520", "STU-430V", "STU-541"}
