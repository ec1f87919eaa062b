from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pytest
from support.clock import NOW

from fieldkit.documents.letters import TypstLetters, TypstSheets
from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Slip, slip_in
from fieldkit.domain.recording.positions import FINGERS, ExceptionReason, Position
from fieldkit.formats.qr import read_qr

RECORD_ID = "0193a0c4-6e7a-7b3c-9d2e-001122334455"
WITNESS = "Karsono (perangkat desa)"


def mark(position: Position, reason: str, attempts: int = 2) -> dict[str, Any]:
    team = ["Siti Rahayu", "Budi Santoso"]
    return {"position": position.value, "reason": reason, "attempts": attempts, "attendants": team, "witness": WITNESS}


RESIDENT: dict[str, Any] = {
    "dinas": {"dinas": "Dinas Kependudukan dan Pencatatan Sipil", "regency": "Kabupaten Madiun"},
    "name": "SUMINEM #let *x*",  # a name is text, never markup
    "nik": "351902••••••••01",
    "place": "Desa Dolopo",
    "activity": "Jemput bola lansia",
    "surat_tugas": "094/123/2026",
    "recorded": [p.value for p in Position if p not in (Position.RIGHT_THUMB, Position.EYE_LEFT)],
    "exceptions": [mark(Position.RIGHT_THUMB, "bandaged"), mark(Position.EYE_LEFT, "cataract", 0)],
    "card_from": "",
    "attendants": ["Siti Rahayu", "Budi Santoso"],
    "record_id": RECORD_ID,
    "sha256": "ab12" * 16,
    "sealed_at": "2026-11-21T10:32:00+07:00",
}
SHIPMENT: dict[str, Any] = {
    "dinas": RESIDENT["dinas"],
    "made_at": "2026-11-21T16:45:00+08:00",
    "sealed": 40,
    "received": 39,
    "missing": 1,
    "attendants": ["Siti Rahayu"],
    "records": [
        {
            "record_id": RECORD_ID,
            "name": "SUM•••",
            "nik": "351902••••••••01",
            "place": "Desa Dolopo",
            "state": "queued" if at == 7 else "acknowledged",
            "received_at": "" if at == 7 else "2026-11-21T16:41:00+08:00",
        }
        for at in range(40)
    ],
}
FIELDS = {"bukti_perekaman": RESIDENT, "berita_acara_pengecualian": RESIDENT, "ba_pengiriman": SHIPMENT}


@pytest.fixture(scope="module")
def letters() -> TypstLetters:
    return TypstLetters()


def words(pdf: bytes, folder: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is absent")
    path = folder / "letter.pdf"
    path.write_bytes(pdf)
    out = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True).stdout
    return " ".join(out.split())


@pytest.mark.parametrize("letter", FIELDS)
def test_letters_are_pdf_a_and_the_same_every_time(letters: TypstLetters, letter: str) -> None:
    pdf = letters.render(letter, FIELDS[letter])
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
    assert TypstLetters().render(letter, FIELDS[letter]) == pdf


def test_slip_tells_the_resident_what_was_recorded(letters: TypstLetters, tmp_path: Path) -> None:
    said = words(letters.render("bukti_perekaman", RESIDENT), tmp_path)
    for piece in (
        "SUMINEM #let *x*", "351902••••••••01", "Sabtu, 21 November 2026, pukul 10.32 WIB", "Desa Dolopo", "9 dari 10",
        "1 dari 2", "ibu jari kanan dan iris mata kiri", "GRATIS", "tidak dipungut biaya",
        "Siti Rahayu dan Budi Santoso", RECORD_ID, "KABUPATEN MADIUN", "bukan KTP-el", "DINAS KEPENDUDUKAN",
    ):  # fmt: skip
        assert piece in said, piece


def test_slip_never_says_why(letters: TypstLetters, tmp_path: Path) -> None:
    said = words(letters.render("bukti_perekaman", RESIDENT), tmp_path).lower()
    for reason in ("terbalut", "keruh", "bandaged", "cataract", "katarak"):
        assert reason not in said


def test_sixteen_year_old_reads_the_print_date(letters: TypstLetters, tmp_path: Path) -> None:
    said = words(letters.render("bukti_perekaman", {**RESIDENT, "card_from": "2027-03-21"}), tmp_path)
    assert "KTP-el dicetak mulai 21 Maret 2027" in said
    assert "21 Maret 2027" not in words(letters.render("bukti_perekaman", RESIDENT), tmp_path)


def test_the_berita_acara_says_of_which_part_there_is_a_photo(letters: TypstLetters, tmp_path: Path) -> None:
    first, second = RESIDENT["exceptions"]
    shown = {**RESIDENT, "exceptions": [{**first, "has_photo": True}, second]}
    said = words(letters.render("berita_acara_pengecualian", shown), tmp_path)
    assert re.search(r"2× ada Karsono", said)
    assert "di dalam rekaman yang tersegel" in said
    older = words(letters.render("berita_acara_pengecualian", RESIDENT), tmp_path)
    assert "tersegel" not in older


@pytest.mark.parametrize(
    ("attempts", "says"),
    [
        ((2, 3), "tidak dapat direkam sesudah dicoba sebagaimana tertulis,"),
        ((2, 0), "sebagian sudah dicoba sebagaimana tertulis, yang bertanda – tidak dicoba,"),
        ((0, 0), "tidak dapat direkam dan tidak dicoba,"),
    ],
)
def test_the_berita_acara_says_tried_only_of_what_was_tried(
    letters: TypstLetters, tmp_path: Path, attempts: tuple[int, int], says: str
) -> None:
    thumb, eye = attempts
    marks = [mark(Position.RIGHT_THUMB, "bandaged", thumb), mark(Position.EYE_LEFT, "cataract", eye)]
    said = words(letters.render("berita_acara_pengecualian", {**RESIDENT, "exceptions": marks}), tmp_path)
    assert says in said
    assert ("sesudah dicoba" in said) == (0 not in attempts)


