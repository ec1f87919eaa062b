"""Each case asks for its own papers, and F-1.02 ticks what they prove."""

from __future__ import annotations

from datetime import date
from itertools import chain
from pathlib import Path

import pytest

from fieldkit.domain.documents import Document
from fieldkit.domain.letters.requirements import (
    CASES,
    NOT_ASKED,
    PAPERS,
    REQUEST_BOXES,
    AttachmentBox,
    SupportingPaper,
    attachments_of,
    boxes_of,
    case_of,
    needed_papers,
)

TODAY = date(2026, 11, 21)
FOUR, FIVE = date(2021, 11, 22), date(2021, 11, 21)
P, A = SupportingPaper, AttachmentBox
COLUMNS = ("I", "II", "III", "IV")  # of F-1.02 part II
KK, KTP, KIA = Document.KK, Document.KTP_EL, Document.KIA

# Service × case → papers that are needed besides F-1.02, box of part II, circles of part III.
TABLE: tuple[tuple[Document, str, set[P], str, set[A]], ...] = (
    (KK, "kk_pertama", {P.F_1_01, P.RT_RW, P.EVENT}, "A.1", {A.EVENT}),
    (KK, "kk_tanpa_dokumen", {P.F_1_01, P.F_1_04, P.RT_RW}, "A.1", set()),
    (KK, "kk_keluarga_baru", {P.MARRIAGE}, "A.1", {A.MARRIAGE}),
    (KK, "kk_kawin_belum_tercatat", {P.F_1_05}, "A.1", {A.UNREGISTERED_MARRIAGE}),
    (KK, "kk_cerai", {P.DIVORCE}, "A.1", {A.DIVORCE}),
    (KK, "kk_ganti_kepala", {P.OLD_KK, P.DEATH}, "A.2", {A.OLD_KK, A.DEATH}),
    (KK, "kk_pisah", {P.OLD_KK, P.KTP_EL}, "A.3", {A.OLD_KK}),
    (KK, "kk_pindah_datang", {P.MOVE}, "A.4", {A.MOVE}),
    (KK, "kk_dari_luar_negeri", {P.MOVE_ABROAD}, "A.5", {A.MOVE_ABROAD}),
    (KK, "kk_dari_perwakilan", {P.MOVE_FROM_MISSION}, "A.5", {A.MOVE_FROM_MISSION}),
    (KK, "kk_rentan", {P.F_1_01, P.F_1_04}, "A.6", set()),
    (KK, "kk_menumpang", {P.HOST_KK}, "B.1", {A.OLD_KK}),
    (KK, "kk_lahir", {P.OLD_KK, P.BIRTH_PROOF}, "B.2", {A.OLD_KK, A.EVENT}),
    (KK, "kk_mati", {P.OLD_KK, P.DEATH}, "B.2", {A.OLD_KK, A.DEATH}),
    (KK, "kk_peristiwa_penting", {P.OLD_KK, P.EVENT}, "B.2", {A.OLD_KK, A.EVENT}),
    (KK, "kk_elemen_data", {P.F_1_06, P.OLD_KK, P.EVENT}, "B.3 A", {A.OLD_KK, A.EVENT}),
    (KK, "kk_hilang", {P.LOSS, P.KTP_EL}, "C.1", {A.LOSS}),
    (KK, "kk_rusak", {P.DAMAGED_KK, P.KTP_EL}, "C.2", {A.OLD_KK}),
    (KTP, "ktp_baru", {P.KK}, "A", set()),
    (KTP, "ktp_rentan", {P.F_1_01, P.F_1_04}, "A", set()),
    (KTP, "ktp_pindah_datang", {P.OLD_KTP_EL, P.MOVE}, "B", {A.OLD_KTP_EL, A.MOVE}),
    (KTP, "ktp_hilang", {P.LOSS}, "C.1", {A.LOSS}),
    (KTP, "ktp_rusak", {P.DAMAGED_KTP_EL}, "C.2", {A.OLD_KTP_EL}),
    (KTP, "ktp_ubah_data", {P.F_1_06, P.OLD_KTP_EL, P.EVENT}, "B", {A.OLD_KTP_EL, A.EVENT}),
    (
        *(KTP, "ktp_perpanjangan", {P.OLD_KTP_EL, P.TRAVEL_DOCUMENT, P.RESIDENCE_PERMIT}, "D"),
        {A.OLD_KTP_EL, A.TRAVEL_DOCUMENT, A.RESIDENCE_PERMIT},
    ),
    (KTP, "ktp_kewarganegaraan", {P.OLD_KTP_EL, P.EVENT}, "E", {A.OLD_KTP_EL, A.EVENT}),
    (KTP, "ktp_luar_domisili", {P.KK}, "F", set()),
    (KTP, "ktp_transmigrasi", {P.OLD_KTP_EL, P.MOVE}, "G", {A.OLD_KTP_EL, A.MOVE}),
    (KIA, "kia_baru", {P.BIRTH_CERTIFICATE, P.KK, P.PARENTS_KTP_EL}, "A", set()),
    (KIA, "kia_hilang", {P.LOSS}, "B.1", {A.LOSS}),
    (KIA, "kia_rusak", {P.DAMAGED_KIA}, "B.2", set()),
    (KIA, "kia_perpanjangan", {P.OLD_KIA, P.RESIDENCE_PERMIT}, "C", {A.RESIDENCE_PERMIT}),
    (KIA, "kia_pindah_datang", {P.MOVE}, "D", {A.MOVE}),
    (KIA, "kia_lainnya", set(), "D", set()),
    (KIA, "kia_ubah_data", {P.F_1_06, P.OLD_KIA, P.EVENT}, "C", {A.EVENT}),
)


