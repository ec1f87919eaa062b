from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.app_context import absent, ready

from drivers.registry import DeviceRegistry
from drivers.simulators.gps import Gpsd
from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.app.bootstrap.doctor import examine, examine_devices, look_around
from fieldkit.app.bootstrap.home import Home, PublicFacts
from fieldkit.domain.errors import Problem
from fieldkit.domain.trusted_time import TimeSource, TrustedTime
from fieldkit.ports.devices import DeviceKind, DeviceState, DeviceStatus
from fieldkit.ports.laptop import Finding
from fieldkit.quality import face_networks


def by_name(home: Home) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(home, ())}


def test_an_empty_laptop_is_told_what_it_lacks_and_left_as_it_is(tmp_path: Path) -> None:
    found = by_name(Home(tmp_path / "not" / "yet"))
    assert list(tmp_path.iterdir()) == []
    for name in ("python", "window", "store", "images", "faces", "home"):
        assert found[name].is_ok, found[name]
    for name in ("enrolled", "trust"):
        assert not found[name].is_ok
        assert not found[name].is_needed


def test_a_home_that_others_may_look_into_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    found = by_name(Home(tmp_path))["home_private"]
    assert (found.problem, found.exit_code) == (Problem("doctor.home_open", {"home": str(tmp_path)}), 0)
    assert "home_private" not in by_name(Home(tmp_path / "not yet"))
    tmp_path.chmod(0o700)
    assert by_name(Home(tmp_path))["home_private"].is_ok


def test_what_the_system_does_not_tell_is_neither_well_nor_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldkit.app.bootstrap.doctor.has_display", lambda: True)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("plain_swaps", "percent_left"):
        monkeypatch.setattr(f"fieldkit.app.bootstrap.doctor.{name}", lambda: None)
    monkeypatch.setattr("fieldkit.app.bootstrap.doctor.is_private", lambda _folder: None)
    found = by_name(Home(tmp_path))
    for name in ("swap", "battery", "home_private", "display", "clock", "trusted_time", "certificates"):
        assert (found[name].is_checked, found[name].is_ok, found[name].problem) == (False, False, None), name
        assert found[name].exit_code == 0
    monkeypatch.setattr("fieldkit.app.bootstrap.doctor.plain_swaps", lambda: ())
    monkeypatch.setattr("fieldkit.app.bootstrap.doctor.percent_left", lambda: 80)
    monkeypatch.setattr("fieldkit.app.bootstrap.doctor.is_private", lambda _folder: True)
    found = by_name(Home(tmp_path))
    assert all(found[name].is_ok for name in ("swap", "battery", "home_private"))


def test_a_damaged_face_model_is_told_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_networks, "files", lambda _package: tmp_path)
    found = by_name(Home(tmp_path))["faces"]
    assert found.problem is not None
    assert (found.problem.code, found.problem.params["file"]) == ("face_model.damaged", face_networks.DETECTION)
    assert found.is_needed


