from __future__ import annotations

from pathlib import Path

import pytest
from support.app_context import absent, ready

from drivers.registry import DeviceRegistry
from fieldkit.app.bootstrap.doctor_devices import examine_devices, look_around
from fieldkit.app.bootstrap.home import Home
from fieldkit.ports.devices import DeviceKind, DeviceState, DeviceStatus


def codes(home: Home, *seen: DeviceStatus) -> list[str]:
    return [finding.problem.code if finding.problem else "" for finding in examine_devices(home, seen)]


def test_each_device_in_trouble_is_a_line_with_its_own_remedy(tmp_path: Path) -> None:
    denied = DeviceStatus(
        "topaz", "/dev/ttyUSB0", DeviceKind.SIGNATURE_PAD, DeviceState.PERMISSION_DENIED, None, "device.permission"
    )
    seen = (ready(DeviceKind.IRIS), denied, absent(DeviceKind.CAMERA))
    assert codes(Home(tmp_path), *seen) == ["device.permission", "device.not_connected"]
    assert all(finding.exit_code == 0 for finding in examine_devices(Home(tmp_path), seen))
    assert codes(Home(tmp_path), ready(DeviceKind.IRIS)) == [""]


def test_a_mistake_in_devices_toml_is_the_finding(tmp_path: Path) -> None:
    (tmp_path / "devices.toml").write_text("[nonsense]\n")
    (finding,) = examine_devices(Home(tmp_path))
    assert finding.problem is not None
    assert finding.problem.code == "devices_file.unknown_driver"


def test_a_broken_driver_is_a_line_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        name = "broken"

        def scan(self) -> list[DeviceStatus]:
            raise RuntimeError("of somebody else")

    class Whole:
        name = "whole"

        def scan(self) -> list[DeviceStatus]:
            return [ready(DeviceKind.IRIS)]

    found = DeviceRegistry([Broken(), Whole()]).scan()  # type: ignore[list-item]
    assert codes(Home(tmp_path), *found) == ["device.driver_failed"]
    monkeypatch.setattr("drivers.registry.load_drivers", lambda _: [Broken(), Whole()])
    assert [status.driver for status in look_around(Home(tmp_path))] == ["broken", "sbi"]
