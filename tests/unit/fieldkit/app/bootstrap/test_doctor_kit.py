from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.homes import Office, opened
from support.room import PETUGAS

from fieldkit.app.bootstrap.doctor import examine_kit
from fieldkit.app.bootstrap.home import Home, PublicFacts
from fieldkit.ports.laptop import Finding
from fieldkit.storage.salvage import DAMAGE_NOTE, DamageNote
from fieldkit.vault.slot_copies import copies_of


@pytest.fixture(autouse=True)
def _no_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldkit.app.bootstrap.doctor._WAIT_FOR_SKY_MS", 1)


def by_name(home: Home) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine_kit(home)}


def code(home: Home, name: str) -> str:
    problem = by_name(home)[name].problem
    return problem.code if problem else ""


def test_a_kit_that_was_opened_is_well_and_knows_its_data_center(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    with opened(home):
        found = by_name(home)
    assert [name for name, finding in found.items() if finding.exit_code] == []
    assert (found["enrolled"].is_ok, found["enrolled"].detail) == (True, "Dinas Uji")
    assert (found["store_file"].is_ok, found["center"].detail) == (True, office.url)


def test_keys_that_are_lost_or_damaged_are_told_from_a_laptop_without_a_kit(office: Office, tmp_path: Path) -> None:
    assert code(Home(tmp_path / "none"), "enrolled") == "doctor.not_enrolled"
    assert by_name(Home(tmp_path / "none"))["enrolled"].exit_code == 0
    home = office.kit(tmp_path / "kit", PETUGAS)
    for copy in copies_of(home.slots):
        copy.write_text("{}")
    assert code(home, "enrolled") == "doctor.slots_damaged"
    for copy in copies_of(home.slots):
        copy.unlink()
    assert code(home, "enrolled") == "doctor.slots_lost"
    assert by_name(home)["enrolled"].exit_code == 3


def test_a_store_that_is_gone_and_rules_that_let_nobody_in_are_faults(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    home.database.unlink()
    (home.path / "policy.yaml").write_text("fingers: [")
    found = by_name(home)
    assert [(name, found[name].exit_code) for name in ("store_file", "rules")] == [("store_file", 3), ("rules", 3)]
    assert (code(home, "store_file"), code(home, "rules")) == ("store.gone", "rules.yaml")


def test_a_damaged_copy_of_the_keys_is_left_for_the_sign_in_to_mend(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    copies_of(home.slots)[1].write_text("{}")
    assert by_name(home)["enrolled"].is_ok
    assert copies_of(home.slots)[1].read_text() == "{}"


def test_a_store_that_was_cut_noted_as_damaged_or_of_a_newer_program(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert "store_file" not in by_name(home)
    home.database.write_bytes(bytes(8192))
    assert code(home, "store_file") == ""
    DamageNote(tmp_path / DAMAGE_NOTE).write()
    assert code(home, "store_file") == "doctor.store_damaged"
    (tmp_path / DAMAGE_NOTE).unlink()
    for content in (b"", bytes(8191)):
        home.database.write_bytes(content)
        assert code(home, "store_file") == "doctor.store_damaged"
    home.database.write_bytes(bytes(8192))
    home.write_public(PublicFacts("Dinas Uji", store_version="9999"))
    assert code(home, "store_file") == "store.newer"
    assert by_name(home)["store_file"].exit_code == 3


@pytest.mark.parametrize(
    ("days", "expected", "exit_code"),
    [
        ({"kit": 800, "rina": 61}, [""], 0),
        ({"kit": 800, "rina": 59}, ["doctor.certificate_ends"], 0),
        ({"kit": -1, "rina": 59}, ["doctor.certificate_over", "doctor.certificate_ends"], 3),
        ({"kit": 800, "rina": -1, "budi": 700}, ["doctor.people_over"], 0),
        ({"kit": 800, "rina": -1}, ["doctor.people_over"], 3),
    ],
)
def test_a_certificate_that_is_over_stops_work_when_nobody_else_is_there(
    tmp_path: Path, days: dict[str, int], expected: list[str], exit_code: int
) -> None:
    home, now = Home(tmp_path), datetime.now(UTC)
    home.write_public(PublicFacts("Dinas Uji", certificates={who: now + timedelta(each) for who, each in days.items()}))
    found = [each for each in examine_kit(home) if each.name == "certificates"]
    assert [each.problem.code if each.problem else "" for each in found] == expected
    assert max(each.exit_code for each in found) == exit_code
    assert all(each.is_private for each in found)


def test_who_can_no_longer_sign_in_needs_no_certificate(office: Office, tmp_path: Path) -> None:
    home, now = office.kit(tmp_path / "kit", PETUGAS), datetime.now(UTC)
    ends = {"kit": now + timedelta(800), "gone": now - timedelta(3), PETUGAS.user_id: now - timedelta(3)}
    home.write_public(PublicFacts("Dinas Uji", certificates=ends))
    assert by_name(home)["certificates"].is_ok  # the slots know when the petugas' ends


def test_a_data_center_that_does_not_answer_only_warns(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert "center" not in by_name(home)
    with socket.create_server(("127.0.0.1", 0)) as there:
        url = f"https://127.0.0.1:{there.getsockname()[1]}"
        home.write_public(PublicFacts("Dinas Uji", center=url))
        assert by_name(home)["center"].is_ok
    assert (code(home, "center"), by_name(home)["center"].exit_code) == ("doctor.center_away", 0)
    home.write_public(PublicFacts("Dinas Uji", center="https://[::1"))
    assert code(home, "center") == "doctor.center_away"
