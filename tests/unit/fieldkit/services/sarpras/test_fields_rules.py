"""What the paper says of each line; nothing of it needs a store but the names of people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.app_context import KETUA, Kit
from support.clock import NOW
from support.sarpras import checklist, line, result, stock_inventory, take_out

from fieldkit.domain.people import Staff
from fieldkit.domain.sarpras import (
    CheckIn,
    Checklist,
    CheckOut,
    Condition,
    CountLine,
    ItemLine,
    Izin,
    SarprasItem,
    SarprasKind,
    Unsent,
)
from fieldkit.services.sarpras.keep_inventory import Signers, fields_in, fields_out

SIGNERS = Signers({"name": "Sri"}, {"name": "Bagus"})
IZIN = Izin("u3", "Sri Handayani", NOW, "strokes", "picture")
ON = date(2026, 11, 21)


def out(found: Checklist, **changes: Any) -> CheckOut:
    return replace(CheckOut("o", "a1", (), ("Kit 07", "Kit 08"), found, "u2", NOW), **changes)


def back(found: Checklist, unsent: int = 0, **changes: Any) -> CheckIn:
    return replace(CheckIn("b", "a1", "o", ("Kit 07",), found, "u2", NOW, Unsent(unsent, None)), **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, {"serial": "SN-1", "count": 1, "condition": "–", "clean": "–", "complete": "–", "note": ""}),
        ({"serial": ""}, {"serial": ""}),
        ({"serial": "", "test": result("SN-9")}, {"serial": "SN-9"}),
        ({"test": result("SN-9")}, {"serial": "SN-1"}),
        ({"condition": Condition.BAIK, "is_clean": True}, {"condition": "baik", "clean": "ya"}),
        (
            {"condition": Condition.RUSAK_RINGAN, "is_complete": False},
            {"condition": "rusak ringan", "complete": "tidak"},
        ),
        ({"condition": Condition.RUSAK_BERAT}, {"condition": "rusak berat", "count": 1}),
        ({"condition": Condition.HILANG}, {"condition": "hilang", "count": 0}),
        ({"spares": "kabel", "note": "lecet", "fuel": "penuh"}, {"note": "kabel; lecet; BBM penuh"}),
    ],
)
def test_a_line_of_the_paper_says_what_was_answered(changes: dict[str, Any], said: dict[str, Any]) -> None:
    (item,) = fields_out(out(checklist(line(**changes))), SIGNERS, ON, {})["items"]
    assert {name: item[name] for name in said} == said


def test_a_line_says_what_the_books_of_the_dinas_say_of_its_item() -> None:
    found = out(checklist(line(), replace(line(), item_id="i9")))
    item = SarprasItem(line().item_id, SarprasKind.LAPTOP, "Laptop", inventory_number="0012")
    item = replace(item, goods_code="1.3.2", model="Lenovo T14", acquired=2024)
    known, unknown = fields_out(found, SIGNERS, ON, {item.thing_id: item})["items"]
    names = ("goods_code", "inventory_number", "model", "acquired")
    assert [known[name] for name in names] == ["1.3.2", "0012", "Lenovo T14", "2024"]
    assert [unknown[name] for name in names] == [""] * 4


@pytest.mark.parametrize(
    ("changes", "note", "mark"),
    [
        ({}, "", ""),
        ({"checklist": replace(checklist(), izin=IZIN)}, "ditandatangani pada alat oleh Sri Handayani.", "picture"),
        ({"override": "kantor tutup"}, "Dengan pengecualian: kantor tutup.", ""),
    ],
)
def test_the_note_says_who_allowed_it_or_why_nobody_did(changes: dict[str, Any], note: str, mark: str) -> None:
    for said in (
        fields_out(out(checklist(), **changes), SIGNERS, ON, {}),
        fields_in(out(checklist()), back(checklist(), **changes), SIGNERS, ON, {}),
    ):
        assert said["note"].endswith(note)
        assert (bool(said["note"]), said["mark"]) == (bool(note), mark)


def test_only_what_was_taken_along_is_a_supply() -> None:
    counts = (CountLine("c1", "Masker", "lembar", 100, 20), CountLine("c2", "Tisu", "pak", 8, 0))
    said = fields_out(out(Checklist((line(),), counts)), SIGNERS, ON, {})
    assert said["supplies"] == [{"name": "Masker", "count": 20, "unit": "lembar", "note": ""}]
    assert (said["kit"], said["dated"], said["direction"]) == ("Kit 07, Kit 08", "2026-11-21", "keluar")


def test_records_that_are_still_on_the_laptop_are_told() -> None:
    notes = [fields_in(out(checklist()), back(checklist(), unsent), SIGNERS, ON, {})["note"] for unsent in (0, 2)]
    assert notes == ["", "Laptop kembali dengan 2 rekaman yang belum terkirim."]


@pytest.mark.parametrize(
    ("kind", "went", "came", "note"),
    [
        (SarprasKind.VEHICLE, 100, 148, "48 km"),
        (SarprasKind.VEHICLE, 100, None, ""),
        (SarprasKind.VEHICLE, ..., 148, ""),
        (SarprasKind.FINGERPRINT_SCANNER, 100, 148, ""),
    ],
)
def test_what_runs_on_fuel_tells_how_far_it_went(kind: SarprasKind, went: Any, came: int | None, note: str) -> None:
    left: tuple[ItemLine, ...] = () if went is ... else (line(kind=kind, km=went),)
    (item,) = fields_in(out(Checklist(left)), back(checklist(line(kind=kind, km=came))), SIGNERS, ON, {})["items"]
    assert item["note"] == note


def test_people_are_named_by_their_post_where_the_staff_has_it(tmp_path: Path) -> None:
    with Kit(tmp_path, KETUA) as kit:
        kit.plan()
        stock_inventory(kit)
        papers, left = kit.context.office.sarpras.papers, take_out(kit)
        with kit.store.write() as unit:
            unit.repository(Staff).save(Staff("s9", "Tanpa Akun", "1"))
            unit.repository(Staff).save(Staff("s1", "Bagus S.", "2", "Penata", "Ketua Tim", KETUA.user_id))
            unsigned = replace(left, checklist=replace(left.checklist, izin=None))
            unit.repository(CheckOut).save(unsigned)
        said = papers.write_out(left.thing_id).fields
        with kit.store.write() as unit:
            unit.repository(CheckOut).save(replace(unsigned, taken_by="gone"))
        nobody = papers.write_out(left.thing_id).fields
    assert said["lead"] == {"name": "Bagus S.", "nip": "2", "pangkat": "Penata", "jabatan": "Ketua Tim"}
    assert said["keeper"] == nobody["lead"] == {"name": "", "nip": "", "pangkat": "", "jabatan": ""}
