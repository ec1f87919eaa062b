from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from support.activities import add_activity
from support.cards_sent import LOKET, PRINTER
from support.clock import NOW
from support.counter import CHILD, SITI, Counter, for_card, for_kk
from support.counter_office import page_photo
from support.drafts import form_on, problem_of
from support.followed import keep_ledger
from support.letters import KADIS, KASI
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.applications import ApplicationState, Parents
from fieldkit.domain.cards.card import Document
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.letters.requirements import PAPERS, SupportingPaper
from fieldkit.domain.nik import MaritalStatus
from fieldkit.domain.people import User
from ui.presenters.applications.forms import act_form, new_form
from ui.presenters.form import FormField, FormPresenter
from ui.presenters.presenter import message

P = SupportingPaper


@pytest.fixture
def becak(tmp_path: Path) -> Iterator[Counter]:
    (tmp_path / "becak").mkdir()
    counter = Counter(tmp_path / "becak", "grobogan_becak_pintar")
    yield counter
    counter.close()


def begun(counter: Counter, steps: Steps, **typed: str) -> FormPresenter:
    presenter = form_on(counter.context(LOKET), new_form(counter.context(LOKET), "a1"), SameThread(), steps)
    presenter.start()
    told = {"name": "siti  aminah", "nik": SITI.nik.digits, "address": "Krajan", "village": "WIROSARI"}
    for name, text in {**told, **typed}.items():
        presenter.type(name, text)
    return presenter


def field(presenter: FormPresenter, name: str) -> FormField:
    return next(field for field in presenter.state.fields if field.name == name)


def offered(presenter: FormPresenter) -> list[str]:
    return [choice.name for choice in field(presenter, "papers").choices]


def test_what_is_handed_in_is_registered_and_opened(counter: Counter) -> None:
    steps = Steps()
    presenter = begun(counter, steps, wish="anak menikah", request="kk_pisah", others="Surat pindah; ")
    assert "document" not in {each.name for each in presenter.state.fields}  # the SOP gives nothing but the KK
    assert [str(choice.words) for choice in field(presenter, "papers").choices] == [
        *(PAPERS[paper][0] for paper in (P.F_1_02, P.OLD_KK, P.KTP_EL)),
        *(str(message("counter.paper_if_any", paper=PAPERS[paper][0])) for paper in (P.MARRIAGE, P.DIVORCE)),
        "Surat pindah",
    ]
    for paper in (P.F_1_02, P.OLD_KK, P.DIVORCE):
        presenter.choose("papers", paper.value)
    presenter.accept()
    (view,) = counter.by(LOKET).board("a1")
    application = view.application
    assert steps.taken == [("replace", "application", application.thing_id)]
    assert (application.applicant.name, application.wish) == ("SITI AMINAH", "anak menikah")
    assert application.request == "kk_pisah"
    assert [(each.paper, each.is_there) for each in application.requirements] == [
        *((P.F_1_02, True), (P.OLD_KK, True), (P.KTP_EL, False), (P.DIVORCE, True), (None, False))
    ]


def test_papers_follow_document_and_age(becak: Counter) -> None:
    presenter = begun(becak, Steps())
    assert offered(presenter) == [P.KK, P.OLD_KTP_EL, P.LOSS]
    presenter.choose("request", "ktp_hilang")
    assert offered(presenter) == [P.F_1_02, P.LOSS, P.KK]
    presenter.choose("papers", P.LOSS.value)
    presenter.choose("document", "kia")
    assert field(presenter, "papers").text == ""  # what was ticked belonged to the other document
    assert field(presenter, "request").text == "tidak"
    assert "kia_hilang" in {choice.name for choice in field(presenter, "request").choices}
    assert P.PHOTO not in offered(presenter)
    presenter.type("birth_date", "01-02-2018")
    assert P.PHOTO in offered(presenter)
    presenter.choose("request", "kia_rusak")
    assert offered(presenter) == [P.F_1_02, P.DAMAGED_KIA]