def test_a_kit_with_a_trusted_provider(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.trust.mkdir()
    (home.trust / "provider.pem").write_text("")
    home.write_public(PublicFacts("Dinas Uji"))
    found = by_name(home)
    assert (found["trust"].is_ok, found["trust"].detail) == (True, "1")


def test_a_full_disk_and_a_missing_library_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldkit.app.bootstrap.doctor._LEAST_DISK_BYTES", 1 << 62)
    monkeypatch.setitem(__import__("sys").modules, "sqlcipher3", None)
    found = by_name(Home(tmp_path))
    assert not found["disk"].is_ok
    assert found["disk"].is_needed
    assert not found["store"].is_ok
    assert (found["disk"].exit_code, found["store"].problem) == (
        3,
        Problem("doctor.part_broken", {"part": "sqlcipher3"}),
    )
    monkeypatch.setattr("fieldkit.app.bootstrap.doctor.plain_swaps", lambda: ("/dev/sda3",))
    monkeypatch.setattr("fieldkit.app.bootstrap.doctor.core_dumps.are_off", lambda: (False, "core"))
    monkeypatch.setattr("fieldkit.app.bootstrap.doctor.percent_left", lambda: 12)
    found = by_name(Home(tmp_path))
    for name, code in {"swap": "swap_plain", "core_dumps": "core_dumps_on", "battery": "battery_low"}.items():
        assert found[name].problem is not None
        assert found[name].problem.code == f"doctor.{code}"
        assert found[name].exit_code == 0


@pytest.mark.parametrize(
    ("skew_s", "is_ok", "detail"), [(None, False, ""), (-3.25, True, "+3.2 s"), (400, False, "-400.0 s")]
)
def test_the_clock_is_held_against_the_data_centers(
    tmp_path: Path, skew_s: float | None, is_ok: bool, detail: str
) -> None:
    home = Home(tmp_path)
    home.write_public(PublicFacts("Dinas Uji", clock_skew_s=skew_s))
    clock = by_name(home)["clock"]
    assert (clock.is_ok, clock.detail, clock.is_needed) == (is_ok, detail, False)


def test_a_clock_behind_what_is_trusted_is_a_finding(tmp_path: Path) -> None:
    home, now = Home(tmp_path), datetime.now(UTC)
    for off, is_ok in ((timedelta(days=-1), True), (timedelta(days=3), False)):
        home.write_public(PublicFacts("Dinas Uji", trusted=TrustedTime(now + off, TimeSource.CENTER)))
        assert by_name(home)["trusted_time"].is_ok is is_ok


def test_a_certificate_that_ends_soon_is_a_finding(tmp_path: Path) -> None:
    home, now = Home(tmp_path), datetime.now(UTC)
    assert not by_name(home)["certificates"].is_checked
    for days, is_ok in ((400, True), (59, False), (-1, False)):
        ends = {"kit": now + timedelta(days=900), "rina": now + timedelta(days=days)}
        home.write_public(PublicFacts("Dinas Uji", certificates=ends))
        found = by_name(home)["certificates"]
        assert (found.is_ok, found.detail) == (is_ok, f"rina: {ends['rina']:%d-%m-%Y}")


def test_the_receiver_that_the_kit_names_is_asked_and_a_broken_file_is_a_finding(tmp_path: Path) -> None:
    service = Gpsd(lambda: datetime(2026, 11, 21, tzinfo=UTC))
    try:
        (tmp_path / "devices.toml").write_text(f'[gps]\naddresses = ["{service.url}"]')
        assert by_name(Home(tmp_path))["position"].detail == "-8.09834, 112.16519 ± 4 m"
    finally:
        service.stop()
    (tmp_path / "devices.toml").write_text("[gps")
    assert by_name(Home(tmp_path))["position"].detail == "devices_file.no_toml"


def test_a_receiver_tells_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = Gpsd(lambda: datetime(2026, 11, 21, tzinfo=UTC))
    monkeypatch.setattr("drivers.gps.GPSD", service.url)
    try:
        assert by_name(Home(tmp_path))["position"].detail == "-8.09834, 112.16519 ± 4 m"
        monkeypatch.setattr("fieldkit.app.bootstrap.doctor._WAIT_FOR_SKY_MS", 300)  # nothing will come
        service.place = None
        position = by_name(Home(tmp_path))["position"]
    finally:
        service.stop()
    assert (position.is_ok, position.is_needed) == (False, False)
    assert position.detail == "device.gps.no_fix"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_a_name_in_words(language: str, tmp_path: Path) -> None:
    messages = strict_catalogue(language)
    for finding in examine(Home(tmp_path), ()):
        assert messages.text(f"doctor.{finding.name}")


FAULTS = (
    *(
        "old_python",
        "part_broken",
        "disk_low",
        "memory_low",
        "swap_plain",
        "core_dumps_on",
        "home_closed",
        "battery_low",
    ),
    *("no_display", "not_enrolled", "slots_lost", "slots_damaged", "store_damaged", "no_trust", "clock_off"),
    *("clock_doubtful", "certificate_ends", "certificate_over", "people_over", "center_away"),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_has_words_and_a_remedy_with_what_the_doctor_knows(language: str) -> None:
    messages = strict_catalogue(language)
    params = dict.fromkeys(
        ("found", "part", "free", "swap", "home", "percent", "folder", "off", "at", "day", "url", "count"), "x"
    )
    for fault in FAULTS:
        said = messages.problem(Problem(f"doctor.{fault}", params))
        assert said.what
        assert said.safe
        assert said.do


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


def test_serial_ports_that_cannot_be_listed_are_lines_and_the_doctor_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError("no such interface")

    monkeypatch.setattr("serial.tools.list_ports.comports", fail)
    position = by_name(Home(tmp_path))["position"].problem
    assert position is not None
    assert (position.code, position.params) == ("device.ports_unlisted", {"reason": "OSError"})
    seen = [status for status in look_around(Home(tmp_path)) if status.detail == "device.ports_unlisted"]
    assert {status.driver for status in seen} >= {"topaz", "isdv4", "zfm"}
    assert {status.kind for status in seen} == {DeviceKind.UNKNOWN}
