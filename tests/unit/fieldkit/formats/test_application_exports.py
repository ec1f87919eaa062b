from __future__ import annotations

import json
from email.message import EmailMessage

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.formats.application_exports import MOST_PARTS, AppExports
from fieldkit.ports.application_exports import ComeFile

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
