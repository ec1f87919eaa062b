from __future__ import annotations

from pathlib import Path

import pytest
from support.cards_sent import LOKET, PRINTER
from support.counter import SITI, Counter, for_kk
from support.counter_office import page_photo
from support.drafts import form_on, problem_of
from support.letters import KADIS, KASI
from support.tasks import SameThread, Steps

from fieldkit.domain.applications import REQUIREMENTS, ApplicationState
from fieldkit.domain.cards.card import Document
from fieldkit.domain.people.accounts import User
from ui.presenters.applications.act_forms import act_form
from ui.presenters.applications.forms import new_form
from ui.presenters.form import FormPresenter

S = ApplicationState


def begun(counter: Counter, steps: Steps, **typed: str) -> FormPresenter:
    presenter = form_on(counter.context(LOKET), new_form(counter.context(LOKET), "a1"), SameThread(), steps)
    presenter.start()
    told = {"name": "siti  aminah", "nik": SITI.nik.digits, "address": "Krajan", "village": "WIROSARI"}
    for name, text in {**told, **typed}.items():
        presenter.type(name, text)
    return presenter


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
