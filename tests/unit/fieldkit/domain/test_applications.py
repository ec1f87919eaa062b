from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import date

import pytest
from support.clock import NOW
from support.counter import CHILD, MARRIED, PAPERS, SITI
from support.families import FAMILY

from fieldkit.domain.applications import (
    FACTS,
    LEGS,
    Applicant,
    Application,
    ApplicationState,
    Done,
    Field,
    PaperVerdict,
    Parents,
    Requirement,
    Service,
    applicant_message,
    check_document,
    document_of,
    layout_of,
    legs_in,
    names,
    paper_of,
)
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.requirements import SupportingPaper
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.targets.sheets import Sheet, SheetRow

S, F = ApplicationState, Fulfilment
TODAY = date(2026, 11, 21)


def made(service: Service, document: Document = Document.KK) -> Application:
    history = (Done(S.TERDAFTAR, NOW, "u1"),)
    family = FAMILY if document is Document.KK else None
    return Application("p1", "a1", service, document, "R-1", SITI, PAPERS, S.TERDAFTAR, history, family=family)


def done(state: ApplicationState, note: str = "") -> Done:
    return Done(state, NOW, "u1", note)


def walked(application: Application) -> list[ApplicationState]:
    way = [application.state]
    while (state := application.next_state) is not None:
        application = application.moved(done(state))
        way.append(state)
    return way


def test_each_service_has_its_way() -> None:
    kk = walked(made(Service.KK))
    assert kk[1:4] == [S.DIPERIKSA, S.DIINPUT, S.DIVERIFIKASI]
    assert kk[-1] is S.DITERIMA_LOKET
    becak = walked(made(Service.BECAK_PINTAR, Document.KIA))
    assert becak == [S.TERDAFTAR, S.DIPERIKSA, S.DIVERIFIKASI, S.DISETUJUI, S.TTE, S.TERCETAK]
    assert not made(Service.BECAK_PINTAR).goes_through(S.DIINPUT)
    assert [made(service).legs for service in Service] == [LEGS[Service.KK], LEGS[Service.BECAK_PINTAR], ()]


def test_no_step_is_left_out() -> None:
    with pytest.raises(RuleError, match=r"application\.not_now"):
        made(Service.KK).moved(done(S.DISETUJUI))


def test_nothing_is_checked_while_papers_are_missing() -> None:
    application = replace(made(Service.KK), requirements=(*PAPERS, Requirement("Surat nikah", False)))
    assert application.lacks == ("Surat nikah",)
    with pytest.raises(RuleError, match=r"application\.lacks"):
        application.moved(done(S.DIPERIKSA))


def test_nothing_is_checked_while_a_paper_is_unread() -> None:
    unread = Requirement("Surat nikah", True, ("f1",))
    application = replace(made(Service.KK), requirements=(*PAPERS, unread))
    with pytest.raises(RuleError, match=r"application\.unread"):
        application.moved(done(S.DIPERIKSA))
    right = replace(application, requirements=(*PAPERS, unread.judged(PaperVerdict.RIGHT)))
    assert right.moved(done(S.DIPERIKSA)).state is S.DIPERIKSA


def test_paper_is_read_only_with_its_scan_and_wrong_only_with_a_reason() -> None:
    with pytest.raises(RuleError, match=r"application\.no_file"):
        Requirement("KK lama", True).judged(PaperVerdict.RIGHT)
    scanned = Requirement("KK lama", False).scanned(("f1",))
    assert (scanned.is_there, scanned.verdict) == (True, None)
    with pytest.raises(InputError, match=r"application\.no_reason"):
        scanned.judged(PaperVerdict.WRONG, " ")
    wrong = scanned.judged(PaperVerdict.WRONG, " buram ")
    assert (wrong.verdict, wrong.reason) == (PaperVerdict.WRONG, "buram")
    assert wrong.scanned(("f2",)).verdict is None


def test_the_applicant_is_told_paper_by_paper() -> None:
    wrong = Requirement("KK lama", True, ("f1",)).judged(PaperVerdict.WRONG, "buram")
    application = replace(made(Service.KK), requirements=(wrong, *PAPERS, Requirement("Surat nikah", False)))
    assert application.to_complete == "KK lama: buram; Surat nikah"


MISSING, UNREAD = Requirement("x", False), Requirement("x", True, ("f1",))
WRONG = UNREAD.judged(PaperVerdict.WRONG, "buram")


