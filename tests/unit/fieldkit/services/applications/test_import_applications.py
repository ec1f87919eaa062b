from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path

import pytest
from support.app_context import PETUGAS
from support.cards_sent import LOKET, steps
from support.counter import Counter

from fieldkit.domain.applications import ApplicationState, PaperVerdict
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import RuleError
from fieldkit.domain.letters.requirements import SupportingPaper
from fieldkit.domain.sop.run import StepState
from fieldkit.ports.documents import ComeFile
from fieldkit.services.applications.begin_application import MOST_FILES
from fieldkit.services.applications.import_applications import OTHER_PAPERS, ExportDraft, ImportApplications
from fieldkit.services.targets.register_request import scan_of

PDF = b"%PDF-1.7 isi"
HEAD = "Nomor Registrasi;NIK;Nama;Tanggal Lahir;Jenis Layanan;No HP;Email;Desa;Berkas KK"
SITI = "BP-1;3315084507900002;Siti Aminah;05-07-1990;KTP-el rusak;081234;siti@contoh.test;WIROSARI;kk siti.pdf"
BIMA = "BP-2;3315080102180001;Bima;01-02-2018;KIA;;;WIROSARI;"
BAD = (
    "BP-3;12;Tono;01-02-1990;Akta cerai;;;;",
    ";3315084507900003;Tini;05-07-1990;KTP-el;;;;",
    "BP-1;3315084507900004;Tuti;05-07-1990;KTP-el;;;;",
    "BP-5;3315084507900005;Tati;05-07-1990;KIA;;;;",
    "BP-6;3315084507900006;Titi;05-07-1990;Akta cerai;;;;",
    "BP-7;3315084507900007;Teti;05-07-1990;Kartu Keluarga;;;;",
    "BP-8;3315084507900008;;31-02-1990;Akta cerai;;;;",
)


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path, "grobogan_becak_pintar")
    counter.by(LOKET)
    yield counter
    counter.close()


def imports(counter: Counter) -> ImportApplications:
    return counter.kit.context.office.application_imports


def file(name: str, content: bytes = PDF) -> ComeFile:
    return ComeFile(name.rsplit("/", 1)[-1], name, lambda: content)


def mail(number: str, *names: str) -> ComeFile:
    made = EmailMessage()
    made["Subject"] = f"Lampiran permohonan {number}"
    for name in names:
        made.add_attachment(PDF, maintype="application", subtype="pdf", filename=name)
    return file(f"{number.lower()}.eml", bytes(made))


def preview(counter: Counter, *rows: str, files: tuple[ComeFile, ...] = ()) -> ExportDraft:
    content = "\n".join((HEAD, *rows)).encode()
    return imports(counter).preview("a1", "ekspor.csv", content, files, scan_of)


def test_rows_come_with_their_files_and_go_through_the_check(counter: Counter) -> None:
    files = (
        file("kk siti.pdf"),
        file("BP-1/ktp lama.pdf"),
        mail("BP-2", "Akta Lahir.pdf", "KK.pdf", "ktp ibu.pdf", "foto.pdf", "catatan.pdf"),
        file("BP-9_kk.pdf"),
    )
    draft = preview(counter, SITI, BIMA, files=files)
    assert draft.unnamed == ("BP-9_kk.pdf",)
    siti, bima = imports(counter).take_over("a1", draft, scan_of)
    assert (siti.applicant.phone, siti.applicant.email, siti.source) == ("081234", "siti@contoh.test", "ekspor.csv")
    assert [len(paper.files) for paper in siti.requirements] == [1, 1]
    assert bima.document is Document.KIA
    assert [(paper.name, len(paper.files)) for paper in bima.requirements][-1] == (OTHER_PAPERS, 1)
    assert bima.lacks == ()
    assert steps(counter.kit)[1] is StepState.DONE
    counter.by(PETUGAS)
    papers = counter.kit.context.office.application_papers
    assert papers.files(siti.thing_id, 0)[0].content == PDF
    for place in range(2):
        papers.judge(siti.thing_id, place, PaperVerdict.RIGHT)
    checked = counter.kit.context.office.applications.check(siti.thing_id)
    assert checked.state is ApplicationState.DIPERIKSA


def test_each_row_that_cannot_be_taken_says_why(counter: Counter) -> None:
    draft = preview(counter, SITI, *BAD)
    assert {row.number: [(reason.code, reason.column) for reason in row.reasons] for row in draft.refused} == {
        3: [("list.nik_not_16_digits", "NIK")],  # the document is asked for only where the person is known
        4: [("export.registration_empty", "Nomor Registrasi")],
        5: [("export.taken", "Nomor Registrasi")],
        6: [("export.application_kia_age", "Tanggal Lahir")],
        7: [("export.unknown_document", "Jenis Layanan")],
        8: [("export.other_service", "Jenis Layanan")],
        9: [("list.no_name", "Nama"), ("list.no_date", "Tanggal Lahir")],
    }
    assert len(draft.accepted) == 1


