"""Every letter of the office: PDF/A, the same bytes, its words, no NIK, no category, "gratis" where residents read."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pypdfium2 import PdfDocument
from support.tries import some_of

from fieldkit.documents.letters import TypstLetters, letter_qr
from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.fields import FIELDS, FOR_RESIDENTS
from fieldkit.domain.letters.forms import Field, Form, empty
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.letters.official_forms import OFFICIAL_FORMS, RETIRED

_K = LetterKind
LETTER_ID = "0193a0c4-6e7a-7b3c-9d2e-001122334455"
DIGEST = "ab12" * 16
DINAS = {"dinas": "Dinas Kependudukan dan Pencatatan Sipil", "regency": "Kabupaten Blitar", "city": "Blitar"}
SITI = {"name": "SITI #let *x* RAHAYU", "nip": "19850617 201001 1 012", "pangkat": "Penata (III/c)", "jabatan": "Kasi"}


def filled(field: Field) -> Any:
    """Return something in the form of a field; its name stands in it, so that its place on the paper can be found."""
    match field.form:
        case Form.LINES:
            return [f"{field.name} satu $x$", f"{field.name} dua"]
        case Form.DAY:
            return "2026-11-23"
        case Form.COUNT | Form.MONEY:
            return 12
        case Form.CHOICE:
            return field.choices[0]
        case Form.PERSON:
            return SITI
        case Form.ROWS:
            return [{column.name: filled(Field(column.name, column.form)) for column in field.columns}] * 2
        case _:
            return f"{field.name} #x"


def stated(kind: LetterKind, **changes: object) -> dict[str, Any]:
    common = {
        "dinas": DINAS,
        "letter_id": LETTER_ID,
        "title": f"Judul {kind.value}",
        "provisional": "K07-0031",
        "number": "800/123/409.12/2026",
        "digest": DIGEST,
        "made_at": "2026-11-21T10:32:00+07:00",
    }
    return {**common, **{field.name: filled(field) for field in FIELDS[kind]}, **changes}


def blank(kind: LetterKind) -> dict[str, Any]:
    nothing = {field.name: field.choices[0] if field.choices else empty(field.form) for field in FIELDS[kind]}
    return stated(kind, number="", **nothing)


@pytest.fixture(scope="module")
def letters() -> TypstLetters:
    return TypstLetters()


@pytest.fixture
def read(letters: TypstLetters, tmp_path: Path) -> Any:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is absent")

    def words(kind: LetterKind, fields: Mapping[str, Any]) -> str:
        (tmp_path / "letter.pdf").write_bytes(letters.render(kind.value, fields))
        command = ["pdftotext", "-layout", str(tmp_path / "letter.pdf"), "-"]
        return " ".join(subprocess.run(command, capture_output=True, check=True, text=True).stdout.split())

    return words


@pytest.mark.parametrize("kind", FIELDS)
def test_every_letter_is_pdf_a_and_the_same_every_time(letters: TypstLetters, kind: LetterKind) -> None:
    pdf = letters.render(kind.value, stated(kind))
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
    assert letters.render(kind.value, stated(kind)) == pdf
    other = letters.render(kind.value, stated(kind, number="800/124/409.12/2026"))
    assert (other == pdf) is (kind in OFFICIAL_FORMS), "an official form bears no number"


def test_another_compiler_writes_the_same_bytes(letters: TypstLetters) -> None:
    for kind in (_K.SPPD, _K.TANDA_TERIMA):
        assert TypstLetters().render(kind.value, stated(kind)) == letters.render(kind.value, stated(kind))


@pytest.mark.parametrize("kind", FIELDS)
def test_a_blank_letter_can_be_looked_at(letters: TypstLetters, kind: LetterKind) -> None:
    assert all(page.startswith(b"\x89PNG") for page in letters.preview(kind.value, blank(kind)))


@pytest.mark.parametrize("kind", FIELDS)
def test_poppler_reads_title_and_text(letters: TypstLetters, read: Any, kind: LetterKind, tmp_path: Path) -> None:
    said = read(kind, stated(kind))
    shown = subprocess.run(["pdfinfo", str(tmp_path / "letter.pdf")], capture_output=True, check=True, text=True).stdout
    assert re.search(rf"^Title:\s+Judul {kind.value}$", shown, re.MULTILINE)
    assert re.search(r"^Suspects:\s+no$", shown, re.MULTILINE)
    assert ("800/123/409.12/2026" in said) is (kind not in OFFICIAL_FORMS), "an official form bears no number"
    for field in FIELDS[kind]:
        if field.form is Form.PERSON:
            assert SITI["name"] in said, field.name
            assert SITI["nip"] in said, field.name
        elif field.form in (Form.LINE, Form.TEXT) and (kind, field.name) not in OTHERWISE:
            assert f"{field.name} #x" in said or f"{field.name} #x".upper() in said, field.name
        elif field.form is Form.LINES and field.name not in ("forwarded", "harapan", "entries", "attached"):
            assert f"{field.name} satu $x$" in said, field.name


# Fields whose text the paper does not repeat as it is: in a heading, in a table cell that breaks, in boxes.
OTHERWISE = {
    (_K.BA_SERAH_TERIMA, "mark"),
    (_K.BA_SARPRAS, "mark"),
    (_K.BA_PENGEMBALIAN, "mark"),
    (_K.TANDA_TERIMA, "mark"),
    (_K.FORMULIR, "nik"),
    (_K.FORMULIR, "no_kk"),
    (_K.SPJ, "receiver"),
    (_K.F_1_02, "name"),
    (_K.F_1_03, "to_rt"),
    (_K.F_1_03, "to_rw"),
}


@pytest.mark.parametrize("kind", FIELDS)
def test_without_an_official_number_the_provisional_one_is_marked(read: Any, kind: LetterKind) -> None:
    said = read(kind, blank(kind)).lower()
    assert ("nomor sementara k07-0031" in said) is (kind not in OFFICIAL_FORMS)
    assert "none" not in said


@pytest.mark.parametrize("kind", sorted(FOR_RESIDENTS & set(FIELDS)))
def test_gratis_stands_on_every_slip(read: Any, kind: LetterKind) -> None:
    said = read(kind, stated(kind))
    assert "GRATIS" in said
    assert "gratis, tidak dipungut biaya" in said


def test_the_qr_code_holds_letter_and_digest(letters: TypstLetters) -> None:
    (page,) = letters.preview("tanda_terima", stated(_K.TANDA_TERIMA))
    picture = cv2.imdecode(np.frombuffer(page, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    read, _corners, _straight = cv2.QRCodeDetector().detectAndDecode(cv2.resize(picture, None, fx=2, fy=2))
    assert read == letter_qr(LETTER_ID, DIGEST) == f"FKL1:{LETTER_ID}:{DIGEST}".upper()


def test_the_list_of_targets_masks_and_hides(read: Any) -> None:
    row = {"name": "MISINEM", "nik": "350512••••••••03", "sex": "P", "born": "1951-07-12"}
    row |= {"address": "KRAJAN", "rt": "003", "rw": "001", "village": "JIMBE"}
    said = read(_K.DAFTAR_SASARAN, stated(_K.DAFTAR_SASARAN, targets=[row] * 60))
    assert "350512••••••••03" in said
    assert not re.search(r"\d{16}", said)
    assert "kategori" not in said.lower()
    assert "60 (enam puluh) orang" in said
    assert "Halaman 3 dari" in said


def test_days_are_spelled_and_expenses_summed(read: Any) -> None:
    said = read(_K.BA_SERAH_TERIMA, stated(_K.BA_SERAH_TERIMA))
    assert "Senin, tanggal dua puluh tiga bulan November tahun dua ribu dua puluh enam" in said
    assert "2 (dua) keping" in said
    rows = [{"what": "BBM", "count": 20, "unit": "liter", "price": 12_950, "proof": "Nota"}] * 2
    said = read(_K.SPJ, stated(_K.SPJ, expenses=rows))
    assert "Rp259.000" in said
    assert "Rp518.000" in said
    assert "Lima ratus delapan belas ribu rupiah" in said


def test_the_sppd_has_its_visum_on_the_back(letters: TypstLetters, read: Any) -> None:
    said = read(_K.SPPD, stated(_K.SPPD))
    assert len(letters.preview("sppd", stated(_K.SPPD))) == 2
    back = said[said.index("VISUM") :]
    for visum in ("I. Berangkat dari", "II. Tiba di", "III. Tiba di", "IV. Tiba di", "V. Tiba kembali di"):
        assert visum in back, visum
    assert "1 (satu) hari" in said


def test_a_letter_for_electronic_signature_has_its_place(letters: TypstLetters, read: Any) -> None:
    by_hand, electronic = (stated(_K.SURAT_BALASAN, signing=way) for way in ("tangan", "tte"))
    assert "ruang tanda tangan elektronik" in read(_K.SURAT_BALASAN, electronic)
    assert "elektronik" not in read(_K.SURAT_BALASAN, by_hand)


def test_a_logo_stands_in_the_kop(letters: TypstLetters) -> None:
    _, png = cv2.imencode(".png", np.full((20, 20, 3), 90, np.uint8))
    logo = f"data:image/png;base64,{base64.b64encode(png.tobytes()).decode()}"
    plain = letters.preview("surat_tugas", stated(_K.SURAT_TUGAS))
    assert letters.preview("surat_tugas", stated(_K.SURAT_TUGAS, dinas={**DINAS, "logo": logo})) != plain


def test_a_long_team_and_a_long_name_go_on_the_next_page(letters: TypstLetters) -> None:
    crowd = [{**SITI, "name": "W" * 30 + " " + "M" * 29}] * 40
    assert len(letters.preview("surat_tugas", stated(_K.SURAT_TUGAS, people=crowd))) > 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"people": "Siti"}, "letter.field_wrong"),
        ({"dated": "23 November"}, "letter.field_wrong"),
        ({"made_at": "kemarin"}, "letter.field_wrong"),
    ],
)
def test_what_cannot_be_written_is_named(letters: TypstLetters, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as refused:
        letters.render("surat_tugas", stated(_K.SURAT_TUGAS, **changes))
    assert refused.value.code == code
    with pytest.raises(InputError, match=r"letter\.field_missing"):
        letters.render("surat_tugas", {k: v for k, v in stated(_K.SURAT_TUGAS).items() if k != "signer"})


@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_has_a_template_and_a_title(letters: TypstLetters, kind: LetterKind) -> None:
    assert letters.wording(kind.value)["title"]
    strangers = set(letters.wording(kind.value)) - {field.name for field in FIELDS.get(kind, ())}
    assert strangers <= {"title", "dasar_law", "dasar_request", "dasar_sop", "work", "codes"}


@pytest.mark.parametrize(("sheet", "size"), [("f4", (609, 935)), ("a4", (595, 842)), (None, (595, 842))])
def test_a_letter_has_the_sheet_of_its_dinas(letters: TypstLetters, sheet: str | None, size: tuple[int, int]) -> None:
    dinas = {**DINAS, "sheet": sheet} if sheet else DINAS  # what was drafted before has none
    pdf = PdfDocument(letters.render(_K.JADWAL.value, stated(_K.JADWAL, dinas=dinas)))
    assert tuple(map(round, pdf[0].get_size())) == size


def test_no_name_or_digest_for_machines_is_printed(read: Any) -> None:
    said = read(
        _K.BA_SERAH_TERIMA, stated(_K.BA_SERAH_TERIMA, log={"chain": "K-07", "sequence": "31", "digest": "cd" * 8})
    )
    assert not [machine for machine in (LETTER_ID, DIGEST[:16], "K-07", "cd" * 8) if machine in said]


@pytest.mark.parametrize(
    ("jabatan", "printed"),
    [
        ("Kepala Dinas", "KEPALA DINAS,"),
        ("plt. Kepala Dinas", "Plt. KEPALA DINAS,"),
        ("a.n. Kepala Dinas; Sekretaris; u.b. Kasubbag Umum", "a.n. KEPALA DINAS SEKRETARIS u.b. KASUBBAG UMUM,"),
    ],
)
def test_a_signer_signs_as_tata_naskah_writes_it(read: Any, jabatan: str, printed: str) -> None:
    assert printed in read(_K.SURAT_BALASAN, stated(_K.SURAT_BALASAN, signer={**SITI, "jabatan": jabatan}))


# The table of each paper that grows, and words that go with its signatures.
GROWING = {
    _K.BA_SARPRAS: ("items", "diperiksa bersama"),
    _K.BA_PENGEMBALIAN: ("items", "diperiksa bersama"),
    _K.BA_SERAH_TERIMA: ("cards", "demikian berita acara"),
    _K.JADWAL: ("schedule", "demikian jadwal"),
    _K.JADWAL_DISTRIBUSI: ("schedule", "demikian jadwal"),
    _K.NOTULEN: ("attendees", "demikian notulen"),
    _K.LAPORAN_KEGIATAN: ("outcomes", "demikian laporan"),
    _K.REKAPITULASI: ("printed", "demikian rekapitulasi"),
    _K.DAFTAR_CETAK: ("ready", "dimusnahkan sesudah dipakai"),
    _K.BA_PEMUSNAHAN: ("spoilt", "demikian berita acara"),
    _K.DAFTAR_SASARAN: ("targets", "dikembalikan sesudah kegiatan"),
    _K.SURAT_TUGAS: ("people", "demikian surat tugas"),
}


def pages_with(letters: TypstLetters, kind: LetterKind, rows: int) -> list[str]:
    """Return the words of each page of a letter whose table has so many rows."""
    table, _ = GROWING[kind]
    (field,) = (field for field in FIELDS[kind] if field.name == table)
    changes = {table: [filled(field)[0]] * rows, **({"tembusan": []} if kind is _K.SURAT_TUGAS else {})}
    with PdfDocument(letters.render(kind.value, stated(kind, **changes))) as document:
        return [" ".join(page.get_textpage().get_text_range().lower().split()) for page in document]


def stands_alone(pages: list[str], closing: str) -> bool:
    """Tell whether the page of the signatures has nothing of the letter itself."""
    return closing not in next(page for page in reversed(pages) if SITI["nip"] in page)


@pytest.mark.days
@pytest.mark.parametrize("kind", some_of(GROWING, 4))
def test_signatures_never_stand_alone_on_a_page(letters: TypstLetters, kind: LetterKind) -> None:
    """Looked at where a page more begins, which is where they would be left alone."""
    pages = cache(lambda rows: pages_with(letters, kind, rows))
    least = len(pages(8))
    most = next(rows for rows in (29, 45, 90) if len(pages(rows)) > least)
    breaks = bisect_left(range(8, most), least + 1, key=lambda rows: len(pages(rows))) + 8
    alone = [rows for rows in range(breaks - 1, breaks + 3) if stands_alone(pages(rows), GROWING[kind][1])]
    assert len(pages(breaks - 1)) < len(pages(breaks))
    assert not alone


@pytest.mark.days
@pytest.mark.parametrize("kind", GROWING)
def test_signatures_stand_alone_after_no_number_of_rows(letters: TypstLetters, kind: LetterKind) -> None:
    alone = [rows for rows in range(8, 30) if stands_alone(pages_with(letters, kind, rows), GROWING[kind][1])]
    assert not alone


def test_both_parties_witnesses_and_who_acknowledges_stand_on_the_handover(letters: TypstLetters, read: Any) -> None:
    second = {"name": "Suyatno", "nip": "19700101 199503 1 002", "pangkat": "", "jabatan": "Kepala Desa Jimbe"}
    head = {"name": "Endang", "nip": "19680412 199303 2 004", "pangkat": "", "jabatan": "Kepala Dinas"}
    fields = stated(_K.BA_SERAH_TERIMA, second=second, acknowledged=head, witnesses=[], duty="Kembalikan sisanya.")
    said = read(_K.BA_SERAH_TERIMA, fields)
    for piece in (*second.values(), *head.values(), SITI["nip"], "Saksi-saksi", "Mengetahui", "Kembalikan sisanya."):
        assert piece in said or piece.upper() in said, piece
    assert said.count("Kepala Desa Jimbe") == 2, "in the head and under the signature"
    picture = letters.preview("tanda_terima", stated(_K.TANDA_TERIMA))[0]
    signed = {**fields, "mark_picture": f"data:image/png;base64,{base64.b64encode(picture).decode()}"}
    assert b"/Subtype/Image" in letters.render("ba_serah_terima", signed)
    assert b"/Subtype/Image" not in letters.render("ba_serah_terima", fields)


def test_headings_and_heads_of_tables_are_tagged(letters: TypstLetters) -> None:
    reader = PdfFileReader(BytesIO(letters.render("laporan_kegiatan", stated(_K.LAPORAN_KEGIATAN))))
    tags = _tags(reader.root["/StructTreeRoot"])
    assert (tags["/H1"], tags["/TH"] >= 3, tags["/H2"] >= 3) == (1, True, True)


def _tags(node: Any) -> Counter[str]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if not isinstance(node, dict):
        return Counter()
    inside = node.get("/K", ())
    below = inside if isinstance(inside, list) else [inside]
    return sum(map(_tags, below), Counter([str(node["/S"])] if "/S" in node else []))


@pytest.mark.parametrize(("way", "named"), [("bsre", True), ("office", False), ("", False)])
def test_only_a_letter_that_bsre_signs_says_so_in_its_foot(read: Any, way: str, named: bool) -> None:
    said = read(_K.SURAT_BALASAN, stated(_K.SURAT_BALASAN, signing="tte", signed_through=way))
    assert ("Balai Besar Sertifikasi Elektronik (BSrE)" in said) is named
    assert "secara elektronik" in said
    assert "secara elektronik" not in read(_K.SURAT_BALASAN, stated(_K.SURAT_BALASAN, signing="tangan"))


def test_rows_that_nobody_filled_are_numbered_on_behind_the_others(letters: TypstLetters) -> None:
    """F-1.06 has room for five of a family and four changes in each table, whose numbers stand in the first column."""
    (field,) = (field for field in FIELDS[_K.F_1_06] if field.name == "change_a")
    written = stated(_K.F_1_06, family=[], change_a=[filled(field)[0]], change_b=[])
    with PdfDocument(letters.render(_K.F_1_06.value, written)) as document:
        numbers = document[0].get_textpage().get_text_bounded(left=57, right=78, bottom=150).split()
    rows = "".join(mark for mark in numbers if mark.isdigit())
    assert rows == "12345" + "1234" * 2


@pytest.mark.parametrize("kind", [kind for kind in OFFICIAL_FORMS if kind not in RETIRED])
def test_an_official_form_has_its_code_and_neither_kop_nor_badge_nor_qr_code(
    letters: TypstLetters, read: Any, kind: LetterKind
) -> None:
    said = read(kind, stated(kind))
    assert kind.value.upper().replace("_", "-", 1).replace("_", ".") in said
    for stranger in ("GRATIS", DINAS["dinas"].upper(), LETTER_ID, DIGEST[:16], "Sidik"):
        assert stranger not in said
    with PdfDocument(letters.render(kind.value, blank(kind))) as document:
        assert len(document) == {_K.F_1_01: 3, _K.F_1_05: 2}.get(kind, 1)
