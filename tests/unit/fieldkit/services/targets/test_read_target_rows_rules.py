"""Each condition of a row by itself, on sheets of a few columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest

from fieldkit.domain.nik import MaritalStatus
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.domain.recording.biodata import NAME_LIMIT, Biodata
from fieldkit.domain.targets.columns import guess_layout
from fieldkit.domain.targets.requests import LegalCategory
from fieldkit.domain.targets.sheets import Cell, ReadRow, RefusedRow, Sheet, SheetRow, TargetDraft
from fieldkit.formats.rules import is_known_region
from fieldkit.services.targets.import_targets import ListContext, read_rows

TODAY = date(2026, 11, 21)
CONTEXT = ListContext(TODAY, is_known_region, "350512", "Jimbe", "Kademangan")
NIK, BORN = "3505125207510003", "12-07-1951"
PERSON: Mapping[str, Cell] = {"NIK": NIK, "NAMA": "Misinem", "L/P": "P", "TANGGAL LAHIR": BORN}


def read(header: Sequence[str], *rows: Sequence[Cell], context: ListContext = CONTEXT) -> TargetDraft:
    lines = [SheetRow(number, tuple(cells)) for number, cells in enumerate((header, *rows), 1)]
    sheet = Sheet("Sheet1", tuple(lines))
    return read_rows(sheet, guess_layout([sheet]), context)


def read_one(changes: Mapping[str, Cell], context: ListContext = CONTEXT) -> TargetDraft:
    """Read one person with other cells, or columns, than usual; a column of `...` is left out."""
    columns = {name: cell for name, cell in {**PERSON, **changes}.items() if cell is not ...}
    return read([*columns], [*columns.values()], context=context)


def accepted(changes: Mapping[str, Cell], context: ListContext = CONTEXT) -> ReadRow:
    (row,) = read_one(changes, context).accepted
    return row


def refused(changes: Mapping[str, Cell]) -> RefusedRow:
    (row,) = read_one(changes).refused
    return row


def told(draft: TargetDraft) -> list[tuple[str, str]]:
    """Return code and column of what is said of the one row."""
    (remarks,) = [row.reasons for row in draft.refused] or [row.warnings for row in draft.accepted]
    return [(str(remark.code), remark.column) for remark in remarks]


IN_ONE: Mapping[str, Cell] = {"TANGGAL LAHIR": ..., "TTL": f"Blitar, {BORN}"}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"NAMA": None}, [("list.no_name", "NAMA")]),
        ({"NAMA": "A" * NAME_LIMIT}, []),
        ({"NAMA": "A" * (NAME_LIMIT + 1)}, [("list.name_too_long", "NAMA")]),
        ({"NAMA": "H. M. Sa'id Al-Faruq, S.Pd / Nu`man"}, []),
        ({"NAMA": "Мисинем"}, [("list.name_not_latin", "NAMA")]),
        ({"NAMA": "José"}, [("list.name_not_latin", "NAMA")]),
        ({"NAMA": "Misinem 2"}, [("list.name_not_latin", "NAMA")]),
        ({"L/P": "X"}, [("list.no_sex", "L/P")]),
        ({"L/P": None}, [("list.sex_of_nik", "L/P")]),
        ({"L/P": ...}, [("list.sex_of_nik", "")]),
        ({"NO KK": "3505120101200004"}, []),
        ({"NO KK": None}, []),
        ({"NO KK": "12"}, [("list.no_kk_dropped", "NO KK")]),
        ({"NIK": "9905125207510003"}, [("nik.unknown_region", "NIK"), ("nik.other_domicile", "NIK")]),
        ({"TANGGAL LAHIR": None}, [("list.no_birth_date", "TANGGAL LAHIR")]),
        ({**IN_ONE, "TTL": None}, [("list.no_birth_date", "TTL")]),
        ({"TANGGAL LAHIR": "01-01-1880", "NIK": "3505124101800003"}, [("nik.other_birth_date", "NIK")]),
        ({"TANGGAL LAHIR": "31-12-1879"}, [("list.impossible_birth_date", "TANGGAL LAHIR")]),
        ({"TANGGAL LAHIR": TODAY, "NIK": "3505126111260003"}, [("list.under_16", "TANGGAL LAHIR")]),
        ({"TANGGAL LAHIR": "22-11-2026"}, [("list.impossible_birth_date", "TANGGAL LAHIR")]),
        ({**IN_ONE, "TTL": "Blitar, 21-11-2026", "NIK": "3505126111260003"}, [("list.under_16", "TTL")]),
        ({"TANGGAL LAHIR": "12-03-2010", "NIK": "3505125203100006"}, [("list.card_at_17", "TANGGAL LAHIR")]),
        ({**IN_ONE, "TTL": "Blitar, 12-03-2010", "NIK": "3505125203100006"}, [("list.card_at_17", "TTL")]),
        ({"KATEGORI": "entah"}, [("list.unknown_category", "KATEGORI")]),
        ({"RENTAN": "entah"}, [("list.unknown_category", "RENTAN")]),
        ({"KATEGORI": None, "RENTAN": "entah"}, [("list.unknown_category", "RENTAN")]),
        ({"KATEGORI": "entah", "RENTAN": "entah"}, [("list.unknown_category", "KATEGORI")]),
        ({"KATEGORI": "lansia", "RENTAN": "entah"}, []),
        ({"KATEGORI": "terlantar"}, []),
        ({"KATEGORI": None, "RENTAN": None}, []),
        ({"LINTANG": "utara"}, [("list.no_coordinate", "LINTANG")]),
        ({"BUJUR": "181"}, [("list.no_coordinate", "BUJUR")]),
        ({"LINTANG": "90", "BUJUR": "180"}, []),
        ({"STATUS KAWIN": "entah"}, [("list.no_marital_status", "STATUS KAWIN")]),
    ],
)
def test_each_doubt_is_told_with_its_column_and_each_fault_alone_refuses_the_row(
    changes: Mapping[str, Cell], said: list[tuple[str, str]]
) -> None:
    draft = read_one(changes)
    assert told(draft) == said
    faults = ("list.no_name", "list.name_", "list.no_sex", "list.no_birth_date", "list.impossible_birth_date")
    assert bool(draft.refused) is any(code.startswith(faults) for code, _ in said)


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({}, {"marital_status": MaritalStatus.BELUM_KAWIN, "birth_place": ""}),
        ({"STATUS KAWIN": "cerai mati"}, {"marital_status": MaritalStatus.CERAI_MATI}),
        ({"STATUS KAWIN": "entah"}, {"marital_status": MaritalStatus.BELUM_KAWIN}),
        (IN_ONE, {"birth_place": "BLITAR", "birth_date": date(1951, 7, 12)}),
        ({**IN_ONE, "TEMPAT LAHIR": "Malang"}, {"birth_place": "MALANG"}),
        ({"TTL": "Blitar, 1-1-1950"}, {"birth_place": "", "birth_date": date(1951, 7, 12)}),
        ({"TANGGAL LAHIR": None, "TTL": f"Blitar, {BORN}"}, {"birth_place": "BLITAR"}),
        ({"NAMA IBU": "Partinah"}, {"mother_name": "PARTINAH"}),
    ],
)
def test_what_a_list_leaves_out_has_its_usual_value(changes: Mapping[str, Cell], kept: Mapping[str, object]) -> None:
    who = accepted(changes).biodata
    assert {name: getattr(who, name) for name in kept} == kept


@pytest.mark.parametrize(
    ("changes", "home"),
    [
        ({}, ("", "", "JIMBE", "KADEMANGAN")),
        ({"RT": "5", "RW": "2"}, ("005", "002", "JIMBE", "KADEMANGAN")),
        ({"RT/RW": "3/1"}, ("003", "001", "JIMBE", "KADEMANGAN")),
        ({"RT": "5", "RT/RW": "3/1"}, ("005", "001", "JIMBE", "KADEMANGAN")),
        ({"RW": "2", "RT/RW": "3/1"}, ("003", "002", "JIMBE", "KADEMANGAN")),
        ({"DESA": "Dawuhan", "KECAMATAN": "Sutojayan"}, ("", "", "DAWUHAN", "SUTOJAYAN")),
    ],
)
def test_a_home_is_where_the_row_says_and_else_where_the_request_comes_from(
    changes: Mapping[str, Cell], home: tuple[str, ...]
) -> None:
    address = accepted(changes).biodata.address
    assert (address.rt, address.rw, address.village, address.district) == home


@pytest.mark.parametrize(
    ("changes", "category", "legal"),
    [
        ({}, ServiceCategory.UMUM, None),
        ({"KATEGORI": "disabilitas"}, ServiceCategory.DISABILITAS, None),
        ({"KATEGORI": "terlantar"}, ServiceCategory.UMUM, LegalCategory.ORANG_TERLANTAR),
        ({"RENTAN": "lansia"}, ServiceCategory.LANSIA, None),
        ({"KATEGORI": "lansia", "RENTAN": "banjir"}, ServiceCategory.LANSIA, LegalCategory.KORBAN_BENCANA_ALAM),
    ],
)
def test_either_category_is_found_in_either_column(
    changes: Mapping[str, Cell], category: ServiceCategory, legal: LegalCategory | None
) -> None:
    row = accepted(changes)
    assert (row.category, row.legal) == (category, legal)


def test_without_a_request_nothing_is_known_of_the_place() -> None:
    address = accepted({}, replace(CONTEXT, region="", village="", district="")).biodata.address
    assert (address.village, address.district, address.region) == ("", "", "")


def test_only_the_number_that_lost_digits_gets_a_question_mark() -> None:
    row = refused({"NIK": 3505125207510010, "L/P": "X", "KATEGORI": None})
    assert row.cells == ("3505125207510010?", "Misinem", "X", BORN, "")


def test_a_short_row_has_nothing_in_the_columns_behind_it() -> None:
    header = ("NAMA", "TANGGAL LAHIR", "L/P", "NIK", "KATEGORI")
    draft = read(header, ("MISINEM", BORN, "P", NIK), ("SRI", BORN, "P"), ("WATI",))
    assert [row.biodata.name for row in draft.accepted] == ["MISINEM"]
    assert [[str(reason.code) for reason in row.reasons] for row in draft.refused] == [
        ["list.no_nik"],
        ["list.no_nik", "list.no_birth_date"],
    ]


@pytest.mark.parametrize(
    ("cells", "is_person"),
    [
        (("JUMLAH", None, None), False),
        (("  Sub Total", None, None), False),
        (("TOTAL SUWITO", NIK, BORN), True),
        (("SUWITO", None, None), True),
        ((None, NIK, None), True),
        ((None, None, BORN), True),
        ((None, None, None, "Jimbe, 12 November 2026"), False),
    ],
)
def test_a_total_is_no_person_unless_it_has_a_nik(cells: tuple[Cell, ...], is_person: bool) -> None:
    draft = read(("NAMA", "NIK", "TANGGAL LAHIR", "KETERANGAN"), cells)
    assert bool(draft.accepted or draft.refused) is is_person
    assert bool(draft.skipped) is not is_person


@pytest.mark.parametrize(
    ("ending", "others", "is_rounded"),
    [(2, 0, False), (3, 0, True), (3, 2, True), (3, 3, False), (4, 4, False), (5, 4, True)],
)
def test_a_column_is_suspected_when_most_of_at_least_three_end_in_0(ending: int, others: int, is_rounded: bool) -> None:
    niks = [f"350512520751{number:03}0" for number in range(1, ending + 1)]
    niks += [f"350512520751{number:03}1" for number in range(1, others + 1)]
    short = "350512520751000"  # a digit is missing, which is another fault
    draft = read(("NIK", "NAMA", "TANGGAL LAHIR"), *((nik, "MISINEM", BORN) for nik in (*niks, short)))
    codes = [[str(reason.code) for reason in row.reasons] for row in draft.refused]
    assert codes == [["list.lost_digits"]] * ending * is_rounded + [["list.nik_not_16_digits"]]


def test_two_with_one_nik_are_not_warned_of_as_one_person_written_twice() -> None:
    header = ("NIK", "NAMA", "TANGGAL LAHIR", "L/P")
    twice = [(NIK, "MISINEM", BORN, "P"), (NIK, "MISINEM", BORN, "P")]
    draft = read(header, *twice, ("3505125207510005", "MISINEM", "13-07-1951", "P"))
    assert [[str(warning.code) for warning in row.warnings] for row in draft.accepted] == [[], ["nik.other_birth_date"]]
    assert all(isinstance(row.biodata, Biodata) for row in draft.accepted)