@pytest.mark.parametrize(
    ("paper", "is_complete"), [(MISSING, False), (WRONG, False), (UNREAD, True), (PAPERS[0], True)]
)
def test_application_is_handed_in_again_once_no_paper_is_missing_or_wrong(
    paper: Requirement, is_complete: bool
) -> None:
    application = replace(made(Service.KK), requirements=(*PAPERS, paper))
    with pytest.raises(RuleError, match=r"application\.not_now"):
        application.completed(done(S.TERDAFTAR))
    back = application.sent_back(done(S.PERLU_DILENGKAPI, "kurang"))
    with nullcontext() if is_complete else pytest.raises(RuleError, match=r"application\.lacks"):
        assert back.completed(done(S.TERDAFTAR)).state is S.TERDAFTAR


@pytest.mark.parametrize("paper", [MISSING, UNREAD])
def test_papers_hold_up_the_check_alone(paper: Requirement) -> None:
    checked = replace(made(Service.KK), requirements=(paper,), state=S.DIPERIKSA)
    assert checked.moved(done(S.DIINPUT)).state is S.DIINPUT


def test_a_kk_is_submitted_with_a_whole_family_only() -> None:
    checked = replace(made(Service.KK), family=None).moved(done(S.DIPERIKSA))
    with pytest.raises(InputError, match=r"family\.nobody"):
        checked.moved(done(S.DIINPUT))
    with pytest.raises(InputError, match=r"family\.one_head"):
        replace(checked, family=FAMILY.without(0)).moved(done(S.DIINPUT))
    assert replace(checked, family=FAMILY).moved(done(S.DIINPUT)).state is S.DIINPUT
    kia = replace(checked, service=Service.SOP, document=Document.KIA, own_legs=tuple(FACTS.values()))
    assert kia.moved(done(S.DIINPUT)).state is S.DIINPUT


def test_back_to_the_applicant_with_a_reason_until_it_is_approved() -> None:
    application = made(Service.KK)
    with pytest.raises(InputError, match=r"application\.no_reason"):
        application.sent_back(done(S.PERLU_DILENGKAPI))
    back = application.moved(done(S.DIPERIKSA)).sent_back(done(S.PERLU_DILENGKAPI, "surat nikah belum ada"))
    assert (back.sent_back_because, back.next_state) == ("surat nikah belum ada", None)
    assert not back.has_reached(S.TERDAFTAR)
    with pytest.raises(RuleError, match=r"application\.not_now"):
        back.sent_back(done(S.PERLU_DILENGKAPI, "lagi"))
    again = back.completed(done(S.TERDAFTAR))
    assert (again.next_state, again.sent_back_because) == (S.DIPERIKSA, "")
    assert again.withdrawn(done(S.DITARIK, "batal")).sent_back_because == ""
    approved = again
    for state in (S.DIPERIKSA, S.DIINPUT, S.DIVERIFIKASI, S.DISETUJUI):
        approved = approved.moved(done(state))
    with pytest.raises(RuleError, match=r"application\.not_now"):
        approved.sent_back(done(S.PERLU_DILENGKAPI, "terlambat"))


@pytest.mark.parametrize("state", S)
def test_application_is_taken_back_until_it_is_printed(state: ApplicationState) -> None:
    application = replace(made(Service.KK), state=state)
    if state in (S.TERCETAK, S.DITERIMA_LOKET, S.DITARIK):
        with pytest.raises(RuleError, match=r"application\.not_now"):
            application.withdrawn(done(S.DITARIK))
    else:
        gone = application.withdrawn(done(S.DITARIK, "batal"))
        assert not gone.counts
        assert not gone.has_reached(S.TERDAFTAR)


ADULT_ON_22 = replace(CHILD, birth_date=date(2009, 11, 22))
UNBORN, NEWBORN = (replace(CHILD, birth_date=date(2026, 11, day)) for day in (22, 21))
UNDATED = replace(SITI, birth_date=None)
BOTH, FATHER, MOTHER, NOBODY = (
    replace(CHILD, parents=Parents(*names)) for names in (("PAK", "BU"), ("PAK", " "), ("", "BU"), (" ", ""))
)
KK, BECAK, SOP = Service
KTP_EL, KIA, FAMILY_CARD = Document.KTP_EL, Document.KIA, Document.KK


