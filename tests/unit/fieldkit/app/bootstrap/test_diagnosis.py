from __future__ import annotations

import json
import logging
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from support.clock import HandClock
from support.homes import Office, opened, record
from support.kept import NAME, NIK
from support.room import PETUGAS

from fieldkit.app.bootstrap.clock import keep_log
from fieldkit.app.bootstrap.diagnosis import DoctorOfHome
from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.errors import InputError
from fieldkit.ports.devices import DeviceIdentity, DeviceKind, DeviceState, DeviceStatus

SECRETS = """
# the laptop of Sulastri Handayani
[opencv]
addresses = ["http://admin:rahasia@10.0.0.5:8080/stream?token=abc"]
[zfm]
addresses = ["/dev/ttyUSB0#0000BEEF"]
password = "sandi-zfm"
search = false
"""


def parts(file: Path) -> dict[str, str]:
    with zipfile.ZipFile(file) as found:
        return {name: found.read(name).decode() for name in found.namelist()}


@pytest.mark.days
@pytest.mark.allow_logs
def test_after_a_recording_it_tells_of_the_laptop_and_of_nobody(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    log = keep_log(home.path)
    with opened(home) as context:
        record(context)
        logging.getLogger("sync.kit").error("bug: %s", NIK, extra={"error": ValueError(NAME)})
        (home.path / f"{NAME}.txt").touch()
        (home.path / "devices.toml").write_text(SECRETS)
        file = context.laptop.diagnose(str(tmp_path / "stick"))
    log.end()
    assert file.parent == tmp_path / "stick"
    assert file.stat().st_mode & 0o077 == 0
    found = parts(file)
    told = json.loads(found["diagnosis.json"])
    assert told["queue"] == {"queued": 1}
    assert told["home"]["sealed"]["files"] == 2
    assert "kit.db" in told["home"]
    assert {name.lower() for name in told["packages"]} >= {"sqlalchemy", "typer"}
    assert told["devices_file"]["zfm"] == {"addresses": ["/dev/ttyUSB0"], "search": False}
    assert told["devices_file"]["opencv"]["addresses"] == ["http://10.0.0.5:8080/stream"]
    assert "program started" in found["log/fieldkit.jsonl"]
    whole = "\n".join((*found, *found.values()))
    personal = (
        NIK,
        NAME,
        NAME.upper(),
        PETUGAS.name,
        "Jemput bola",
        str(tmp_path),
        "rahasia",
        "BEEF",
        "sandi-zfm",
        "abc",
    )
    assert [each for each in personal if each in whole] == []


def test_devices_and_findings_stand_in_it_by_their_codes(tmp_path: Path) -> None:
    identity = DeviceIdentity("ACME", "Slap 4", "SN-1", "2.0")
    seen = (
        DeviceStatus("sbi", "http://127.0.0.1:4501", DeviceKind.FINGERPRINT, DeviceState.READY, identity),
        DeviceStatus(
            "odd", "", DeviceKind.CAMERA, DeviceState.NOT_READY, None, "device.driver_failed", {"reason": NAME}
        ),
    )
    doctor = DoctorOfHome(Home(tmp_path / "kit"), HandClock(), lambda: seen)
    told = json.loads(parts(doctor.diagnose(str(tmp_path / "d.zip")))["diagnosis.json"])
    assert [device["code"] for device in told["devices"]] == ["", "device.driver_failed"]
    assert told["devices"][0]["model"] == "ACME Slap 4 2.0"
    assert "device.driver_failed" in [finding["code"] for finding in told["findings"]]
    assert NAME not in json.dumps(told)
    assert [finding for finding in doctor.examine() if finding.detail == "odd"]


def test_where_a_person_or_a_place_is_stays_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fieldkit.app.bootstrap import diagnosis
    from fieldkit.ports.laptop import Finding

    private = Finding("position", None, "-8.09834, 112.16519", is_private=True)
    monkeypatch.setattr(diagnosis, "examine", lambda *_: [private, replace(private, is_private=False, detail="x")])
    doctor = DoctorOfHome(Home(tmp_path / "kit"), HandClock(), tuple)
    told = json.loads(parts(doctor.diagnose(str(tmp_path)))["diagnosis.json"])
    assert [finding["detail"] for finding in told["findings"]] == ["", "x"]


def test_a_devices_file_that_cannot_be_read_keeps_nobody_from_asking_for_help(tmp_path: Path) -> None:
    home = Home(tmp_path / "kit")
    home.path.mkdir()
    (home.path / "devices.toml").write_text("[sbi")
    told = json.loads(parts(DoctorOfHome(home, HandClock()).diagnose(str(tmp_path)))["diagnosis.json"])
    assert told["device_fault"] == "devices_file.no_toml"
    assert told["devices_file"] == {"unreadable": True}


def test_it_must_be_said_where_it_goes(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        DoctorOfHome(Home(tmp_path), HandClock()).diagnose("  ")
    assert refused.value.problem.field_name == "place"
