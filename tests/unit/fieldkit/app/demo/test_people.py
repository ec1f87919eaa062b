from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fieldkit.app.demo.people import grow, read_folder
from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import age_gate, check_nik
from fieldkit.domain.recording.positions import EYES, ExceptionReason, Position

TODAY = date(2026, 11, 21)


def test_the_four_who_must_be_there() -> None:
    adult, lansia, eyes, young = grow(4, 1, TODAY)
    assert not adult.hopeless
    assert len(lansia.worn) == 2
    assert lansia.hopeless == {Position.LEFT_THUMB: ExceptionReason.BANDAGED}
    assert set(eyes.hopeless) == set(EYES)
    gate = age_gate(young.biodata.birth_date, young.biodata.marital_status, TODAY)
    assert (gate.age, gate.may_record) == (16, True)
    assert gate.card_from is not None
    assert gate.card_from > TODAY


def test_the_same_seed_gives_the_same_people_and_nobody_twice() -> None:
    assert grow(20, 7, TODAY) == grow(20, 7, TODAY)
    niks = [person.biodata.nik.digits for person in grow(20, 7, TODAY)]
    assert len(set(niks)) == 20


@pytest.mark.parametrize("seed", range(5))
def test_every_nik_fits_its_person(seed: int) -> None:
    for person in grow(12, seed, TODAY):
        who = person.biodata
        assert check_nik(who.nik.digits, birth_date=who.birth_date, sex=who.sex, domicile=who.address.region) == ()


@pytest.mark.parametrize(
    "exceptions",
    [
        "exceptions: {LEFT_RING: worn, left_little: unheard of, EYE_LEFT: blind}",
        "exceptions: [LEFT_RING, LEFT_LITTLE, EYE_LEFT]",
        "exceptions: [{position: LEFT_RING, reason: worn}, {position: LEFT_LITTLE}, {position: EYE_LEFT}]",
    ],
)
def test_a_folder_names_its_exceptions_in_any_of_three_forms(tmp_path: Path, exceptions: str) -> None:
    place = tmp_path / "warsito"
    place.mkdir()
    (place / "biodata.yaml").write_text(f"name: Warsito\nbirth_date: 1960-02-03\nsex: L\n{exceptions}\n", "utf-8")
    (person,) = read_folder(tmp_path, 1, TODAY)
    assert person.who == "warsito"
    assert person.biodata.name == "WARSITO"
    assert person.biodata.birth_date == date(1960, 2, 3)
    assert set(person.hopeless) == {Position.LEFT_RING, Position.LEFT_LITTLE, Position.EYE_LEFT}


@pytest.mark.parametrize(
    "wrong", ["nik: 123", "birth_date: yesterday", "exceptions: {NOSE: worn}", "- a list", "a: [b"]
)
def test_what_a_folder_cannot_say_is_named_with_its_file(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "somebody").mkdir()
    (tmp_path / "somebody" / "biodata.yaml").write_text(wrong, "utf-8")
    with pytest.raises(InputError) as caught:
        read_folder(tmp_path, 1, TODAY)
    assert "somebody" in str(caught.value.problem.params["file"])


def folder_of(root: Path, name: str, biodata: str) -> Path:
    place = root / name
    place.mkdir()
    (place / "biodata.yaml").write_text(biodata, "utf-8")
    return place


@pytest.mark.parametrize(("file", "content"), [("RIGHT_THUMB.png", b"hello"), ("PORTRAIT.jpg", b"")])
def test_an_image_that_is_none_is_named_before_the_day_begins(tmp_path: Path, file: str, content: bytes) -> None:
    (folder_of(tmp_path, "warsito", "sex: L") / file).write_bytes(content)
    with pytest.raises(InputError, match=r"demo\.image") as caught:
        read_folder(tmp_path, 1, TODAY)
    assert str(caught.value.problem.params["file"]).endswith(file)


def test_a_file_named_by_no_position_is_named(tmp_path: Path) -> None:
    (folder_of(tmp_path, "warsito", "sex: L") / "THUMB.png").write_bytes(b"")
    with pytest.raises(InputError, match="THUMB"):
        read_folder(tmp_path, 1, TODAY)


@pytest.mark.parametrize("wrong", ["birth_date: 2031-02-03", "religion: 99", "name: " + "A" * 61])
def test_biodata_that_no_kk_can_hold_is_refused_before_the_day_begins(tmp_path: Path, wrong: str) -> None:
    folder_of(tmp_path, "warsito", wrong)
    with pytest.raises(InputError, match=r"demo\.biodata"):
        read_folder(tmp_path, 1, TODAY)


def test_under_16_is_refused_unless_married(tmp_path: Path) -> None:
    place = folder_of(tmp_path, "dewi", "birth_date: 2015-02-03")
    with pytest.raises(InputError, match=r"demo\.too_young"):
        read_folder(tmp_path, 1, TODAY)
    (place / "biodata.yaml").write_text("birth_date: 2010-12-24\nmarital_status: 2", "utf-8")
    assert len(read_folder(tmp_path, 1, TODAY)) == 1


def test_two_persons_with_one_nik_are_named(tmp_path: Path) -> None:
    for name in ("siti", "warsito"):
        folder_of(tmp_path, name, 'nik: "3505124107900001"')
    with pytest.raises(InputError, match=r"demo\.same_nik") as caught:
        read_folder(tmp_path, 1, TODAY)
    assert set(caught.value.problem.params.values()) == {"siti", "warsito"}


def test_persons_born_on_one_day_have_each_their_nik(tmp_path: Path) -> None:
    for name in ("siti", "dewi"):
        folder_of(tmp_path, name, "birth_date: 1990-07-01\nsex: P")
    siti, dewi = read_folder(tmp_path, 1, TODAY)
    assert siti.biodata.nik != dewi.biodata.nik


def test_a_folder_without_persons_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"demo\.no_subjects"):
        read_folder(tmp_path, 1, TODAY)
