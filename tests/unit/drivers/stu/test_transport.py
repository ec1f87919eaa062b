from __future__ import annotations

import importlib

import pytest
from support.tapes import taping

from drivers.stu import transport
from drivers.stu.transport import hidapi_bus


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
