"""Each row is a person, refused with every reason, or skipped by name; nothing disappears."""

from __future__ import annotations

from datetime import date

import pytest
from support.lists import HEADER, formula, number, row_of, serial, xlsx

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.nik import Sex
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.domain.targets.columns import guess_layout
from fieldkit.domain.targets.requests import LegalCategory
from fieldkit.domain.targets.sheets import TargetDraft
from fieldkit.formats.rules import is_known_region
from fieldkit.formats.target_sheets import SpreadsheetFiles
from fieldkit.services.targets.import_targets import ListContext, read_rows

CONTEXT = ListContext(date(2026, 11, 21), is_known_region, "350512", "Jimbe", "Kademangan")
NIK, BORN = "3505125207510003", "12-07-1951"
TITLE = ("DATA SASARAN PEREKAMAN KTP-EL DESA JIMBE",)


def read(*rows: tuple[object, ...], header: tuple[object, ...] = HEADER, content: bytes | None = None) -> TargetDraft:
    sheets = SpreadsheetFiles().read("daftar.xlsx", content or xlsx([TITLE, header, *rows], merged=["A1:K1"]))
    layout = guess_layout(sheets)
    return read_rows(sheets[layout.sheet], layout, CONTEXT)


def reasons(draft: TargetDraft) -> list[list[str]]:
    return [[str(reason.code) for reason in row.reasons] for row in draft.refused]


def warnings(draft: TargetDraft) -> list[list[str]]:
    return [[str(warning.code) for warning in row.warnings] for row in draft.accepted]


def test_a_person_is_read_as_the_kk_says_and_the_rest_is_asked_at_the_recording() -> None:
    (row,) = read(row_of(NIK, "Misinem", serial(18821))).accepted
    who = row.biodata
    assert (who.nik.digits, who.name, who.birth_date, who.sex) == (NIK, "MISINEM", date(1951, 7, 12), Sex.FEMALE)
    assert (who.address.rt, who.address.rw, who.address.village, who.address.region) == (
        "003",
        "001",
        "JIMBE",
        "350512",
    )
    assert (row.number, row.category, row.warnings) == (3, ServiceCategory.LANSIA, ())
    assert (who.religion, who.education, who.blood_type) == (0, 0, 13)


def test_a_nik_that_lost_digits_is_refused_with_row_column_and_value() -> None:
    draft = read(
        row_of(number("3.50512520751001E+15"), "SATU", BORN),
        row_of(number("3505125207510010"), "DUA", BORN),
        row_of("3,50513E+15", "TIGA", BORN),
        row_of(number("9.171015207510003E+15"), "EMPAT", BORN),
        row_of(number("3505125207510003"), "LIMA", BORN),
        row_of("'3505125207510004", "ENAM", BORN),
    )
    assert reasons(draft) == [["list.lost_digits"]] * 4
    first = draft.refused[0].reasons[0]
    assert (draft.refused[0].number, first.column, first.value) == (3, "NIK", "3505125207510010")
    assert [row.biodata.name for row in draft.accepted] == ["LIMA", "ENAM"]
    assert warnings(draft) == [["list.nik_as_number"], []]


def test_a_column_of_texts_that_were_rounded_once_is_not_believed() -> None:
    rounded = [row_of(f"350512520751{n:03}0", f"ORANG {chr(64 + n)}", BORN) for n in range(1, 6)]
    draft = read(*rounded, row_of(NIK, "MISINEM", BORN))
    assert reasons(draft) == [["list.lost_digits"]] * 5
    assert warnings(read(rounded[0], row_of(NIK, "MISINEM", BORN))) == [["list.nik_ends_in_0"], []]


def test_refused_numbers_stay_refused_when_they_come_back_as_text() -> None:
    refused = read(row_of(number("3505125207510010"), "DUA", BORN)).refused
    again = read(*[row.cells for row in refused])
    assert not again.accepted
    assert reasons(again) == [["list.nik_not_16_digits"]]


def test_all_reasons_of_a_row_are_told_at_once() -> None:
    draft = read(row_of("35051", "", "12-07-51", **{"L/P": "X"}))
    assert reasons(draft) == [["list.nik_not_16_digits", "list.no_name", "list.short_year", "list.no_sex"]]


@pytest.mark.parametrize(
    ("nik", "code"),
    [
        (None, "list.no_nik"),
        ("1111111111111111", "list.nik_all_same"),
        ("3505129907510003", "list.nik_day"),
        ("3505121213510003", "list.nik_month"),
        ("3505125207510000", "list.nik_serial"),
    ],
)
def test_impossible_niks_are_named(nik: str | None, code: str) -> None:
    assert code in reasons(read(row_of(nik, "MISINEM", BORN)))[0]


