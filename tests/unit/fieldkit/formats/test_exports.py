from __future__ import annotations

import base64
import io
import json
import zipfile
from email.message import EmailMessage
from io import BytesIO

import pytest
from openpyxl import load_workbook
from support.altered import Genuine
from support.clock import NOW

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.record import RecordDraft
from fieldkit.formats.container import read_container, write_container
from fieldkit.formats.exports import MOST_PARTS, AppExports, SpreadsheetReports, iso_files, osia_file
from fieldkit.ports.documents import ComeFile, ReportSheet


def test_images_and_papers_stand_inside(draft: RecordDraft) -> None:
    record = read_container(write_container(draft))
    told = json.loads(osia_file(record))
    named = [item for item in record.enrollment["biometricData"] if "imageRef" in item]
    images = [item["image"] for item in told["biometricData"] if "image" in item]
    assert [base64.b64decode(image) for image in images] == [
        record.entries[item["imageRef"].partition("#")[2]] for item in named
    ]
    ((part,),) = [document["parts"] for document in told["documentData"]]
    assert (base64.b64decode(part["data"]), part["mimeType"]) == (b"%PDF-1.7", "application/pdf")
    assert b"Ref" not in osia_file(record)


def test_samples_come_as_captured(genuine: Genuine) -> None:
    record = read_container(genuine.content)
    files = iso_files(record)
    assert len(files) == 12
    assert all(record.entries[f"samples/{name}"] == content for name, content in files.items())


def test_ink_of_witnesses_stands_inside(genuine: Genuine) -> None:
    record = read_container(genuine.content)
    told = json.loads(osia_file(record))["contextualData"]["exceptionInks"]
    for ink, named in zip(told, record.enrollment["contextualData"]["exceptionInks"], strict=True):
        for part in ("picture", "strokes"):
            assert base64.b64decode(ink[part]) == record.entries[named[part]]


ROWS = [
    {"nomor_registrasi": "BP-1", "nik": 3315084507900002, "nama": "Siti", "lampiran": ["kk.jpg", "ktp.jpg"]},
    {"nomor_registrasi": "BP-2", "nik": "3315080102180001", "nama": "Bima", "alamat": None, "aktif": True},
]


def mail(parts: int = 1, subject: str = "Permohonan BP-1") -> bytes:
    made = EmailMessage()
    made["Subject"] = subject
    made.set_content("Terlampir berkas BP-1.")
    for at in range(parts):
        made.add_attachment(b"%PDF-1", maintype="application", subtype="pdf", filename=f"kk{at}.pdf")
    return bytes(made)


def come(name: str, content: bytes) -> ComeFile:
    return ComeFile(name, name, lambda: content)


@pytest.mark.parametrize("wrapped", [ROWS, {"data": ROWS}, {"status": "ok", "permohonan": ROWS}])
def test_json_becomes_a_sheet_that_loses_no_digit(wrapped: object) -> None:
    (sheet,) = AppExports().read("ekspor.json", b"\xef\xbb\xbf" + json.dumps(wrapped).encode())
    assert sheet.rows[0].cells[:3] == ("nomor_registrasi", "nik", "nama")
    assert sheet.rows[1].cells[:4] == ("BP-1", "3315084507900002", "Siti", "kk.jpg; ktp.jpg")
    assert sheet.rows[2].cells[4:] == (None, True)


def test_csv_is_read_too() -> None:
    (sheet,) = AppExports().read("ekspor.csv", b"nomor registrasi;nik\nBP-1;3315\n")
    assert sheet.rows[1].cells == ("BP-1", "3315")


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"[{", "export.broken_json"), (b"[1, 2]", "list.no_rows"), (b"[" * 200_000, "export.broken_json")],
)
def test_what_is_no_list_in_json_is_refused_in_one_sentence(content: bytes, code: str) -> None:
    with pytest.raises(InputError) as refused:
        AppExports().read("ekspor.json", content)
    assert refused.value.code == code


def test_mail_gives_its_attachments_with_its_subject_and_text() -> None:
    (part,) = AppExports().unpack(come("surel.eml", mail()))
    assert part.name == "kk0.pdf"
    assert "Permohonan BP-1" in part.words
    assert "Terlampir" in part.words
    assert part.read() == b"%PDF-1"


def test_mail_with_many_parts_is_bounded_and_rubbish_gives_nothing() -> None:
    assert len(AppExports().unpack(come("surel.eml", mail(MOST_PARTS + 5)))) == MOST_PARTS
    assert AppExports().unpack(come("surel.eml", b"\x00\xff rubbish")) == []


def test_any_other_file_is_itself() -> None:
    file = come("BP-1.pdf", b"%PDF-1")
    assert AppExports().unpack(file) == (file,)


def test_a_report_is_a_workbook_that_says_when_it_was_made() -> None:
    sheet = ReportSheet("Ringkasan", "", ("Apa", "Berapa"), (("Kunjungan", 3),))
    with zipfile.ZipFile(BytesIO(SpreadsheetReports().write([sheet], NOW))) as archive:
        assert "xl/workbook.xml" in archive.namelist()
        assert b"2026-11-21T02:00:00Z" in archive.read("docProps/core.xml")


SHEET = ReportSheet("Hasil: kunjungan / ulang", "Catatan", ("Hasil", "Jumlah"), (("=1+1", 3), ("Lari\x07", None)), 1)


def test_text_is_never_a_formula_and_numbers_stay_numbers() -> None:
    book = load_workbook(io.BytesIO(SpreadsheetReports().write([SHEET], NOW)))
    (page,) = book.worksheets
    assert page.title == "1 Hasil  kunjungan   ulang"
    assert [[cell.value for cell in row] for row in page.iter_rows(min_row=4)] == [
        ["Hasil", "Jumlah"],
        ["=1+1", 3],
        ["Lari", None],
    ]
    assert page["A5"].data_type == "s"
    assert len(page._charts) == 1


def test_a_sheet_without_a_charted_column_has_no_chart() -> None:
    plain = ReportSheet("Ringkasan", "", ("Apa", "Berapa"), (("Kunjungan", 3),))
    book = load_workbook(io.BytesIO(SpreadsheetReports().write([plain, plain], NOW)))
    assert [len(sheet._charts) for sheet in book] == [0, 0]
    assert book.sheetnames == ["1 Ringkasan", "2 Ringkasan"]
