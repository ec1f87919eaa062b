"""The wire to a pad: HID reports, through the library `hidapi` where it is installed."""

from __future__ import annotations

import importlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol

from drivers.trace import Payload, note

# Sans-IO parser of the pads' HID reports; each begins with the number of its kind, numbers are big-endian.
#
# Pen (01; 30 with time or sequence, 34 with both): near 1 bit, switches 3, pressure 12, X 16, Y 16. Capability (09):
# largest X, Y and pressure, width and height of the screen in px, reports a second.

VENDOR = 0x056A
MODELS = {
    0x00A1: "STU-500",
    0x00A2: "STU-300",
    0x00A3: "STU-520",
    0x00A4: "STU-430",
    0x00A5: "STU-530",
    0x00A6: "STU-430V",
    0x00A8: "STU-540",
    0x00A9: "STU-541",
}

PEN, PEN_OPTION, PEN_TIMED = 0x01, 0x30, 0x34
CAPABILITY, CAPABILITY_BYTES = 0x09, 64
CLEAR, INKING, RENDERING_MODE, PEN_MODE = 0x20, 0x21, 0x0E, 0x32
PLAIN_MODE, TIMED_MODE = 0, 3
SIGNING = bytes((0x93, *bytes(12)))  # the operation mode that is neither keypad nor slide show (STU-540, 541)
UM_PER_STEP = 10  # 2540 steps per inch

_PEN_FIELDS, _TIMED_FIELDS, _CAPABILITY_FIELDS = ">HHH", ">HHHHH", ">HHHHHB"
_NEAR, _SWITCHES, _PRESSURE = 0x8000, 0x7000, 0x0FFF


@dataclass(frozen=True, slots=True)
class PenReport:
    """Where the pen is, in steps from the upper left corner.

    `time_count` (in a unit that is not published) and `sequence` come with timed reports and wrap at 65536.
    """

    x: int
    y: int
    pressure: int
    is_near: bool
    is_down: bool
    time_count: int | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Capability:
    """What a pad says of its surface."""

    x_max: int
    y_max: int
    pressure_max: int

    @property
    def width_um(self) -> int:
        """Width of the surface."""
        return self.x_max * UM_PER_STEP

    @property
    def height_um(self) -> int:
        """Height of the surface."""
        return self.y_max * UM_PER_STEP


def read_pen(report: bytes) -> PenReport | None:
    """Return the pen of a report; None for reports of another kind or cut off."""
    kind, body = report[:1], report[1:]
    if kind == bytes((PEN_TIMED,)) and len(body) >= struct.calcsize(_TIMED_FIELDS):
        force, x, y, time_count, sequence = struct.unpack_from(_TIMED_FIELDS, body)
        return _pen(force, x, y, time_count, sequence)
    if kind in (bytes((PEN,)), bytes((PEN_OPTION,))) and len(body) >= struct.calcsize(_PEN_FIELDS):
        return _pen(*struct.unpack_from(_PEN_FIELDS, body))
    return None


def read_capability(report: bytes) -> Capability | None:
    """Return what a pad tells of itself; None for what cannot be a pad."""
    if report[:1] != bytes((CAPABILITY,)) or len(report) < 1 + struct.calcsize(_CAPABILITY_FIELDS):
        return None
    x_max, y_max, pressure_max, *_ = struct.unpack_from(_CAPABILITY_FIELDS, report, 1)
    return Capability(x_max, y_max, pressure_max) if x_max and y_max and pressure_max else None


def feature(kind: int, value: int) -> bytes:
    """Return the report that sets something: 0E how it draws, 20 clear, 21 ink on or off, 32 what pen reports tell."""
    return bytes((kind, value))


def _pen(force: int, x: int, y: int, time_count: int | None = None, sequence: int | None = None) -> PenReport:
    return PenReport(x, y, force & _PRESSURE, bool(force & _NEAR), bool(force & _SWITCHES), time_count, sequence)


_REPORT_BYTES = 256


class HidLink(Protocol):
    """An opened pad. Every call raises `OSError` when the pad is gone."""

    def read(self, timeout_ms: int) -> bytes:
        """Return the next report with its number in front, empty when none came in time."""
        ...

    def get_feature(self, kind: int, size: int) -> bytes:
        """Return a feature report with its number in front."""
        ...

    def set_feature(self, report: bytes) -> None:
        """Send a feature report. Raise `OSError` also when the pad does not know it."""
        ...

    def close(self) -> None:
        """Let go of the pad."""
        ...


@dataclass(frozen=True, slots=True)
class FoundPad:
    """A pad that the system lists; `path` opens it."""

    path: str
    model: str
    serial: str


class HidBus(Protocol):
    """Where pads are found and opened."""

    def pads(self) -> Sequence[FoundPad]:
        """List what is plugged in."""
        ...

    def open(self, path: str) -> HidLink:
        """Open a pad. Raise `OSError`."""
        ...


def hidapi_bus() -> HidBus | None:
    """Return the bus of this machine; None without the library."""
    try:
        return _HidapiBus(importlib.import_module("hid"))
    except ImportError:  # also when the system's own library behind it is missing
        return None


class _HidapiBus:
    def __init__(self, hid: ModuleType) -> None:
        self._hid = hid

    def pads(self) -> Sequence[FoundPad]:
        listed = (entry for entry in self._hid.enumerate(VENDOR, 0) if entry["product_id"] in MODELS)
        # A pad that shows several interfaces is one pad.
        found = {entry["path"]: entry for entry in listed if entry.get("interface_number", 0) in (-1, 0)}
        pads = [
            FoundPad(path.decode(), MODELS[entry["product_id"]], _serial(entry.get("serial_number")) or path.decode())
            for path, entry in found.items()
        ]
        for pad in pads:
            note("hid", pad.path, "listed", model=pad.model, serial=pad.serial)
        return pads

    def open(self, path: str) -> HidLink:
        device = self._hid.device()
        device.open_path(path.encode())
        note("hid", path, "opened")
        return _HidapiLink(device, path)


class _HidapiLink:
    def __init__(self, device: _HidapiDevice, path: str) -> None:
        self._device, self._path = device, path

    def read(self, timeout_ms: int) -> bytes:
        try:
            report = bytes(self._device.read(_REPORT_BYTES, timeout_ms))
        except ValueError as closed:
            raise OSError("closed") from closed
        if report:  # every report that a pad sends by itself is of its pen
            note("hid", self._path, "report", kind=report[:1], data=Payload(report[1:]))
        return report

    def get_feature(self, kind: int, size: int) -> bytes:
        report = bytes(self._device.get_feature_report(kind, size))
        note("hid", self._path, "told", kind=bytes((kind,)), data=report)
        return report

    def set_feature(self, report: bytes) -> None:
        is_taken = self._device.send_feature_report(report) >= 0
        note("hid", self._path, "set", data=report, taken=is_taken)
        if not is_taken:
            raise OSError(f"report {report[0]:02X} refused")

    def close(self) -> None:
        self._device.close()
        note("hid", self._path, "closed")


class _HidapiDevice(Protocol):
    def read(self, max_length: int, timeout_ms: int) -> list[int]: ...

    def get_feature_report(self, report_num: int, max_length: int) -> list[int]: ...

    def send_feature_report(self, buff: bytes) -> int: ...

    def close(self) -> None: ...


def _serial(told: str | None) -> str:
    """Return a serial number; some pads tell one control character instead."""
    return told if told and len(told) > 1 and told.isprintable() else ""
