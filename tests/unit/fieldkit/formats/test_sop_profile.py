from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fieldkit.app.bootstrap.catalogue import LANGUAGES, field_catalogue
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import Role
from fieldkit.domain.sarpras import SarprasKind
from fieldkit.domain.sop.profile import NO_DOCUMENT, Column, Equipment, Fulfilment, StepInput, roles_of
from fieldkit.domain.visits import Perekaman
from fieldkit.formats.sop_profile import (
    CODES,
    MAX_CHARS,
    SopFile,
    SopFileError,
    YamlLineError,
    read_marked,
    read_profile,
)

GOOD = """\
id: contoh
nomor: SOP-1
nama: Contoh
instansi: DINAS CONTOH
kode_wilayah: 35.10
peran:
  Pemohon: {luar: ya, dicatat_oleh: [loket]}
  Kasi: [kasi]
langkah:
  - urutan: 1
    kegiatan: Meminta
    pelaksana: [{peran: Pemohon}]
  - urutan: 2
    kegiatan: Menjawab
    pelaksana:
      - {peran: Kasi, akun: [kabid]}
    waktu: {teks: 2 jam, menit: 120, satuan: jam, menit_kerja: 120}
    cabang:
      - {jika: lengkap, maka: lanjut, ke_langkah: 3}
      - {jika: kurang, maka: kembali, ke_langkah: 1}
  - urutan: 3
    kegiatan: Selesai
    terminator: ya
sla:
  - {teks: 1 x 24 jam, jenis: jam_kalender, jumlah: 1440, mulai: penunggalan, langkah: 2}
"""


M = "    kegiatan: Meminta"


def mistakes(text: str) -> list[tuple[str, object, object]]:
    with pytest.raises(SopFileError) as caught:
        read_profile(text.encode(), "contoh.yaml")
    return [(m.code.removeprefix("sop.file_"), m.params["line"], m.params.get("field")) for m in caught.value.mistakes]


def test_a_file_becomes_a_profile() -> None:
    profile = read_profile(GOOD.encode(), "contoh.yaml")
    assert (profile.sop_id, profile.region, len(profile.steps)) == ("contoh", "35.10", 3)
    assert roles_of(profile, 2).roles == (Role.KABID,)
    assert roles_of(profile, 1).recorded_by == (Role.LOKET,)
    assert profile.sla[0].amount == 1440
    assert profile.steps[2].ends_itself


def test_lists_say_the_short_words_and_without_them_those_of_the_document() -> None:
    short = "singkat: Contoh A\nnama: Contoh"
    text = GOOD.replace("nama: Contoh", short).replace(M, M + "\n    singkat: Minta")
    profile = read_profile(text.encode(), "contoh.yaml")
    assert (profile.title, profile.name) == ("Contoh A", "Contoh")
    assert [(step.title, step.words) for step in profile.steps[:2]] == [("Minta", "Meminta"), ("Menjawab", "Menjawab")]


def test_the_mark_that_windows_writes_is_no_mistake() -> None:
    assert read_profile(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode(), "x.yaml").sop_id == "contoh"


