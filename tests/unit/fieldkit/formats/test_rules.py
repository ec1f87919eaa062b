from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Role
from fieldkit.domain.recording.biodata import AdministrativeRegion
from fieldkit.formats.rules import (
    is_known_region,
    load_policy,
    load_second_factor_roles,
    load_tables,
    region_names,
)


def test_the_rules_that_ship() -> None:
    policy, tables = load_policy(), load_tables()
    assert (policy.fingers.good, policy.fingers.enough, policy.irises.good, policy.max_attempts) == (60, 40, 60, 4)
    assert tables.wording("agama", 1) == "ISLAM"


def test_a_dinas_replaces_the_policy(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("name: Blitar\nfingers: {good: 70, enough: 50}\nmax_attempts: 3\n")
    policy = load_policy(file)
    assert (policy.name, policy.fingers.good, policy.max_attempts, policy.irises.good) == ("Blitar", 70, 3, 60)


def test_a_dinas_writes_only_what_differs(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("second_factor: [kepala_dinas]\n")
    assert load_policy(file) == replace(load_policy(), name="dinas")
    assert load_policy().exceptions_alone == load_policy(file).exceptions_alone == 4
    assert load_second_factor_roles(file) == {Role.KEPALA_DINAS}


def test_a_policy_names_whom_it_demands_a_second_factor_of(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("name: Blitar\nsecond_factor: [kepala_dinas, admin_dinas]\n")
    assert load_policy(file).name == "Blitar"
    assert load_second_factor_roles(file) == {Role.KEPALA_DINAS, Role.ADMIN_DINAS}
    assert load_second_factor_roles() == frozenset()


@pytest.mark.parametrize(
    ("content", "errors"),
    [
        ("name: x\nfingers: {good: high, enough: 40}\nmax_attempts: many\n", 2),
        ("name: x\nmax_atempts: 3\n", 1),
        ("name: x\nfingers: {good: 70, enough: 50, god: 70}\n", 1),
        ("name: x\nsecond_factor: [kepala_dinas, kepala]\n", 1),
        ("name: x\nsecond_factor: semua\n", 1),
        ("- a list\n", 1),
        ("", 1),
    ],
)
def test_a_broken_policy_is_named_with_its_mistakes(tmp_path: Path, content: str, errors: int) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(content)
    with pytest.raises(InputError) as caught:
        load_policy(file)
    assert caught.value.code == "rules.policy"
    assert caught.value.problem.params == {"file": str(file), "errors": errors}


@pytest.mark.parametrize(
    ("content", "errors"), [("agama: {satu: ISLAM}\n", 1), ("agama: {1: ISLAM}\n", None), ("7", 1)]
)
def test_broken_tables_are_named_with_their_mistakes(tmp_path: Path, content: str, errors: int | None) -> None:
    file = tmp_path / "tables.yaml"
    file.write_text(content)
    with pytest.raises(InputError) as caught:
        load_tables(file)
    assert caught.value.code == "rules.tables"
    assert caught.value.problem.params["file"] == str(file)
    found = caught.value.problem.params["errors"]
    assert found == errors if errors else isinstance(found, int) and found > 3


@pytest.mark.parametrize("content", ["name: [", "2026-13-45: x", f"name: {'9' * 5000}"])
def test_what_is_no_yaml_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(content)
    with pytest.raises(InputError) as caught:
        load_policy(file)
    assert (caught.value.code, caught.value.problem.params["file"]) == ("rules.yaml", str(file))
    assert caught.value.problem.params["line"] in ("1", "2", "?")  # nothing of the reader's own English


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "policy.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_policy(file)
    assert (caught.value.code, caught.value.problem.params["file"]) == ("cli.unreadable", str(file))


def test_regions() -> None:
    assert is_known_region("350512")
    assert not is_known_region("999999")
    assert region_names("331508") == AdministrativeRegion("Jawa Tengah", "Kabupaten Grobogan")
    assert region_names("357301") == AdministrativeRegion("Jawa Timur", "Kota Malang")
    assert region_names("760101") == AdministrativeRegion("Sulawesi Barat", "Kabupaten Pasangkayu")
    assert region_names("999999") is None