@pytest.mark.parametrize(
    ("sop", "head", "row", "told"),
    [
        ("grobogan_becak_pintar", "Tgl Lahir", "21-11-2009", Document.KTP_EL),
        ("grobogan_becak_pintar", "Tgl Lahir", "22-11-2009", Document.KIA),
        (
            "grobogan_becak_pintar",
            "Tgl Lahir;Layanan",
            "22-11-2009;KTP-el",
            ("export.application_ktp_age", "Tgl Lahir"),
        ),
        ("grobogan_becak_pintar", "Tgl Lahir;Layanan;Status Kawin", "22-11-2009;KTP-el;Kawin", Document.KTP_EL),
        ("grobogan_becak_pintar", "Tgl Lahir;Layanan", "22-11-2009", Document.KIA),  # a row that ends early
        ("grobogan_becak_pintar", "Layanan", "KTP-el", ("export.biodata_birth_date", "NIK")),
        ("grobogan_kk_wni", "Tgl Lahir", "05-07-1990", Document.KK),
        ("kia_di_sekolah", "Tgl Lahir", "05-07-1990", ("export.other_service", "")),
    ],
)
def test_the_document_is_what_the_export_says_else_by_age_and_activity(
    tmp_path: Path, sop: str, head: str, row: str, told: Document | tuple[str, str]
) -> None:
    counter = Counter(tmp_path / "other", sop)
    counter.by(LOKET)
    content = f"No Reg;NIK;Nama;{head}\nBP-1;3315084507900002;Siti;{row}".encode()
    draft = imports(counter).preview("a1", "ekspor.csv", content, (), scan_of)
    reasons = [(reason.code, reason.column) for row in draft.refused for reason in row.reasons]
    assert ([each.document for each in draft.accepted], reasons) == (
        ([told], []) if isinstance(told, Document) else ([], [told])
    )
    counter.close()


@pytest.mark.parametrize(
    ("cells", "name", "papers"),
    [
        ("hasil 1.pdf", "hasil 1.pdf", [SupportingPaper.KK]),  # the head of the column tells that it is the KK
        ("", "BP-1 KTP.pdf", [SupportingPaper.OLD_KTP_EL]),
        ("", "BP-1 lain.pdf", [None]),
        (r"C:\unduhan\Hasil 1.PDF | ktp.pdf", "hasil 1.pdf", [SupportingPaper.KK]),
        (";surat hilang.pdf", "surat hilang.pdf", [SupportingPaper.LOSS]),  # a cell beyond the last head
        ("", "WIROSARI", []),  # the village names no file
        ("", "hasil 1.pdf", []),
    ],
)
def test_a_file_belongs_to_the_row_that_names_it(
    counter: Counter, cells: str, name: str, papers: Sequence[SupportingPaper | None]
) -> None:
    row = SITI.replace("kk siti.pdf", cells)
    draft = preview(counter, row, files=(file(name),))
    (siti,) = draft.accepted
    assert [paper for paper, files in siti.papers if files] == papers
    assert draft.unnamed == (() if papers else (name,))


def test_a_paper_takes_twenty_files(counter: Counter) -> None:
    draft = preview(counter, SITI, files=tuple(file(f"BP-1/kk {page}.pdf") for page in range(MOST_FILES + 1)))
    (siti,) = draft.accepted
    assert (siti.files, draft.unnamed) == (MOST_FILES, (f"kk {MOST_FILES}.pdf",))


def test_nothing_is_taken_twice(counter: Counter) -> None:
    draft = preview(counter, SITI)
    imports(counter).take_over("a1", draft, scan_of)
    with pytest.raises(RuleError, match=r"export\.came_meanwhile"):
        imports(counter).take_over("a1", draft, scan_of)
    again = preview(counter, SITI, BIMA)
    assert [row.reasons[0].code for row in again.refused] == ["export.taken"]
    assert len(imports(counter).take_over("a1", again, scan_of)) == 1
    assert len(counter.by(LOKET).of("a1")) == 2


def test_what_is_no_scan_and_what_is_missing_is_told_at_the_row(counter: Counter) -> None:
    (siti,) = preview(counter, SITI, files=(file("BP-1 kk.pdf", b"MZ program"),)).accepted
    assert [remark.code for remark in siti.warnings] == ["export.no_scan", "export.paper_missing"]
    assert siti.files == 0
    (siti,) = preview(counter, SITI, files=(file("BP-1 kk.pdf"),)).accepted
    assert siti.warnings == ()
    (siti,) = preview(counter, SITI, files=(file("BP-1 ktp.pdf"),)).accepted
    assert [(each.code, each.value) for each in siti.warnings] == [("export.paper_missing", "Kartu Keluarga (KK)")]


def test_an_export_without_one_good_row_is_refused(counter: Counter) -> None:
    draft = preview(counter, *BAD[:2])
    with pytest.raises(RuleError, match=r"export\.nobody"):
        imports(counter).take_over("a1", draft, scan_of)


def test_json_of_the_app_tells_the_document_by_the_age_where_it_names_none(counter: Counter) -> None:
    rows = [
        {"registrasi": "BP-1", "nik": "3315084507900002", "nama": "Siti", "tgl_lahir": "1990-07-05"},
        {"registrasi": "BP-2", "nik": "3315080102180001", "nama": "Bima", "tgl_lahir": "2018-02-01"},
        {"registrasi": "BP-3", "nik": "3315080102180002", "nama": "Dewi"},
    ]
    draft = imports(counter).preview("a1", "ekspor.json", json.dumps(rows).encode(), (), scan_of)
    assert [each.document for each in draft.accepted] == [Document.KTP_EL, Document.KIA]
    assert [row.reasons[0].code for row in draft.refused] == ["export.biodata_birth_date"]


def test_the_log_names_nobody(counter: Counter) -> None:
    (siti,) = imports(counter).take_over("a1", preview(counter, SITI), scan_of)
    with counter.kit.store.read() as unit:
        lines = "".join(event.line() for event in unit.events.of(siti.thing_id))
    assert "application_imported" in lines
    assert not [word for word in ("Siti", "SITI", "3315084507900002", "siti@") if word in lines]