STEP_1, STEP_2, KEL = "langkah 1 › ", "langkah 2 › ", "kelengkapan 1"


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "field"),
    [
        ("nomor: SOP-1\n", "", "missing", 1, "nomor"),
        ("nomor: SOP-1", "nomor:", "not_text", 2, "nomor"),
        ("nomor: SOP-1", "nomor: ''", "empty", 2, "nomor"),
        ("nomor: SOP-1", "tanggal_revisi: 4 Januari\nnomor: SOP-1", "not_day", 2, "tanggal_revisi"),
        ("nomor: SOP-1", "tanggal_efektif: 20220230\nnomor: SOP-1", "not_day", 2, "tanggal_efektif"),
        (
            "nomor: SOP-1",
            "tanggal_pembuatan: 2022-01-04\ntanggal_revisi: 2021-12-31\nnomor: SOP-1",
            "day_before",
            3,
            "tanggal_revisi",
        ),
        ("nomor: SOP-1", "dasar_hukum: UU 24/2013\nnomor: SOP-1", "not_list", 2, "dasar_hukum"),
        ("nomor: SOP-1", "dasar_hukum:\n  - a\n  - ''\nnomor: SOP-1", "empty", 4, "dasar_hukum 2"),
        ("nomor: SOP-1", "peringatan:\n  - a\n  - b\n  - a\nnomor: SOP-1", "twice", 5, "peringatan 3"),
        (
            "nomor: SOP-1",
            "peralatan:\n  - {nama: a, sarpras: mobil}\nnomor: SOP-1",
            "not_choice",
            3,
            "peralatan 1 › sarpras",
        ),
        ("nomor: SOP-1", "dokumen: [kia]\nnomor: SOP-1", "document_way", 2, "dokumen"),
        ("nomor: SOP-1", "dokumen: [akta]\nnomor: SOP-1", "not_choice", 2, "dokumen 1"),
        ("nama: Contoh", "nama: [a]", "not_text", 3, "nama"),
        ("nama: Contoh", "nama: " + "x" * 2001, "too_long", 3, "nama"),
        (M, M + "\n    singkat: " + "x" * 37, "too_long", 12, STEP_1 + "singkat"),
        ("id: contoh", "id: Contoh Saya", "pattern", 1, "id"),
        ("35.10", "3510", "pattern", 5, "kode_wilayah"),
        ("nomor: SOP-1", "nomer: SOP-1", "unknown_field", 2, "nomer"),
        ("Kasi: [kasi]", "Kasi: [kasie]", "not_choice", 8, "peran › Kasi › akun 1"),
        ("Kasi: [kasi]", "Kasi: []", "nobody_named", 8, "peran › Kasi › akun"),
        ("[kasi]", "{akun: [kasi], dicatat_oleh: [loket]}", "not_outside", 8, "peran › Kasi › dicatat_oleh"),
        ("dicatat_oleh: [loket]", "dicatat_oleh: []", "nobody_named", 7, "peran › Pemohon › dicatat_oleh"),
        ("luar: ya", "luar: mungkin", "not_yes_no", 7, "peran › Pemohon › luar"),
        ("menit: 120,", "menit: dua,", "not_number", 17, STEP_2 + "waktu › menit"),
        ("menit: 120,", "menit: -1,", "range", 17, STEP_2 + "waktu › menit"),
        ("satuan: jam", "satuan: minggu", "not_choice", 17, STEP_2 + "waktu › satuan"),
        ("{peran: Kasi, akun: [kabid]}", "Kasi", "not_fields", 16, STEP_2 + "pelaksana 1"),
        ("{peran: Kasi, akun", "{peran: Kabid, akun", "column_unknown", 16, STEP_2 + "pelaksana 1 › peran"),
        ("[{peran: Pemohon}]", "[{peran: Pemohon, sebagai: saksi}]", "nobody_does", 12, STEP_1 + "pelaksana"),
        ("urutan: 2", "urutan: 4", "step_order", 13, STEP_2 + "urutan"),
        ("ke_langkah: 1", "ke_langkah: 7", "step_unknown", 20, STEP_2 + "cabang 2 › ke_langkah"),
        ("langkah: 2}", "langkah: 9}", "step_unknown", 25, "sla 1 › langkah"),
        ("mulai: penunggalan", "mulai: setelah penunggalan", "not_choice", 25, "sla 1 › mulai"),
        (", mulai: penunggalan", "", "missing", 25, "sla 1 › mulai"),
        ("langkah: 2}", "langkah: 2, jeda: [gangguan]}", "not_choice", 25, "sla 1 › jeda 1"),
        ("langkah: 2}", "langkah: 2, jeda: gangguan teknis}", "not_list", 25, "sla 1 › jeda"),
        ("jika: kurang", "jika: lengkap", "twice", 20, STEP_2 + "cabang 2 › jika"),
        ("    kegiatan: Menjawab\n", "    kegiatan: a\n    kegiatan: b\n", "twice", 15, STEP_2 + "kegiatan"),
        (M, M + "\n    terminator: ya", "end_in_between", 12, STEP_1 + "terminator"),
        (M, M + "\n    bersama: [1]", "step_unknown", 12, STEP_1 + "bersama 1"),
        (M, M + "\n    bersama: 2", "not_list", 12, STEP_1 + "bersama"),
        (M, M + "\n    kelengkapan: [a, a]", "twice", 12, STEP_1 + "kelengkapan 2 › nama"),
        (
            M,
            M + "\n    kelengkapan: [{nama: a, langkah: [8]}]",
            "step_unknown",
            12,
            STEP_1 + "kelengkapan 1 › langkah 1",
        ),
        (M, M + "\n    dipenuhi_oleh: [rekam]", "not_choice", 12, STEP_1 + "dipenuhi_oleh 1 › salah_satu 1"),
    ],
)
def test_a_mistake_is_named_with_line_and_field(old: str, new: str, code: str, line: int, field: str) -> None:
    assert old in GOOD
    assert (code, line, field) in mistakes(GOOD.replace(old, new, 1))


