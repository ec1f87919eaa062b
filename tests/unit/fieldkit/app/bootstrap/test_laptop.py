from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from support.clock import NOW, HandClock

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.laptop import ThisLaptop, percent_left


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


def no_power_supply() -> None:
    raise FileNotFoundError("/sys/class/power_supply")


def test_a_laptop_tells_its_charge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: SimpleNamespace(percent=63.6), raising=False)
    assert percent_left() == 64


@pytest.mark.parametrize("answer", [lambda: None, no_power_supply])
def test_a_desktop_and_a_container_tell_nothing(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", answer, raising=False)
    assert percent_left() is None


def test_some_systems_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    assert percent_left() is None
