from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import PENGURUS, PETUGAS
from support.cards_sent import LOKET, PRINTER
from support.counter import PAPERS, SITI, Counter, for_card, for_kk
from support.letters import KADIS, KASI
from support.tasks import SameThread, Steps

from fieldkit.domain.applications import ApplicationState, PaperVerdict, Requirement
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people.accounts import User
from ui.presenters.applications.one_application import OneApplicationPresenter
from ui.presenters.commands import Command
from ui.presenters.messages import message

S = ApplicationState
OTHERS = message("counter.others", who="Petugas Loker")


class Case:
    """One application, at whose context it lies."""

    def __init__(self, counter: Counter, at: str) -> None:
        self.counter, self.at, self.steps = counter, at, Steps()

    def shown(self, user: User) -> OneApplicationPresenter:
        presenter = OneApplicationPresenter(self.counter.context(user), SameThread(), self.steps, self.at)
        presenter.start()
        return presenter

    def accepted(self, user: User) -> OneApplicationPresenter:
        presenter = self.shown(user)
        presenter.accept()
        return presenter

    @property
    def state(self) -> ApplicationState:
        return self.counter.by(LOKET).get(self.at).state


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    counter = Counter(tmp_path, "grobogan_kk_wni")
    yield Case(counter, counter.by(LOKET).register("a1", for_kk()).thing_id)
    counter.close()


def primary(presenter: OneApplicationPresenter) -> Command:
    return presenter.state.bar.actions[-1]


def ways(presenter: OneApplicationPresenter) -> list[str]:
    return [way.name for way in presenter.state.ways]


def go(presenter: OneApplicationPresenter, name: str) -> None:
    presenter.perform(next(way for way in presenter.state.ways if way.name == name))


def test_what_is_asked_for_stands_in_the_words_of_the_form(case: Case) -> None:
    told = [fact.words for fact in case.shown(LOKET).state.facts]
    assert message("surat.choice_kk_pisah") in told


def test_each_role_does_its_own_act_by_enter(case: Case) -> None:
    for user, state in (
        (LOKET, S.DIPERIKSA),
        (PETUGAS, S.DIINPUT),
        (KASI, S.DIVERIFIKASI),
        (KADIS, S.DISETUJUI),
    ):
        assert primary(case.shown(LOKET if user is not LOKET else KASI)).refused
        assert not primary(case.shown(user)).refused
        told = case.accepted(user).state
        if state is S.DIINPUT:
            assert case.steps.taken.pop() == ("push", "family", case.at)
            case.counter.entered(case.at)
        else:
            assert told.toast is not None
        assert case.state is state
    case.accepted(KADIS)
    assert case.steps.taken == [("push", "application_form", case.at, "tte")]
    assert "show_sign" in ways(case.shown(KADIS))


def test_who_may_not_sees_why(case: Case) -> None:
    for user in (PETUGAS, KASI, KADIS, PRINTER, PENGURUS):
        presenter = case.accepted(user)
        assert primary(presenter).refused == OTHERS
        assert presenter.state.now == OTHERS
        assert "accept" not in ways(presenter)
        assert "send_back" not in ways(presenter)
    assert case.state is S.TERDAFTAR


def test_enter_opens_the_papers_until_all_are_right(tmp_path: Path) -> None:
    counter = Counter(tmp_path, "grobogan_kk_wni")
    papers = (*PAPERS, Requirement("Buku nikah", is_there=False))
    case = Case(counter, counter.by(LOKET).register("a1", for_kk(*papers)).thing_id)
    presenter = case.accepted(LOKET)
    assert case.steps.taken == [("push", "application_papers", case.at)]
    assert presenter.state.now == message("counter.now_read")
    assert presenter.state.ways[0].words == message("counter.do_read")
    counter.scanned(case.at, 2)
    case.accepted(LOKET)
    assert case.state is S.DIPERIKSA
    assert "show_papers" in ways(case.shown(KASI))
    counter.close()


def test_sent_back_it_shows_the_reason_and_waits(case: Case) -> None:
    go(case.shown(LOKET), "send_back")
    assert case.steps.taken[-1] == ("push", "application_form", case.at, "send_back")
    case.counter.by(LOKET).send_back(case.at, "foto buram")
    presenter = case.shown(LOKET)
    assert presenter.state.now == message("counter.now_complete", reason="foto buram")
    assert "send_back" not in ways(presenter)
    presenter.accept()
    assert case.state is S.TERDAFTAR


