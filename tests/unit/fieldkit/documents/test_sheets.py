from __future__ import annotations

import cv2
import numpy as np
import pypdfium2
from support.clock import NOW

from fieldkit.documents.sheets import TypstSheets
from fieldkit.domain.people.slip import Slip, slip_in
from fieldkit.formats.qr import read_qr

FINGERPRINT = ":".join(["0A"] * 32)


def words_of(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


def test_the_recovery_sheet_says_its_code_and_whose_it_is() -> None:
    facts = {"kit": "K01", "dinas": "Dinas Uji", "user": "ani", "name": "Ani Wijaya", "at": "23-11-2026 10.00"}
    sheet = TypstSheets().recovery({**facts, "code": "ABCD-EFGH-IJKL-MNOP-QRST"})
    (words,) = words_of(sheet.pdf)
    assert all(said in words for said in ("K01", "Ani Wijaya (ani)", "ABCD-EFGH-IJKL-MNOP-QRST", "Dinas Uji"))
    assert len(sheet.pages) == 1


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