def test_doubts_are_warnings_and_keep_the_row() -> None:
    draft = read(
        row_of("3505121207510003", "LAIN KELAMIN", BORN),
        row_of("3571015207510004", "LAIN DAERAH", BORN),
        row_of("3505125207510005", "LAIN TANGGAL", "13-07-1951"),
        row_of("3505125203100006", "ENAM BELAS", "12-03-2010"),
        row_of("3505125205150007", "ANAK", "12-05-2015"),
        row_of("3505125207510008", "TANPA", BORN, **{"L/P": None, "KATEGORI": "entah", "NO KK": number("3.5E+15")}),
    )
    assert warnings(draft) == [
        ["nik.other_sex"],
        ["nik.other_domicile"],
        ["nik.other_birth_date"],
        ["list.card_at_17"],
        ["list.under_16"],
        ["list.sex_of_nik", "list.no_kk_dropped", "list.unknown_category"],
    ]
    assert draft.accepted[5].biodata.no_kk.digits == ""


def test_doubles_within_the_list() -> None:
    draft = read(
        row_of(NIK, "MISINEM", BORN),
        row_of(NIK, "MISINEM", BORN),
        row_of("3505125207510005", "SRI", BORN),
        row_of("3505125207510005", "TRI", BORN),
        row_of("3505125207510006", "WATI", BORN),
        row_of("3505125207510007", "WATI", BORN),
    )
    assert [(row.number, *[reason.code for reason in row.reasons]) for row in draft.refused] == [
        (4, "list.nik_twice"),
        (5, "list.nik_of_two"),
        (6, "list.nik_of_two"),
    ]
    assert warnings(draft) == [[], ["list.same_person"], ["list.same_person"]]


def test_rows_that_are_no_people_are_skipped_by_name() -> None:
    draft = read(
        tuple(number(str(n)) for n in range(1, 12)),
        row_of(NIK, "MISINEM", BORN),
        (),
        HEADER,
        row_of("3505125207510005", "SRI", BORN),
        ("JUMLAH", None, None, number("2")),
        (None, None, None, None, None, None, None, "Jimbe, 12 November 2026"),
    )
    assert [(row.number, row.code) for row in draft.skipped] == [
        (3, "list.skipped_numbering"),
        (6, "list.skipped_header"),
        (8, "list.skipped_total"),
        (9, "list.skipped_words"),
    ]
    assert len(draft.accepted) == 2
    assert not draft.refused


def test_merged_heads_two_categories_and_coordinates() -> None:
    upper = (
        "NO",
        "NIK",
        "NAMA",
        "TEMPAT, TANGGAL LAHIR",
        "JK",
        "ALAMAT",
        None,
        "KATEGORI",
        "AKSES",
        "LINTANG",
        "BUJUR",
    )
    lower = (None, None, None, None, None, "DUSUN", "RT/RW")
    row = (number("1"), NIK, "Misinem", "Blitar, 12 Juli 1951", "P", "KRAJAN", serial(46025))
    content = xlsx(
        [TITLE, upper, lower, (*row, "lansia, korban bencana alam", "jalan setapak", number("-8.09"), "112,1")],
        merged=["F2:G2"],
    )
    (found,) = read(content=content).accepted
    assert (found.biodata.birth_place, found.biodata.birth_date) == ("BLITAR", date(1951, 7, 12))
    assert (found.biodata.address.rt, found.biodata.address.rw) == ("003", "001")
    assert (found.category, found.legal) == (ServiceCategory.LANSIA, LegalCategory.KORBAN_BENCANA_ALAM)
    assert (found.access, found.latitude, found.longitude) == ("jalan setapak", -8.09, 112.1)


def test_a_formula_gives_the_text_that_was_stored_and_nothing_is_calculated() -> None:
    draft = read(row_of(formula('"350512"&"5207510003"', NIK), "MISINEM", BORN), row_of(formula("B3"), "SRI", BORN))
    assert draft.accepted[0].biodata.nik.digits == NIK
    assert reasons(draft) == [["list.no_nik"]]


def test_a_csv_is_read_like_a_sheet() -> None:
    lines = "NIK;Nama;L/P;Tgl Lahir\n3505125207510003;Misinem;P;12/07/1951\n3,50513E+15;Sri;P;12/07/1951\n"
    draft = read(content=lines.encode("cp1252"))
    assert (len(draft.accepted), reasons(draft)) == (1, [["list.lost_digits"]])


def test_every_code_that_a_row_can_have_is_told_in_words() -> None:
    source = __import__("inspect").getsource(__import__("fieldkit.services.targets.import_targets", fromlist=["x"]))
    codes = set(__import__("re").findall(r'(?<!Error\()"(list\.\w+)"', source))
    assert len(codes) > 15
    for language in ("id", "en"):
        assert all(strict_catalogue(language).text(code) for code in codes)