@pytest.mark.parametrize(
    ("service", "document", "applicant", "refused"),
    [
        # Each service gives its own documents; what another SOP says is all that it needs.
        (KK, FAMILY_CARD, SITI, ""),
        (KK, KIA, CHILD, "application.other_document"),
        (BECAK, KTP_EL, SITI, ""),
        (BECAK, KIA, CHILD, ""),
        (BECAK, FAMILY_CARD, SITI, "application.other_document"),
        *((SOP, document, who, "") for document, who in ((KTP_EL, SITI), (KIA, BOTH), (FAMILY_CARD, SITI))),
        # A KIA by another SOP names a parent.
        (SOP, KIA, CHILD, "application.no_parents"),
        (SOP, KIA, NOBODY, "application.no_parents"),
        (SOP, KIA, FATHER, ""),
        (SOP, KIA, MOTHER, ""),
        # The birth and the age count for a card alone.
        (KK, FAMILY_CARD, UNDATED, ""),
        (BECAK, KTP_EL, UNDATED, "biodata.birth_date"),
        (BECAK, KIA, UNBORN, "biodata.birth_date"),
        (BECAK, KIA, NEWBORN, ""),
        (BECAK, KIA, SITI, "application.kia_age"),
        (BECAK, KTP_EL, CHILD, "application.ktp_age"),
        (BECAK, KIA, ADULT_ON_22, ""),
        (BECAK, KTP_EL, ADULT_ON_22, "application.ktp_age"),
        (BECAK, KIA, replace(ADULT_ON_22, marital_status=MARRIED), "application.kia_age"),
        (BECAK, KTP_EL, replace(ADULT_ON_22, marital_status=MARRIED), ""),
    ],
)
def test_document_is_given_by_service_age_and_parents(
    service: Service, document: Document, applicant: Applicant, refused: str
) -> None:
    with pytest.raises(InputError, match=f"^{refused}") if refused else nullcontext():
        check_document(service, document, applicant, TODAY)


def test_card_is_given_from_the_seventeenth_birthday_on() -> None:
    check_document(BECAK, KTP_EL, ADULT_ON_22, date(2026, 11, 22))


@pytest.mark.parametrize(
    ("papers", "lacks"),
    [
        ((Requirement.of(SupportingPaper.PHOTO),), True),
        ((*PAPERS, Requirement.of(SupportingPaper.PHOTO, True)), True),
        ((Requirement.of(SupportingPaper.PHOTO, True, ("f1",)),), False),
        ((Requirement.of(SupportingPaper.KK, True),), False),
        ((Requirement("Pas foto anak", True),), True),  # as an older program kept it
    ],
)
def test_photo_is_lacking_until_its_file_is_there(papers: tuple[Requirement, ...], lacks: bool) -> None:
    assert replace(made(Service.BECAK_PINTAR, Document.KIA), requirements=papers).lacks_photo is lacks


def test_each_way_ends_with_the_document_in_somebodys_hands() -> None:
    assert LEGS[Service.KK][-1] is Fulfilment.DOCUMENT_HANDED_OVER
    assert LEGS[Service.BECAK_PINTAR][-1] is Fulfilment.COURIER_DELIVERED
    assert all(len(set(legs)) == len(legs) for legs in LEGS.values())


def test_the_message_tells_the_reason_but_nobodys_number() -> None:
    back = made(Service.KK).sent_back(done(S.PERLU_DILENGKAPI, "NIK 3315 0845 0790 0002 beda dengan KK."))
    told = applicant_message("Dispendukcapil", back)
    assert told == (
        "Dispendukcapil: permohonan Kartu Keluarga (KK) nomor R-1 perlu dilengkapi: NIK •••• beda dengan KK. "
        "Gratis, tidak dipungut biaya."
    )
    assert SITI.name not in told
    assert "sedang diproses" in applicant_message("Dispendukcapil", made(Service.KK))


