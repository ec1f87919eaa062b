"""Lists under the headings that dinas hold: every person is read, or the row says why not; no marriage is guessed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.nik import MaritalStatus, Sex
from fieldkit.domain.targets.columns import guess_layout
from fieldkit.domain.targets.sheets import Cell, Field, Layout, Sheet, SheetRow, TargetDraft
from fieldkit.formats.rules import is_known_region
from fieldkit.services.targets.import_targets import ListContext, read_rows

CONTEXT = ListContext(date(2026, 11, 25), is_known_region, "350512", "Jimbe", "Kademangan")
WIDOW, MAN = "3505125207510003", "3505121203600004"
KK = "3505120101100001"


def head(*lines: str) -> tuple[str | None, ...]:
    """Return the cells of a header row that is written with bars between them."""
    return tuple(words or None for line in lines for words in line.split("|"))


BIP_KTP_EL = (
    head(
        "NO|Nama Lengkap|NIK|Tempat dan Tanggal Lahir||JK|Stat\nKwn|Gol. Drh|SHDK|Agama|Pendidikan Terakhir",
        "No Akta Lahir|Pekerjaan|Nama Ibu|Nama Ayah|Wjb KTP|KTP-eL|Status|Stat Rkm",
    ),
    head("|||Tempat Lahir|Tgl/Bln/Th||||||||||||||"),
    tuple(float(-n) for n in range(1, 20)),
)
SIAK_37 = head(
    "Nomor KK|NIK|Nama Penduduk|Status|Tempat Lahir|Tanggal Lahir|Kelamin|NIK Ayah|Ayah|NIK Ibu|Ibu|Status Kawin",
    "SHDK|Agama|Kecamatan|Desa/Kel|Alamat|RW|RT|Pendidikan|Pekerjaan|Deskripsi Pekerjaan|Gol. Darah|Cacat|Cetak KTP",
    "Ganti KTP|KTP Berakhir|Nomor Paspor|Nomor Akta Lahir|Nomor Akta Kawin|Tanggal Kwn|Nomor Akta Cerai|Tgl Cerai",
    "Petugas Registrasi|Tgl Ubah|Petugas Entri|Tgl Entri",
)
BIP_2012 = head(
    "NO|NIK|NAMA|JK|TMPT LHR|TGL LHR|KTPEL|AGAMA|STATUS|HUB. KEL|PENDIDIKAN|PEKERJAAN|NAMA IBU|NAMA AYAH",
    "NO.AKTE LAHIR",
)
BELUM_REKAM = head("No|NIK|Nama Lengkap|Jenis Kelamin|Tempat Lahir|Tanggal Lahir|Kecamatan|Desa|Status|Keterangan")
SIAK_DATABASE = head("NIK|NO_KK|NAMA_LGKP|JENIS_KLMIN|TMPT_LHR|TGL_LHR|STAT_KWN|NAMA_LGKP_IBU|NO_RT|NO_RW|STAT_HIDUP")


def read(*rows: Sequence[Cell]) -> tuple[Layout, TargetDraft]:
    sheet = Sheet("Sheet1", tuple(SheetRow(number, tuple(cells)) for number, cells in enumerate(rows, 1)))
    layout = guess_layout([sheet])
    return layout, read_rows(sheet, layout, CONTEXT)


def people(draft: TargetDraft) -> list[tuple[str, Sex, MaritalStatus, str, str, str]]:
    return [
        (who.nik.digits, who.sex, who.marital_status, who.no_kk.digits, who.address.street, who.address.rt)
        for who in (row.biodata for row in draft.accepted)
    ]


def test_a_bip_with_the_status_of_the_ktp_el_is_read_whole() -> None:
    rows = (
        (
            1,
            "MISINEM",
            WIDOW,
            "BLITAR",
            "12/07/1951",
            "Pr",
            "CM",
            "-",
            "KK",
            *[None] * 6,
            "WAJIB",
            "SUDAH",
            None,
            "PRR",
        ),
        (*[None] * 18, "SENT FOR\nCARD PRINTING"),
        (2.0, "SUKARNI", MAN, "BLITAR", date(1960, 3, 12), "Lk", "K", "-", "ANAK", *[None] * 6, "WAJIB", "BELUM"),
    )
    where = "KRAJAN RT/RW 3/1 Desa/Kel : PLUMPUNGREJO"
    head = (("No. KK :", None, KK), ("Nama Kepala Keluarga :", None, "MISINEM"), ("Alamat :", None, where))
    title = (("BUKU INDUK PENDUDUK WNI",), ("KECAMATAN : KADEMANGAN",))
    _, draft = read(*title, *BIP_KTP_EL, *head, *rows)
    assert draft.refused == ()
    assert people(draft) == [
        (WIDOW, Sex.FEMALE, MaritalStatus.CERAI_MATI, KK, "KRAJAN", "003"),
        (MAN, Sex.MALE, MaritalStatus.KAWIN, KK, "KRAJAN", "003"),
    ]
    home = draft.accepted[0].biodata.address
    assert (home.rw, home.village) == ("001", "PLUMPUNGREJO")
    codes = [skipped.code for skipped in draft.skipped]
    assert codes == ["list.skipped_numbering", *["list.skipped_family"] * 3, "list.skipped_words"]


def test_the_marriage_of_siak_is_read_from_its_own_column() -> None:
    person = (f"'{KK}", f"\u200b{WIDOW}\u00a0", "MISINEM", "Hidup", "BLITAR", "12-07-1951", "Perempuan", None, "KASAN")
    rest = (None, "SITI", "Cerai Mati", "Kepala Keluarga", "Islam", "KADEMANGAN", "JIMBE", "KRAJAN", "'001", "'003")
    layout, draft = read(SIAK_37, (*person, *rest))
    assert people(draft) == [(WIDOW, Sex.FEMALE, MaritalStatus.CERAI_MATI, KK, "KRAJAN", "003")]
    assert (layout.header[layout.columns[Field.MARITAL_STATUS]], layout.unsure) == ("Status Kawin", ())
    assert draft.accepted[0].biodata.mother_name == "SITI"


def test_a_bip_of_2012_says_the_marriage_under_status() -> None:
    person = (1, WIDOW, "MISINEM", "P", "BLITAR", "12-07-1951", "SENT_FOR_CARD_PRINTING", "ISLAM", "CERAI MATI")
    _, draft = read(("BIP",), (f"No. KK : {KK} Alamat : KRAJAN RT/RW : 003/001",), ("",), BIP_2012, person)
    assert people(draft) == [(WIDOW, Sex.FEMALE, MaritalStatus.CERAI_MATI, KK, "KRAJAN", "003")]


@pytest.mark.parametrize("told", ["WKTP", "BELUM REKAM", "BLM_RKM_KTP", "Hidup", "PRINT_READY_RECORD"])
def test_another_status_is_no_marriage(told: str) -> None:
    person = (1, f'="{WIDOW}"', "MISINEM", "P", "BLITAR", "12-07-1951", "KADEMANGAN", "JIMBE", told, "")
    layout, draft = read(BELUM_REKAM, person)
    assert [row.biodata.nik.digits for row in draft.accepted] == [WIDOW]
    assert Field.MARITAL_STATUS not in layout.columns
    assert layout.unsure == ()


@pytest.mark.parametrize("values", [("entah", "?"), ("KAWIN", "HIDUP"), ("1", "2"), (None, None)])
def test_a_status_whose_values_decide_nothing_is_asked(values: tuple[Cell, Cell]) -> None:
    rows = [(nik, "X", "12-07-1951", told) for nik, told in zip((WIDOW, MAN), values, strict=True)]
    layout, _ = read(("NIK", "NAMA", "TGL LAHIR", "STATUS"), *rows)
    assert Field.MARITAL_STATUS not in layout.columns
    assert layout.unsure == ((3,) if any(values) else ())


def test_codes_of_the_database_are_read() -> None:
    _, draft = read(SIAK_DATABASE, (WIDOW, KK, "MISINEM", "2", "BLITAR", "12-07-1951", "4", "SITI", "3", "1", "1"))
    assert people(draft) == [(WIDOW, Sex.FEMALE, MaritalStatus.CERAI_MATI, KK, "", "003")]


@given(st.lists(st.sampled_from(["Hidup", "KAWIN", "BELUM KAWIN", "WKTP", "Mati", "x", "", "3", "CM"]), max_size=12))
def test_no_row_is_lost_and_no_marriage_comes_from_a_column_that_is_none(told: list[str]) -> None:
    rows = [(f"350512520751{number:04}", "ORANG", "12-07-1951", words or None) for number, words in enumerate(told, 1)]
    layout, draft = read(("NIK", "NAMA", "TGL LAHIR", "STATUS"), *rows)
    assert len(draft.accepted) + len(draft.refused) + len(draft.skipped) == len(rows)
    if Field.MARITAL_STATUS in layout.columns:
        filled = list(filter(None, told))
        assert sum(words in ("KAWIN", "BELUM KAWIN", "CM") for words in filled) >= 0.8 * len(filled)
    else:
        assert all(row.biodata.marital_status is MaritalStatus.BELUM_KAWIN for row in draft.accepted)