def test_the_berita_acara_says_which_petugas_signed_with_a_key(letters: TypstLetters, tmp_path: Path) -> None:
    signed = {"signed_by_key": {"Siti Rahayu": "2026-11-21T10:15:00+07:00"}}
    said = words(letters.render("berita_acara_pengecualian", {**RESIDENT, **signed}), tmp_path)
    assert said.count("ditandatangani dengan kunci, 21 November 2026 pukul 10.15 WIB") == 1
    assert "dengan kunci" not in words(letters.render("berita_acara_pengecualian", RESIDENT), tmp_path)


def test_qr_code_holds_record_and_digest(letters: TypstLetters) -> None:
    pages = letters.preview("bukti_perekaman", RESIDENT)
    assert len(pages) == 1
    picture = cv2.imdecode(np.frombuffer(pages[0], np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    read, _corners, _straight = cv2.QRCodeDetector().detectAndDecode(cv2.resize(picture, None, fx=2, fy=2))
    assert read == f"FK1:{RECORD_ID}:{'ab12' * 16}".upper()


def test_slip_of_the_longest_name_stays_on_one_page(letters: TypstLetters) -> None:
    all_excepted = [mark(p, "worn") for p in FINGERS]
    crowded = {**RESIDENT, "name": "W" * 30 + " " + "M" * 29, "exceptions": all_excepted, "recorded": ["PORTRAIT"]}
    assert len(letters.preview("bukti_perekaman", crowded)) == 1


def test_exceptions_stand_with_attempts_and_witness(letters: TypstLetters, tmp_path: Path) -> None:
    said = words(letters.render("berita_acara_pengecualian", RESIDENT), tmp_path)
    for piece in ("Ibu jari kanan", "Jari terbalut", "2×", "Lensa mata keruh", WITNESS, "Petugas 2", "Nomor:"):
        assert piece in said, piece


@pytest.mark.parametrize("reason", ExceptionReason)
def test_every_reason_has_its_words(letters: TypstLetters, tmp_path: Path, reason: ExceptionReason) -> None:
    fields = {**RESIDENT, "exceptions": [mark(Position.RIGHT_THUMB, reason.value)]}
    assert reason.value not in words(letters.render("berita_acara_pengecualian", fields), tmp_path)


def test_shipment_counts_and_lists(letters: TypstLetters, tmp_path: Path) -> None:
    said = words(letters.render("ba_pengiriman", SHIPMENT), tmp_path)
    for piece in ("40 39 1", "1 rekaman belum diterima", "Menunggu", "pukul 16.45 WITA", "Halaman 2 dari"):
        assert piece in said, piece
    assert len(letters.preview("ba_pengiriman", SHIPMENT)) > 1


def test_whole_shipment_says_so(letters: TypstLetters, tmp_path: Path) -> None:
    fields = {**SHIPMENT, "sealed": 0, "received": 0, "missing": 0, "records": []}
    assert "Tidak ada yang tertinggal" in words(letters.render("ba_pengiriman", fields), tmp_path)


@pytest.mark.parametrize(
    ("letter", "fields", "code"),
    [
        ("surat_cinta", RESIDENT, "letter.unknown"),
        ("../letters/paper", RESIDENT, "letter.unknown"),
        ("bukti_perekaman", {k: v for k, v in RESIDENT.items() if k != "card_from"}, "letter.field_missing"),
        ("bukti_perekaman", {**RESIDENT, "sealed_at": "kemarin"}, "letter.field_wrong"),
        ("ba_pengiriman", {**SHIPMENT, "made_at": "2026-11-21T16:45:00"}, "letter.field_wrong"),
    ],
)
def test_what_cannot_be_written_is_named(letters: TypstLetters, letter: str, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as refused:
        letters.render(letter, fields)
    assert refused.value.code == code


FINGERPRINT = ":".join(["0A"] * 32)


def words_of(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


def test_the_recovery_sheet_says_its_code_and_whose_it_is() -> None:
    facts = {"kit": "K01", "dinas": "Dinas Uji", "user": "ani", "name": "Ani Wijaya", "at": "23-11-2026 10.00"}
    sheet = TypstSheets().recovery({**facts, "code": "ABCD-EFGH-IJKL-MNOP-QRST"})
    (words,) = words_of(sheet.pdf)
    assert all(said in words for said in ("K01", "Ani Wijaya (ani)", "ABCD-EFGH-IJKL-MNOP-QRST", "Dinas Uji"))
    assert len(sheet.pages) == 1


@pytest.mark.days
def test_slips_stand_six_on_a_page_and_each_code_can_be_read() -> None:
    slips = [
        Slip("https://pusat.example:8443", f"ABCD-EFGH-IJKL-MNOP-QRS{n}", FINGERPRINT, f"K0{n}", "ani")
        for n in range(2, 8)
    ]
    sheet = TypstSheets().slips("Dinas Uji", [*slips, slips[0]], NOW)
    first, second = words_of(sheet.pdf)
    assert all(slip.code in first and slip.kit in first for slip in slips)
    assert slips[0].code in second
    page = cv2.imdecode(np.frombuffer(sheet.pages[0], np.uint8), cv2.IMREAD_GRAYSCALE)
    height, width = page.shape
    cut = cv2.imencode(".png", page[: height // 3, : width // 2])[1].tobytes()
    assert slip_in(read_qr(cut)) == slips[0]