def test_a_card_wants_birth_date_and_status(becak: Counter) -> None:
    presenter = begun(becak, Steps(), birth_date="31-02-2018")
    presenter.accept()
    assert field(presenter, "birth_date").problem.code == "typed.day"
    presenter.type("birth_date", "05-07-1990")
    presenter.accept()
    assert field(presenter, "marital_status").problem.code == "typed.not_chosen"
    presenter.choose("marital_status", str(MaritalStatus.KAWIN.value))
    presenter.type("registration", "BP-9")
    presenter.accept()
    (view,) = becak.by(LOKET).board("a1")
    assert view.application.applicant.marital_status is MaritalStatus.KAWIN
    assert view.application.registration == "BP-9"


PERSONAL = {"marital_status", "father", "mother", "family_card"}


def test_a_form_asks_only_what_its_documents_need(counter: Counter, becak: Counter) -> None:
    asked = {each.name for each in begun(counter, Steps()).state.fields}
    assert not asked & {*PERSONAL, "activity", "document"}
    assert asked > {"name", "nik", "birth_date", "registration", "phone", "address", "village", "request", "papers"}
    presenter = begun(becak, Steps())
    assert {each.name for each in presenter.state.fields} - asked == {*PERSONAL, "document"}
    assert field(presenter, "village").choices == ()  # the activity says where it is


def test_villages_that_were_named_are_offered_where_no_activity_says_where_it_is(counter: Counter) -> None:
    add_activity(counter.kit, "di-kk", next(each for each in own_profiles() if each.sop_id == "grobogan_kk_wni"))
    counter.by(LOKET).register("a1", for_kk())
    presenter = form_on(counter.context(LOKET), new_form(counter.context(LOKET)), SameThread(), Steps())
    presenter.start()
    assert "WIROSARI" in [choice.name for choice in field(presenter, "village").choices]


def test_a_child_brings_its_parents_along_and_an_adult_none(becak: Counter) -> None:
    kept = {}
    for document, born in (("kia", "01-02-2018"), ("ktp_el", "05-07-1990")):
        presenter = begun(becak, Steps(), birth_date=born, father=" Slamet ", mother="Siti", family_card="3315")
        presenter.choose("document", document)
        presenter.choose("marital_status", str(MaritalStatus.BELUM_KAWIN.value))
        presenter.accept()
        kept[document] = becak.by(LOKET).board("a1")[0].application.applicant.parents
    assert kept == {"kia": Parents("Slamet", "Siti", "3315"), "ktp_el": None}


def test_without_an_activity_it_asks_which_one_serves(counter: Counter) -> None:
    presenter = form_on(counter.context(LOKET), new_form(counter.context(LOKET)), SameThread(), Steps())
    presenter.start()
    assert problem_of(presenter) == "application.no_counter"
    profiles = {profile.sop_id: profile for profile in own_profiles()}
    for sop in ("grobogan_becak_pintar", "blitar_si_jaran_ijo", "grobogan_kk_wni"):
        add_activity(counter.kit, f"di-{sop}", profiles[sop])
    asked = {each.name for each in new_form(counter.context(LOKET), "di-grobogan_kk_wni").load()}
    assert "activity" not in asked, "it is said already"
    steps = Steps()
    presenter = form_on(counter.context(LOKET), new_form(counter.context(LOKET)), SameThread(), steps)
    presenter.start()
    names = [str(choice.words) for choice in field(presenter, "activity").choices]
    assert names == ["Jemput bola di-grobogan_kk_wni", "Jemput bola di-grobogan_becak_pintar"]
    assert [choice.name for choice in field(presenter, "document").choices] == ["kk"]
    presenter.choose("activity", "di-grobogan_becak_pintar")
    assert [choice.name for choice in field(presenter, "document").choices] == ["ktp_el", "kia"]
    assert offered(presenter) == [P.KK, P.OLD_KTP_EL, P.LOSS]
    for name, text in (("name", "Siti"), ("nik", SITI.nik.digits), ("birth_date", "05-07-1990")):
        presenter.type(name, text)
    presenter.choose("marital_status", str(MaritalStatus.BELUM_KAWIN.value))
    presenter.accept()
    (view,) = counter.by(LOKET).board("di-grobogan_becak_pintar")
    assert view.application.document is Document.KTP_EL


@pytest.mark.parametrize(
    ("typed", "code"),
    [({"nik": "12"}, "nik.not_16_digits"), ({"name": " "}, "biodata.no_name")],
)
def test_what_is_wrong_keeps_the_form(counter: Counter, typed: dict[str, str], code: str) -> None:
    steps = Steps()
    presenter = begun(counter, steps, **typed)
    presenter.accept()
    assert problem_of(presenter) == code
    assert steps.taken == []