def test_the_applicant_is_told_by_a_message_that_a_person_sends(case: Case) -> None:
    assert "copy_message" not in ways(case.shown(LOKET))
    case.counter.by(LOKET).send_back(case.at, "foto buram")
    presenter = case.shown(LOKET)
    assert "copy_message" in ways(presenter)
    presenter.copy_message()
    assert presenter.state.clip is not None
    text = presenter.state.clip.text
    assert "foto buram" in text
    assert "KIT-07-R00001" in text
    assert SITI.nik.digits not in text


def test_what_is_wrong_with_a_paper_stands_among_the_facts_and_enter_waits_for_its_scan(case: Case) -> None:
    case.counter.scanned(case.at, 1)
    papers = case.counter.kit.context.office.application_papers
    papers.judge(case.at, 1, PaperVerdict.WRONG, "buram")
    case.counter.by(LOKET).send_back(case.at, "KTP-el pemohon: buram")
    shown = case.accepted(LOKET)
    assert case.steps.taken == [("push", "application_papers", case.at)]
    told = [fact.words for fact in shown.state.facts]
    assert message("papers.fact_wrong", paper="KTP-el pemohon", reason="buram") in told


def test_printing_asks_first_and_belongs_to_the_printer(case: Case) -> None:
    case.counter.through(case.counter.by(LOKET).get(case.at))
    assert primary(case.shown(PETUGAS)).refused
    case.accepted(PRINTER)
    assert case.steps.taken == [("push", "application_form", case.at, "print")]


def test_the_counter_takes_it_in_and_hands_it_over_with_its_receipt(case: Case) -> None:
    application = case.counter.by(LOKET).get(case.at)
    case.counter.through(application)
    card = case.counter.printed(application)
    case.accepted(LOKET)
    assert case.state is S.DITERIMA_LOKET
    case.accepted(LOKET)
    assert case.steps.taken == [("push", "handover", card, "person")]
    assert "withdraw" not in ways(case.shown(LOKET))


def test_papers_are_drafted_once(case: Case) -> None:
    presenter = case.shown(LOKET)
    go(presenter, "write_form")
    presenter.start()
    go(presenter, "write_form")
    go(presenter, "write_slip")
    forms = [letter.letter for letter in case.counter.kit.context.office.letters.of("a1")]
    assert sorted(forms) == sorted([LetterKind.FORMULIR, LetterKind.BUKTI_PENGAMBILAN])
    assert [step[1] for step in case.steps.taken] == ["letter"] * 3
    assert case.steps.taken[0] == case.steps.taken[1]


def test_the_nik_is_masked_everywhere(case: Case) -> None:
    state = case.shown(LOKET).state
    assert SITI.nik.digits not in repr(state)
    assert SITI.nik.masked in repr(state.subtitle)


def test_the_cursor_stays_on_the_timeline(case: Case) -> None:
    presenter = case.shown(LOKET)
    assert presenter.state.cursor == 2
    presenter.next_step(-5)
    assert presenter.state.cursor == 1
    presenter.next_step(50)
    assert presenter.state.cursor == len(presenter.state.steps)


def test_becak_pintar_goes_on_to_the_courier(tmp_path: Path) -> None:
    counter = Counter(tmp_path, "grobogan_becak_pintar")
    application = counter.by(LOKET).register("a1", for_card(registration="BP-7"))
    counter.through(application)
    counter.printed(application)
    case = Case(counter, application.thing_id)
    case.accepted(PRINTER)
    assert case.steps.taken == [("push", "courier")]
    counter.close()


def test_when_all_is_over_only_papers_are_left(case: Case) -> None:
    case.counter.handed_over(case.counter.by(LOKET).get(case.at))
    presenter = case.accepted(LOKET)
    assert presenter.state.bar.actions == ()
    assert presenter.state.now == message("counter.now_over")
    assert ways(presenter) == [
        "write_form",
        "write_slip",
        "show_papers",
        "show_family",
        "write_receipt",
        "official_form",
    ]
    go(presenter, "write_receipt")
    (receipt,) = case.counter.kit.context.office.letters.of("a1")
    assert receipt.letter is LetterKind.TANDA_TERIMA
    assert case.steps.taken == [("push", "letter", receipt.thing_id)]


def test_the_official_forms_of_an_application_are_one_key_away(case: Case) -> None:
    go(case.shown(LOKET), "official_form")
    assert case.steps.taken == [("push", "official_form", case.at)]
