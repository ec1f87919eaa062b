from __future__ import annotations

import sys
from pathlib import Path

import pytest

from drivers.libfprint.driver import LibfprintDriver
from fieldkit.ports.devices import DeviceState

# A Python with libfprint and one reader, which notes that it was asked.
PYTHON_WITH_A_READER = """#!/bin/sh
echo asked >> {asked}
echo '{{"number": 0, "ready": true}}'
read request
echo '{{"number": 1, "devices": [{{"driver": "goodixmoc", "id": "0", "name": "Goodix MOC", "may_capture": false}}]}}'
read request
"""


def test_a_missing_library_is_one_line_with_the_packages(context_for):
    (status,) = LibfprintDriver(context_for(), python=Path(sys.executable)).scan()
    assert (status.state, status.detail) == (DeviceState.SDK_MISSING, "device.libfprint.missing")
    assert status.params == {"package": "libfprint-2-2 gir1.2-fprint-2.0 python3-gi"}
    assert not status.may_enrol


@pytest.mark.usefixtures("_library")
def test_the_virtual_reader_is_given_and_says_what_it_is_not_for(context_for, tmp_path):
    there, gone = f"virtual:{tmp_path}/reader", f"virtual:{tmp_path}/gone/reader"
    context = context_for(
        addresses={"libfprint": (there, gone)}, only_given=frozenset({"libfprint"}), simulated=frozenset({there})
    )
    driver = LibfprintDriver(context)
    first, second = driver.scan()
    assert (first.state, first.detail) == (DeviceState.READY, "device.libfprint.not_for_recording")
    assert first.is_simulated
    assert not first.may_enrol
    assert (second.state, second.detail) == (DeviceState.ABSENT, "device.not_connected")
    device = driver.connect(first)
    assert device.identity == first.identity
    assert (device.health(), driver.connect(second).health()) == (DeviceState.READY, DeviceState.ABSENT)


def test_the_library_is_asked_only_when_something_was_plugged(context_for, tmp_path):
    usb, asked = tmp_path / "usb", tmp_path / "asked"
    (usb / "001").mkdir(parents=True)
    python = tmp_path / "python3"
    python.write_text(PYTHON_WITH_A_READER.format(asked=asked))
    python.chmod(0o755)
    now = [0.0]
    driver = LibfprintDriver(context_for(monotonic=lambda: now[0]), python, usb)
    assert [(s.address, s.identity.model) for s in driver.scan()] == [("goodixmoc:0", "Goodix MOC")]
    driver.scan()
    assert asked.read_text() == "asked\n"
    (usb / "001" / "007").touch()
    driver.scan()
    assert asked.read_text() == "asked\n" * 2
    now[0] = 61.0
    (status,) = driver.scan()
    assert asked.read_text() == "asked\n" * 3
    assert driver.connect(status).health() is DeviceState.READY


def test_a_library_that_crashes_lists_nothing(context_for, tmp_path):
    assert LibfprintDriver(context_for(), python=Path("/bin/true"), usb=tmp_path).scan() == []


def test_nothing_is_asked_where_nothing_is_wanted(context_for):
    assert LibfprintDriver(context_for(only_given=frozenset({"libfprint"}))).scan() == []
