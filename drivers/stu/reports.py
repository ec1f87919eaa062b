"""Sans-IO parser of the pads' HID reports; each begins with the number of its kind, numbers are big-endian.

Pen (01; 30 with time or sequence, 34 with both): near 1 bit, switches 3, pressure 12, X 16, Y 16.
Capability (09): largest X, Y and pressure, width and height of the screen in px, reports a second.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

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
