from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from support.clock import NOW, HandClock

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.laptop import ThisLaptop


def test_battery_disk_and_clock_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path)
    home.write_public(replace(home.read_public(), clock_skew_s=-0.4))
    monkeypatch.setattr(
        psutil, "sensors_battery", lambda: SimpleNamespace(percent=95.6, power_plugged=True), raising=False
    )
    reading = ThisLaptop(home, HandClock()).read()
    assert (reading.at, reading.battery_percent, reading.is_plugged, reading.clock_skew_s) == (NOW, 96, True, 0.4)
    assert reading.free_bytes is not None
    assert reading.free_bytes > 0


def _no_sys() -> None:
    raise OSError


def _no_battery() -> None:
    return None


@pytest.mark.parametrize("asked", [_no_sys, _no_battery])
def test_what_this_machine_cannot_tell_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", asked, raising=False)
    reading = ThisLaptop(Home(tmp_path / "nowhere"), HandClock()).read()
    assert (reading.battery_percent, reading.is_plugged, reading.free_bytes, reading.clock_skew_s) == (None,) * 4


def test_a_system_that_knows_no_batteries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    reading = ThisLaptop(Home(tmp_path), HandClock()).read()
    assert (reading.battery_percent, reading.is_plugged) == (None, None)