@pytest.mark.parametrize(("document", "request_name", "papers", "box", "circles"), TABLE)
def test_a_case_needs_its_papers_and_ticks_its_boxes(
    document: Document, request_name: str, papers: set[P], box: str, circles: set[A]
) -> None:
    needed = needed_papers(document, request_name, FOUR, TODAY)
    assert set(needed) == {P.F_1_02, *papers}
    assert set(attachments_of(needed)) == circles
    ticked = boxes_of(document, request_name)
    codes = [
        each.code for column, name in ticked.items() for each in REQUEST_BOXES[column] if each.name == name != NOT_ASKED
    ]
    assert " ".join(codes) == box
    assert case_of(document, request_name).law


def test_every_case_is_in_the_table() -> None:
    named = {(document, case.name) for document, cases in CASES.items() for case in cases[1:]}
    assert named == {(document, name) for document, name, *_ in TABLE}
    assert all(cases[0].name == NOT_ASKED and not cases[0].boxes for cases in CASES.values())


@pytest.mark.parametrize(
    ("document", "name", "has_photo"),
    [(KIA, "kia_baru", True), (KIA, "", True), (KIA, "kia_hilang", False), (KTP, "ktp_baru", False), (KK, "", False)],
)
def test_a_first_kia_bears_a_photo_from_five_years_on(document: Document, name: str, has_photo: bool) -> None:
    assert (P.PHOTO in needed_papers(document, name, FIVE, TODAY)) is has_photo
    assert P.PHOTO not in needed_papers(document, name, FOUR, TODAY)
    assert P.PHOTO not in needed_papers(document, name, None, TODAY)


@pytest.mark.parametrize("request_name", ["", "ktp_hilang", "of another program"])
def test_a_request_that_is_none_of_the_document_ticks_nothing(request_name: str) -> None:
    assert set(boxes_of(KK, request_name).values()) == {NOT_ASKED}


def test_part_iii_has_eight_circles_in_each_column_and_a_paper_for_each_but_one() -> None:
    assert len(AttachmentBox) == 16
    filled = {box for _, box in PAPERS.values() if box}
    assert set(AttachmentBox) - filled == {A.CAUSE_OF_LOSS}
    assert attachments_of([P.LOSS, None, P.OLD_KK, P.F_1_02]) == (A.OLD_KK, A.LOSS)


def test_every_box_belongs_to_a_case_and_every_paper_too() -> None:
    cases = [case for cases in CASES.values() for case in cases]
    boxes = {box.name for column in REQUEST_BOXES.values() for box in column}
    assert {name for case in cases for name in case.boxes} == boxes
    assert len(boxes) == 27
    asked = set(chain.from_iterable((*case.needed, *case.optional) for case in cases))
    assert asked | {P.PHOTO} == set(SupportingPaper) == set(PAPERS)
    assert not [case.name for case in cases if set(case.needed) & set(case.optional)]


def test_the_page_lists_each_case_as_it_is() -> None:
    page = (Path(__file__).parents[5] / "docs/official-forms.md").read_text("utf-8").splitlines()
    codes = {
        box.name: f"{at}.{box.code}"
        for at, column in zip(COLUMNS, REQUEST_BOXES.values(), strict=True)
        for box in column
    }
    for document, cases in CASES.items():
        for case in cases[1:]:
            needed, optional = ("; ".join(PAPERS[paper][0] for paper in each) for each in (case.needed, case.optional))
            boxes = ", ".join(codes[name] for name in case.boxes)
            assert f"| {case.name} | {boxes} | {needed} | {optional or '–'} | {case.law} |" in page, (
                document,
                case.name,
            )