S = ApplicationState


def asked(counter: Counter, user: User, at: str, act: str, **typed: str) -> FormPresenter:
    presenter = form_on(counter.context(user), act_form(counter.context(user), at, act), SameThread(), Steps())
    presenter.start()
    for name, text in typed.items():
        presenter.type(name, text)
    presenter.accept()
    return presenter


def test_sending_back_proposes_what_is_missing(counter: Counter) -> None:
    steps = Steps()
    begun(counter, steps).accept()
    at = steps.taken[0][2]
    asked(counter, LOKET, at, "send_back")
    back = counter.by(LOKET).get(at)
    assert back.sent_back_because == PAPERS[P.F_1_02][0]


def test_a_withdrawal_wants_its_reason(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    refused = asked(counter, LOKET, at, "withdraw")
    assert problem_of(refused)
    asked(counter, LOKET, at, "withdraw", reason="salah alamat")
    assert counter.by(LOKET).get(at).state is S.DITARIK


def test_tte_in_siak_and_the_print_are_noted(counter: Counter, tmp_path: Path) -> None:
    scan = tmp_path / "kk-tte.jpg"
    scan.write_bytes(page_photo())
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.by(LOKET).check(at)
    counter.entered(at)
    counter.by(KASI).verify(at)
    counter.by(KADIS).approve(at)
    assert problem_of(asked(counter, KADIS, at, "tte")) == "application.no_siak_number"
    asked(counter, KADIS, at, "tte", number="SIAK-17", scan=str(scan))
    assert counter.by(LOKET).get(at).state is S.TTE
    assert problem_of(asked(counter, PRINTER, at, "print", spoilt="1")) == "application.spoilt_why"
    asked(counter, PRINTER, at, "print", batch=" BLK-1 ", spoilt="1", why="macet")
    view = counter.by(LOKET).view(at)
    assert view.card is not None
    assert view.card.prints[0].batch == "BLK-1"


def test_tte_of_a_letter_that_was_signed_here_needs_no_number(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.by(LOKET).check(at)
    counter.entered(at)
    counter.by(KASI).verify(at)
    counter.by(KADIS).approve(at)
    signed = Letter(
        "l1", "a1", LetterKind.FORMULIR, "KK", "K07-0001", {}, "u9", NOW, LetterState.ISSUED, signed_pdf="f1"
    )
    with counter.kit.store.write() as unit:
        unit.repository(Letter).save(signed)
    asked(counter, KADIS, at, "tte")
    assert counter.by(LOKET).get(at).history[-1].letter_id == "l1"


@pytest.mark.parametrize(
    ("document", "is_counted", "names"),
    [
        (Document.KTP_EL, True, ["numbers", "batch", "good", "spoilt", "spoilt_numbers", "why"]),
        (Document.KTP_EL, False, ["batch", "good", "spoilt", "why"]),
        (Document.KIA, True, ["batch", "good", "spoilt", "why"]),
    ],
)
def test_numbers_are_asked_of_blanks_that_have_them_and_are_counted(
    becak: Counter, document: Document, is_counted: bool, names: Sequence[str]
) -> None:
    if is_counted:
        keep_ledger(becak.kit)
    who = CHILD if document is Document.KIA else SITI
    at = becak.by(LOKET).register("a1", for_card(who, document)).thing_id
    form = act_form(becak.context(PRINTER), at, "print")
    assert [each.name for each in form.load()] == names


def test_numbers_stand_between_commas(becak: Counter) -> None:
    keep_ledger(becak.kit)
    application = becak.by(LOKET).register("a1", for_card())
    becak.through(application)
    told = {
        "numbers": " BL-0101, ",
        "batch": "B1",
        "spoilt": "2",
        "spoilt_numbers": "BL-0102,, BL-0103 ",
        "why": "macet",
    }
    presenter = asked(becak, PRINTER, application.thing_id, "print", **told)
    assert problem_of(presenter) == ""
    (card,) = becak.kit.context.office.handover.all("a1")
    assert [each.number for each in card.prints] == ["BL-0101"]


def test_an_act_that_asks_nothing_has_no_form(counter: Counter) -> None:
    with pytest.raises(KeyError):
        act_form(counter.context(LOKET), "p1", "check")
