from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.stu.reports import MODELS, Capability, PenReport, feature, read_capability, read_pen

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