def test_another_sop_has_its_own_way_if_its_steps_lead_from_the_letter_to_the_hand() -> None:
    facts = {F.DOCUMENT_PRINTED, F.APPLICATION_RECEIVED, F.APPLICATION_APPROVED, F.SCHEDULED, F.CARDS_TO_DESA}
    legs = (F.APPLICATION_RECEIVED, F.APPLICATION_APPROVED, F.DOCUMENT_PRINTED, F.CARDS_TO_DESA)
    assert legs_in(facts) == legs
    for needed in (F.CARDS_TO_DESA, F.DOCUMENT_PRINTED, F.APPLICATION_RECEIVED):
        assert legs_in(facts - {needed}) == ()
    application = replace(made(Service.SOP, Document.KIA), own_legs=legs)
    assert application.legs == legs
    ways = []
    while application.next_state is not None:
        ways.append(application.next_state)
        application = application.moved(done(application.next_state))
    assert ways == [S.DISETUJUI, S.TTE, S.TERCETAK]
    assert not application.goes_through(S.DIPERIKSA)


HEADER = ("No.", "Nomor Registrasi", "NIK", "Nama Lengkap", "Jenis Layanan", "No. HP/WA", "E-mail")


def sheet(*rows: tuple[str | None, ...]) -> Sheet:
    return Sheet("ekspor", tuple(SheetRow(number, cells) for number, cells in enumerate(rows, 1)), is_text=True)


def test_header_below_a_title_is_found_with_its_columns() -> None:
    header = (None, *HEADER[1:])
    layout = layout_of([sheet(("Becak Pintar",)), sheet(("EKSPOR",), header, ("1", "BP-1", "3315"))])
    assert (layout.sheet, layout.first_row, layout.header) == (1, 2, ("", *HEADER[1:]))
    fields = (Field.REGISTRATION, Field.NIK, Field.NAME, Field.DOCUMENT, Field.PHONE, Field.EMAIL)
    assert layout.columns == {field: place for place, field in enumerate(fields, 1)}


@pytest.mark.parametrize(
    ("headers", "chosen"),
    [((HEADER[1:4], HEADER), 1), ((HEADER, HEADER[1:4]), 0), ((HEADER[1:5], (*HEADER[1:4], "Alamat")), 0)],
)
def test_header_that_names_most_columns_is_taken_the_first_of_equals(
    headers: tuple[tuple[str, ...], ...], chosen: int
) -> None:
    assert layout_of([sheet(header) for header in headers]).sheet == chosen


def test_list_without_the_number_is_no_export() -> None:
    with pytest.raises(InputError, match=r"export\.no_header"):
        layout_of([sheet(("NIK", "Nama"))])


@pytest.mark.parametrize(
    ("words", "document"),
    [
        ("KTP-el hilang", Document.KTP_EL),
        ("KTPel", Document.KTP_EL),
        ("Kartu Tanda Penduduk", Document.KTP_EL),
        ("Cetak KIA", Document.KIA),
        ("Kartu Identitas Anak", Document.KIA),
        ("Kartu Keluarga", Document.KK),
        ("KK baru", Document.KK),
        ("surat pindah", None),
        ("", None),
    ],
)
def test_document_is_read_from_the_words_of_the_app(words: str, document: Document | None) -> None:
    assert document_of(words) is document


@pytest.mark.parametrize(
    ("words", "is_named"),
    [
        ("BP-2026-0001_kk.jpg", True),
        ("bp 2026 0001/akta.pdf", True),
        ("[BP20260001] lampiran", True),
        ("BP-2026-00012.jpg", False),
        ("XBP-2026-0001.jpg", False),
        ("kk.jpg", False),
    ],
)
def test_number_is_named_however_it_is_divided_but_not_a_longer_one(words: str, is_named: bool) -> None:
    assert names("BP-2026-0001", words) is is_named


def test_number_without_letters_or_digits_names_nothing() -> None:
    assert not names("--", "a -- b")


def test_file_tells_its_paper_by_its_name() -> None:
    asked = (SupportingPaper.BIRTH_CERTIFICATE, SupportingPaper.PHOTO)
    assert paper_of(Document.KIA, "BP-1 Akta Lahir.pdf", asked) is SupportingPaper.BIRTH_CERTIFICATE
    assert paper_of(Document.KIA, "BP-1 foto.jpg", asked) is SupportingPaper.PHOTO
    assert paper_of(Document.KIA, "BP-1 foto.jpg", asked[:1]) is None  # a baby's KIA bears no photo
    card = (SupportingPaper.KK, SupportingPaper.OLD_KTP_EL, SupportingPaper.LOSS)
    assert paper_of(Document.KTP_EL, "BP-1 scan.pdf", card) is None
    assert paper_of(Document.KTP_EL, "surat hilang ktp.pdf", card) is SupportingPaper.LOSS
