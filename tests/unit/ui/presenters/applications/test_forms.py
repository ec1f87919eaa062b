from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.activities import add_activity
from support.cards_sent import LOKET, PRINTER
from support.counter import SITI, Counter, for_kk
from support.counter_office import page_photo
from support.drafts import form_on, problem_of
from support.letters import KADIS, KASI
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.ages import MaritalStatus
from fieldkit.domain.applications import KIA_PHOTO, REQUIREMENTS, ApplicationState
from fieldkit.domain.cards.card import Document
from fieldkit.domain.people.accounts import User
from ui.presenters.applications.forms import act_form, new_form
from ui.presenters.form import FormField, FormPresenter

KK_PAPERS = len(REQUIREMENTS[Document.KK])


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
    return [str(choice.words) for choice in field(presenter, "papers").choices]


def test_what_is_handed_in_is_registered_and_opened(counter: Counter) -> None:
    steps = Steps()
    presenter = begun(counter, steps, wish="anak menikah", request="kk_pisah", others="Surat pindah; ")
    assert "document" not in {each.name for each in presenter.state.fields}  # the SOP gives nothing but the KK
    assert offered(presenter)[-1] == "Surat pindah"
    for choice in field(presenter, "papers").choices[:2]:
        presenter.choose("papers", choice.name)
    presenter.accept()
    (view,) = counter.by(LOKET).board("a1")
    application = view.application
    assert steps.taken == [("replace", "application", application.thing_id)]
    assert (application.applicant.name, application.wish) == ("SITI AMINAH", "anak menikah")
    assert application.request == "kk_pisah"
    assert [paper.is_there for paper in application.requirements] == [True, True, *[False] * (KK_PAPERS - 1)]


def test_papers_follow_document_and_age(becak: Counter) -> None:
    presenter = begun(becak, Steps())
    assert offered(presenter) == list(REQUIREMENTS[Document.KTP_EL])
    presenter.choose("papers", field(presenter, "papers").choices[0].name)
    presenter.choose("request", "ktp_hilang")
    presenter.choose("document", "kia")
    assert field(presenter, "papers").text == ""  # what was ticked belonged to the other document
    assert field(presenter, "request").text == "tidak"
    assert "kia_hilang" in {choice.name for choice in field(presenter, "request").choices}
    assert KIA_PHOTO not in offered(presenter)
    presenter.type("birth_date", "01-02-2018")
    assert KIA_PHOTO in offered(presenter)


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


def test_without_an_activity_it_asks_which_one_serves(counter: Counter) -> None:
    presenter = form_on(counter.context(LOKET), new_form(counter.context(LOKET)), SameThread(), Steps())
    presenter.start()
    assert problem_of(presenter) == "application.no_counter"
    profiles = {profile.sop_id: profile for profile in own_profiles()}
    for sop in ("grobogan_becak_pintar", "blitar_si_jaran_ijo", "grobogan_kk_wni"):
        add_activity(counter.kit, f"di-{sop}", profiles[sop])
    steps = Steps()
    presenter = form_on(counter.context(LOKET), new_form(counter.context(LOKET)), SameThread(), steps)
    presenter.start()
    names = [str(choice.words) for choice in field(presenter, "activity").choices]
    assert names == ["Jemput bola di-grobogan_kk_wni", "Jemput bola di-grobogan_becak_pintar"]
    assert [choice.name for choice in field(presenter, "document").choices] == ["kk"]
    presenter.choose("activity", "di-grobogan_becak_pintar")
    assert [choice.name for choice in field(presenter, "document").choices] == ["ktp_el", "kia"]
    assert offered(presenter) == list(REQUIREMENTS[Document.KTP_EL])
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
    assert back.sent_back_because == "; ".join(REQUIREMENTS[Document.KK])


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


def test_an_act_that_asks_nothing_has_no_form(counter: Counter) -> None:
    with pytest.raises(KeyError):
        act_form(counter.context(LOKET), "p1", "check")
