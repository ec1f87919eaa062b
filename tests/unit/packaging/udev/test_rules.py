"""The udev rules name every USB device that a driver looks for by its numbers."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

from drivers.gps import is_receiver
from drivers.stu.transport import VENDOR
from drivers.topaz.driver import FTDI
from drivers.zfm.driver import ADAPTERS

RULES = Path(__file__).parents[4] / "packaging" / "udev" / "70-fieldkit.rules"
CLAUSE = re.compile(r'^[A-Z]+(\{\w+\})?(==|\+=|=|!=)"[^"]*"$')
LINES = [line for line in RULES.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def granted(subsystem: str, vendor: int, product: int) -> bool:
    """Return whether a rule gives access to a device, read as udev reads it."""
    facts = {"SUBSYSTEM": subsystem, "ATTRS{idVendor}": f"{vendor:04x}", "ATTRS{idProduct}": f"{product:04x}"}
    for line in LINES:
        clauses = dict(part.strip().split("==", 1) for part in line.split(", ") if "==" in part)
        is_for_it = all(fnmatch(facts.get(key, ""), value.strip('"')) for key, value in clauses.items())
        if is_for_it and 'TAG+="uaccess"' in line:
            return True
    return False


@pytest.mark.parametrize("line", LINES)
def test_each_rule_is_well_formed(line: str) -> None:
    assert all(CLAUSE.match(part) for part in line.split(", "))


def test_every_serial_adapter_that_a_driver_knows_is_there() -> None:
    for vendor, product in (FTDI, *ADAPTERS, (0x1546, 0x01A8), (0x0E8D, 0x3329)):
        assert granted("tty", vendor, product), f"{vendor:04x}:{product:04x}"
    assert is_receiver(0x1546, 0x01A8)
    assert not granted("tty", 0x0403, 0x6010)
    assert not granted("hidraw", *FTDI)


@pytest.mark.parametrize("product", [0x00A2, 0x00A4, 0x00A1, 0x00A3, 0x00A5, 0x00A8])
def test_the_pads_of_wacom_are_there(product: int) -> None:
    assert granted("hidraw", VENDOR, product)


def test_seats_are_asked_after_these_rules() -> None:
    assert int(RULES.name.partition("-")[0]) < 73