def test_every_mistake_is_listed_in_the_order_of_lines() -> None:
    text = GOOD.replace("nomor: SOP-1", "nomer: SOP-1").replace("[kasi]", "[kasie]").replace("urutan: 3", "urutan: x")
    found = mistakes(text)
    assert [(code, line) for code, line, _ in found] == [
        ("missing", 1),
        ("unknown_field", 2),
        ("not_choice", 8),
        ("not_number", 21),
    ]


@pytest.mark.parametrize(
    "text", ["", "teks saja", "- a\n- b\n", "langkah: {}\nperan: []\n", "langkah: [a, [b]]\nsla: 3\n"]
)
def test_what_is_no_sop_at_all_is_refused(text: str) -> None:
    assert mistakes(text)


def test_broken_yaml_is_named_with_its_line() -> None:
    assert mistakes("id: a\nnama: [b\n")[0][:2] == ("yaml", 3)
    with pytest.raises(SopFileError) as caught:
        read_profile(b"id: a\nnama: \xff\n", "x.yaml")
    assert (caught.value.code, caught.value.problem.params["line"]) == ("sop.file_encoding", 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mistake_has_its_sentence(language: str) -> None:
    catalogue = field_catalogue(language)
    for code in CODES.values():
        assert catalogue._find(code, catalogue._problems), code
    with pytest.raises(SopFileError) as caught:
        read_profile(GOOD.replace("kode_wilayah: 35.10", "kode_wilayah: x").encode(), "dinas.yaml")
    sentence = catalogue.problem(caught.value.problem).what
    assert "dinas.yaml" in sentence
    assert "5" in sentence
    assert "kode_wilayah" in sentence


LINES = GOOD.splitlines()


@given(st.integers(0, len(LINES) - 1), st.sampled_from(["", "  ", "- ", "x: ", "a: [", "langkah: 1", "null"]))
def test_a_damaged_line_is_read_or_refused_but_never_a_bug(number: int, damage: str) -> None:
    text = "\n".join([*LINES[:number], damage + LINES[number].strip(), *LINES[number + 1 :]])
    found: tuple[Problem, ...] = ()
    try:
        assert read_profile(text.encode(), "x.yaml").steps
    except SopFileError as error:
        found = error.mistakes
    assert all(mistake.params["line"] for mistake in found)


def test_the_steps_are_the_way_of_what_an_sop_gives() -> None:
    text = GOOD.replace("nomor: SOP-1", "nomor: SOP-1\ndokumen: [kia]\nlayanan: penerbitan KIA\npersyaratan: [akta]")
    told = "    dipenuhi_oleh: [application_received, {salah_satu: [document_printed]}, cards_to_desa]\n"
    profile = read_profile(text.replace(M + "\n", M + "\n" + told).encode(), "contoh.yaml")
    assert (profile.gives, profile.service, profile.requirements) == ((Document.KIA,), "penerbitan KIA", ("akta",))


def test_an_sop_may_record_in_the_official_application() -> None:
    assert read_profile(GOOD.encode(), "x.yaml").perekaman is Perekaman.KIT
    text = GOOD.replace("nomor: SOP-1", "nomor: SOP-1\nperekaman: resmi")
    assert read_profile(text.encode(), "x.yaml").perekaman is Perekaman.RESMI
    assert [each[0] for each in mistakes(text.replace("resmi", "siak"))] == ["not_choice"]


def test_what_is_no_day_is_not_called_too_early_as_well() -> None:
    text = GOOD.replace("nomor: SOP-1", "tanggal_pembuatan: 2026-01-05\ntanggal_efektif: 12 Januari\nnomor: SOP-1")
    assert mistakes(text) == [("not_day", 3, "tanggal_efektif")]


TEXT = """\
# kop
nomor: 35.10
langkah:
  - urutan: 1
    kegiatan: no
    waktu:
  - {urutan: 2,
     kegiatan: ''}
"""


def test_scalars_stay_what_was_typed() -> None:
    assert read_marked(TEXT).value == {
        "nomor": "35.10",
        "langkah": [
            {"urutan": "1", "kegiatan": "no", "waktu": None},
            {"urutan": "2", "kegiatan": ""},
        ],
    }


def test_every_path_knows_its_line() -> None:
    marked = read_marked(TEXT)
    assert marked.line(("nomor",)) == 2
    assert marked.line(("langkah", 0, "kegiatan")) == 5
    assert marked.line(("langkah", 1, "kegiatan")) == 8
    assert marked.line(("langkah", 1, "waktu", "menit")) == 7
    assert marked.line(("langkah", 1, "not written", "urutan")) == 7
    assert marked.line(("nothing",)) == 1


def test_a_key_written_twice_is_told() -> None:
    marked = read_marked("a: 1\nb: 2\na: 3\n")
    assert (marked.twice, marked.line(("a",))) == ((("a",),), 3)


def test_an_empty_text_is_none() -> None:
    assert read_marked("").value is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [1, 2\n", 3),
        ("a: 1\n  b: 2\n", 2),
        ("a: &x 1\nb: *x\n", 2),
        ("a: &x [*x]\n", 1),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: 1\nb: \x07\n", 2),
        ("a: " + "[" * 500 + "]" * 500, 1),
        ("a" * (MAX_CHARS + 1), 1),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(YamlLineError) as caught:
        read_marked(text)
    assert caught.value.line == line
    assert caught.value.detail


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    line = 1
    try:
        read_marked(text)
    except YamlLineError as error:
        line = error.line
    assert line >= 1


FILE = {
    "id": "contoh",
    "nomor": "1",
    "nama": "Contoh",
    "instansi": "DINAS",
    "kode_wilayah": "35.05",
    "peran": {"Kasi": ["kasi"], "Pemohon": {"luar": "ya", "dicatat_oleh": ["loket"]}},
    "langkah": [
        {
            "urutan": "1",
            "kegiatan": "Bekerja",
            "pelaksana": [{"peran": "Pemohon", "sebagai": "penerima"}, {"peran": "Kasi", "keyakinan": "0.5"}],
            "kelengkapan": ["Kalender", {"nama": "Jadwal", "surat": ["jadwal"], "fakta": ["scheduled"]}],
            "dipenuhi_oleh": ["scheduled", {"salah_satu": ["recorded", "sent"]}],
        }
    ],
}


def test_short_forms_stand_for_long_ones() -> None:
    profile = SopFile.model_validate(FILE).profile()
    step = profile.steps[0]
    assert profile.columns == (Column("Kasi", (Role.KASI,)), Column("Pemohon", (), (Role.LOKET,)))
    assert step.inputs == (
        StepInput("Kalender"),
        StepInput("Jadwal", (LetterKind.JADWAL,), (Fulfilment.SCHEDULED,)),
    )
    assert step.fulfilled_by == ((Fulfilment.SCHEDULED,), (Fulfilment.RECORDED, Fulfilment.SENT))


def test_who_does_a_step_stands_first() -> None:
    actors = SopFile.model_validate(FILE).profile().steps[0].actors
    assert [(actor.column, actor.part, actor.confidence) for actor in actors] == [
        ("Kasi", "pelaksana", 0.5),
        ("Pemohon", "penerima", 1.0),
    ]


@pytest.mark.parametrize("answer", ["ya", "tidak", "true", "false"])
def test_yes_and_no_are_said_in_two_languages(answer: str) -> None:
    read = SopFile.model_validate({**FILE, "peran": {"Pemohon": {"luar": answer, "dicatat_oleh": ["loket"]}}})
    assert read.peran["Pemohon"].luar is (answer in ("ya", "true"))


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValidationError):
        SopFile.model_validate({**FILE, "catatan": "x"})


def test_what_the_document_holds_besides_steps() -> None:
    document = {
        "judul": "SOP CONTOH",
        "disahkan_oleh": "Kepala Dinas",
        "tanggal_pembuatan": "2022-01-04",
        "tanggal_revisi": None,
        "dasar_hukum": ["UU 24/2013"],
        "peralatan": ["ATK", {"nama": "Mobil", "sarpras": "vehicle"}],
    }
    read = SopFile.model_validate({**FILE, **document}).profile().document
    assert (read.heading, read.approved_by, read.laws) == ("SOP CONTOH", "Kepala Dinas", ("UU 24/2013",))
    assert (read.made_on, read.revised_on, read.effective_on) == (date(2022, 1, 4), None, None)
    assert read.equipment == (Equipment("ATK"), Equipment("Mobil", SarprasKind.VEHICLE))
    assert SopFile.model_validate(FILE).profile().document == NO_DOCUMENT


def test_letters_cite_what_the_profile_chooses_else_the_whole_document() -> None:
    laws = ["UU No. 24/2013", "PERATURAN BUPATI"]
    whole = SopFile.model_validate({**FILE, "dasar_hukum": laws}).profile().document
    assert whole.letter_laws == tuple(laws)
    chosen = SopFile.model_validate({**FILE, "dasar_hukum": laws, "dasar_surat": ["UU 24"]}).profile().document
    assert (chosen.laws, chosen.letter_laws) == (tuple(laws), ("UU 24",))
    with pytest.raises(ValidationError):
        SopFile.model_validate({**FILE, "dasar_surat": ["UU"] * 6})
