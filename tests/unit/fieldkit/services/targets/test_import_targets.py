"""A list comes in as a whole or not at all, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import ACTIVITY, KETUA, PENGURUS, TARGETS, Kit
from support.letters import REQUEST
from support.lists import HEADER, number, row_of, xlsx

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.targets.requests import LegalCategory, SuratPermohonan, TargetNotes
from fieldkit.domain.targets.sheets import Field, TargetDraft, TargetList
from fieldkit.services.targets.import_targets import REMEMBERED, ImportTargets, TargetFile, media_type_of, notes_of

BORN = "12-07-1951"
ROWS = (
    row_of("3505125207510011", "SRI", BORN),
    row_of(number("3.50512520751E+15"), "HILANG", BORN),
    row_of("3505125207510012", "WATI", BORN),
)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan()
    yield kit
    kit.store.close()


def opened(kit: Kit, *rows: tuple[object, ...], header: tuple[object, ...] = HEADER) -> tuple[TargetFile, TargetDraft]:
    imports = kit.context.office.imports
    file = imports.read("daftar.xlsx", xlsx([header, *(rows or ROWS)]))
    return file, imports.preview("a1", file, imports.guess(file))


def names(kit: Kit, activity_id: str = "a1") -> list[str]:
    return [target.biodata.name for target in kit.context.visits.targets(activity_id)]


def lists(kit: Kit) -> list[TargetList]:
    with kit.store.read() as unit:
        return list(unit.repository(TargetList).of("a1"))


def test_accepted_rows_become_targets_and_the_refused_stay_as_a_list(kit: Kit) -> None:
    file, draft = opened(kit)
    taken = kit.context.office.imports.take_over("a1", file, draft)
    assert names(kit) == ["SRI", "WATI"]
    assert [target.house for target in kit.context.visits.targets("a1")] == [1, 2]
    assert (taken.accepted, [row.number for row in taken.refused]) == (2, [3])
    assert lists(kit) == [taken]
    with kit.store.read() as unit:
        (event,) = unit.events.of(taken.thing_id)
        (kept,) = unit.attachments.of(taken.thing_id)
    assert "SRI" not in event.payload
    assert kept.content == file.content


def test_looking_changes_nothing(kit: Kit) -> None:
    opened(kit)
    assert names(kit) == []
    assert lists(kit) == []


def test_a_power_cut_in_the_middle_leaves_nothing(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    file, draft = opened(kit)

    def cut(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("fieldkit.services.targets.import_targets.fulfil", cut)
    with pytest.raises(ZeroDivisionError):
        kit.context.office.imports.take_over("a1", file, draft)
    assert names(kit) == []
    assert lists(kit) == []


def test_the_same_list_again_is_refused_row_by_row_and_a_race_as_a_whole(kit: Kit) -> None:
    imports = kit.context.office.imports
    file, draft = opened(kit)
    imports.take_over("a1", file, draft)
    with pytest.raises(RuleError, match=r"list\.came_meanwhile"):
        imports.take_over("a1", file, draft)
    _, again = opened(kit)
    assert not again.accepted
    assert [str(row.reasons[0].code) for row in again.refused] == [
        "list.listed_already",
        "list.lost_digits",
        "list.listed_already",
    ]
    with pytest.raises(RuleError, match=r"list\.nobody_accepted"):
        imports.take_over("a1", file, again)
    assert names(kit) == ["SRI", "WATI"]


def test_earlier_lists_and_records_of_this_laptop_are_warnings(kit: Kit) -> None:
    other = replace(ACTIVITY, activity_id="a0", name="Jemput bola Maret")
    kit.context.visits.take_over(other, [replace(TARGETS[0], activity_id="a0")])
    kit.seal(1, replace(TARGETS[0], activity_id="a0"))
    _, draft = opened(kit, row_of(TARGETS[0].biodata.nik.digits, "MISINEM", BORN))
    (row,) = draft.accepted
    assert [(str(w.code), w.value) for w in row.warnings] == [
        ("list.recorded_before", "3505125207510003"),
        ("list.in_other_list", "Jemput bola Maret"),
    ]


def test_a_mapping_is_remembered_for_the_same_header(kit: Kit) -> None:
    imports = kit.context.office.imports
    header = (
        "NO",
        "NOMOR PENDUDUK",
        "NO KK",
        "NAMA",
        "L/P",
        "TEMPAT LAHIR",
        "TANGGAL LAHIR",
        "ALAMAT",
        "RT",
        "RW",
        "KET",
    )
    file = imports.read("daftar.xlsx", xlsx([header, *ROWS]))
    layout = imports.guess(file)
    assert Field.NIK not in layout.columns
    with pytest.raises(InputError, match=r"list\.no_nik_column"):
        imports.preview("a1", file, layout)
    chosen = imports.choose(layout, Field.NIK, 1)
    imports.take_over("a1", file, imports.preview("a1", file, chosen))
    assert imports.guess(file).columns == chosen.columns


def test_notes_of_the_list_are_kept_beside_the_target(kit: Kit) -> None:
    header = (*HEADER, "AKSES", "KONTAK KELUARGA")
    file, draft = opened(kit, (*ROWS[0], "lewat jembatan bambu", "Tri 0812"), header=header)
    kit.context.office.imports.take_over("a1", file, draft)
    (target,) = kit.context.visits.targets("a1")
    with kit.store.read() as unit:
        assert unit.repository(TargetNotes).get(target.target_id).access == "lewat jembatan bambu"


def test_refused_rows_go_out_with_reasons_and_come_back_corrected(kit: Kit) -> None:
    imports = kit.context.office.imports
    file, draft = opened(kit)
    imports.take_over("a1", file, draft)
    content = imports.refused_file("Ditolak", draft.layout.header, draft.refused, strict_catalogue("id"))
    again = imports.read("ditolak.xlsx", content)
    assert again.sheets[0].rows[0].cells[:4] == ("Baris", "Alasan ditolak", "NO", "NIK")
    assert "dibulatkan" in str(again.sheets[0].rows[1].cells[1])
    uncorrected = imports.preview("a1", again, imports.guess(again))
    assert not uncorrected.accepted


def test_people_without_the_right_take_nothing_over(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PENGURUS)
    kit.context.visits.take_over(ACTIVITY, [])
    file, draft = opened(kit)
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        kit.context.office.imports.take_over("a1", file, draft)
    kit.store.close()


def test_a_full_disk_leaves_nothing_behind(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    file, draft = opened(kit)
    with kit.store.write() as unit:
        pages = unit.connection.exec_driver_sql("PRAGMA page_count").scalar()
        unit.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match=r"store\.disk_full"):
        kit.context.office.imports.take_over("a1", replace(file, content=file.content * 200), draft)
    assert names(kit) == []
    assert isinstance(kit.context.office.imports, ImportTargets)


def test_of_a_remembered_mapping_only_what_this_header_has_is_used(kit: Kit) -> None:
    file = kit.context.office.imports.read("daftar.xlsx", xlsx([HEADER, *ROWS]))
    signature = kit.context.office.imports.guess(file).signature
    last = len(HEADER) - 1
    remembered = {"nik": 2, "shoe_size": 1, "name": len(HEADER), "remark": last}
    with kit.store.write() as unit:
        unit.settings.put(REMEMBERED, {signature: remembered})
    assert kit.context.office.imports.guess(file).columns == {Field.NIK: 2, Field.REMARK: last}


def test_the_mapping_used_last_is_forgotten_last(kit: Kit) -> None:
    file, draft = opened(kit)
    others = [[f"header {number}", {}] for number in range(50)]
    with kit.store.write() as unit:
        unit.settings.put(REMEMBERED, [[draft.layout.signature, {}], *others])
    columns = draft.layout.columns
    kit.context.office.imports.take_over("a1", file, draft)
    with kit.store.read() as unit:
        kept = unit.settings.get(REMEMBERED)
    assert kept == [*others[1:], [draft.layout.signature, {field.value: at for field, at in columns.items()}]]


def test_somebody_on_the_list_of_another_activity_is_taken_over(kit: Kit) -> None:
    kit.context.visits.take_over(replace(ACTIVITY, activity_id="a0"), [replace(TARGETS[0], activity_id="a0")])
    file, draft = opened(kit, row_of(TARGETS[0].biodata.nik.digits, "MISINEM", BORN))
    assert kit.context.office.imports.take_over("a1", file, draft).accepted == 1


def test_a_row_is_at_home_where_the_latest_request_comes_from(kit: Kit) -> None:
    with kit.store.write() as unit:
        unit.repository(SuratPermohonan).save(replace(REQUEST, thing_id="r0", village="Lama"))
        unit.repository(SuratPermohonan).save(replace(REQUEST, region="357101"))
    _, draft = opened(kit, ROWS[0])
    (row,) = draft.accepted
    home = row.biodata.address
    assert (home.village, home.district, home.region) == ("JIMBE", "KADEMANGAN", "357101")
    assert [warning.code for warning in row.warnings] == ["nik.other_domicile"]


def test_a_list_is_kept_as_what_it_is() -> None:
    assert media_type_of(xlsx([HEADER])) == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert media_type_of(b"NIK;Nama\n") == "text/csv"
    assert media_type_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") == "application/vnd.ms-excel"
    assert media_type_of(b"<table>") == "text/html"
    assert media_type_of(b'{"content": []}') == media_type_of(b"[]") == "application/json"


@pytest.mark.parametrize(
    "said",
    [
        {"legal": LegalCategory.ORANG_TERLANTAR},
        {"access": "jembatan"},
        {"contact": "Tri"},
        {"safety": "anjing"},
        {"latitude": 0.0, "longitude": 112.0},
    ],
)
def test_whatever_a_row_says_beyond_the_biodata_is_noted(kit: Kit, said: dict[str, object]) -> None:
    row = opened(kit, ROWS[0])[1].accepted[0]
    assert notes_of(row, "t1", "a1") is None
    assert notes_of(replace(row, **said), "t1", "a1") == TargetNotes("t1", "a1", **said)
