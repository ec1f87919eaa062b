from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from support.clock import NOW
from support.counter import CHILD, MARRIED, PAPERS, SITI
from support.families import FAMILY

from fieldkit.domain.applications import (
    KIA_PHOTO,
    LEGS,
    Application,
    ApplicationState,
    Done,
    PaperVerdict,
    Requirement,
    Service,
    applicant_message,
    check_document,
    legs_in,
    needs_photo,
    usual_papers,
)
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.sop.fulfilment import Fulfilment

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
    back = application.sent_back(done(S.PERLU_DILENGKAPI, application.to_complete))
    with pytest.raises(RuleError, match=r"application\.lacks"):
        back.completed(done(S.TERDAFTAR))


def test_a_kk_is_submitted_with_a_whole_family_only() -> None:
    checked = made(Service.KK).moved(done(S.DIPERIKSA))
    with pytest.raises(InputError, match=r"family\.nobody"):
        replace(checked, family=None).moved(done(S.DIINPUT))
    with pytest.raises(InputError, match=r"family\.one_head"):
        replace(checked, family=FAMILY.without(0)).moved(done(S.DIINPUT))
    assert checked.moved(done(S.DIINPUT)).state is S.DIINPUT


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
    approved = again
    for state in (S.DIPERIKSA, S.DIINPUT, S.DIVERIFIKASI, S.DISETUJUI):
        approved = approved.moved(done(state))
    with pytest.raises(RuleError, match=r"application\.not_now"):
        approved.sent_back(done(S.PERLU_DILENGKAPI, "terlambat"))


def test_what_was_taken_back_is_waited_for_no_more() -> None:
    gone = made(Service.KK).withdrawn(done(S.DITARIK, "batal"))
    assert not gone.counts
    assert not gone.has_reached(S.TERDAFTAR)
    with pytest.raises(RuleError, match=r"application\.not_now"):
        gone.withdrawn(done(S.DITARIK))


@pytest.mark.parametrize(
    ("service", "document", "code"),
    [
        (Service.KK, Document.KIA, "application.other_document"),
        (Service.BECAK_PINTAR, Document.KK, "application.other_document"),
        (Service.BECAK_PINTAR, Document.KIA, "application.kia_age"),
    ],
)
def test_not_every_service_gives_every_document(service: Service, document: Document, code: str) -> None:
    with pytest.raises(InputError, match=code):
        check_document(service, document, SITI, TODAY)


def test_the_age_decides_between_kia_and_ktp() -> None:
    check_document(Service.BECAK_PINTAR, Document.KIA, CHILD, TODAY)
    with pytest.raises(InputError, match=r"application\.ktp_age"):
        check_document(Service.BECAK_PINTAR, Document.KTP_EL, CHILD, TODAY)
    girl = replace(CHILD, birth_date=date(2009, 11, 22))
    check_document(Service.BECAK_PINTAR, Document.KIA, girl, TODAY)
    check_document(Service.BECAK_PINTAR, Document.KTP_EL, girl, date(2026, 11, 22))
    check_document(Service.BECAK_PINTAR, Document.KTP_EL, replace(girl, marital_status=MARRIED), TODAY)
    with pytest.raises(InputError, match=r"biodata\.birth_date"):
        check_document(Service.BECAK_PINTAR, Document.KTP_EL, replace(SITI, birth_date=None), TODAY)


def test_a_kia_has_a_photo_from_five_years_on() -> None:
    assert not needs_photo(Document.KIA, date(2022, 1, 1), TODAY)
    assert needs_photo(Document.KIA, date(2021, 11, 21), TODAY)
    assert not needs_photo(Document.KTP_EL, date(1990, 1, 1), TODAY)


def test_a_child_of_five_brings_a_photo() -> None:
    assert KIA_PHOTO in usual_papers(Document.KIA, date(2018, 2, 1), TODAY)
    assert KIA_PHOTO not in usual_papers(Document.KIA, date(2024, 2, 1), TODAY)
    assert KIA_PHOTO not in usual_papers(Document.KK, date(2018, 2, 1), TODAY)


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
    assert legs_in(facts - {F.CARDS_TO_DESA}) == legs_in(facts - {F.DOCUMENT_PRINTED}) == ()
    application = replace(made(Service.SOP, Document.KIA), own_legs=legs)
    assert application.legs == legs
    ways = []
    while application.next_state is not None:
        ways.append(application.next_state)
        application = application.moved(done(application.next_state))
    assert ways == [S.DISETUJUI, S.TTE, S.TERCETAK]
    assert not application.goes_through(S.DIPERIKSA)
