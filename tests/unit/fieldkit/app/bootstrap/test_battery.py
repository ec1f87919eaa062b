from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from fieldkit.app.bootstrap.battery import percent_left


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
