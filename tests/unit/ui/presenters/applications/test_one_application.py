from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import PENGURUS, PETUGAS
from support.cards_sent import LOKET, PRINTER
from support.counter import PAPERS, SITI, Counter, for_card, for_kk
from support.letters import KADIS, KASI
from support.tasks import SameThread, Steps

from fieldkit.domain.applications import Application, ApplicationState, Done, PaperVerdict, Requirement
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import Role, User
from fieldkit.domain.sop.profile import SopActors, StepRoles
from ui.presenters.applications.one_application import OneApplicationPresenter
from ui.presenters.parts import Tone
from ui.presenters.presenter import Command, message

S = ApplicationState
OTHERS = message("counter.others", who="Petugas Loker")


ALONG = (
    *(S.TERDAFTAR, S.DIPERIKSA, S.DIINPUT, S.DIVERIFIKASI),
    *(S.DISETUJUI, S.TTE, S.TERCETAK, S.DITERIMA_LOKET),
)


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

    def put(self, state: ApplicationState, note: str = "", **changes: object) -> None:
        """Let it have come through all states before this one."""
        at = self.counter.kit.clock.now()
        way = ALONG[: ALONG.index(state)] if state in ALONG else ALONG[:1]
        history = tuple(Done(each, at, "u13", note) for each in (*way, state))
        with self.counter.kit.store.write() as unit:
            repository = unit.repository(Application)
            repository.save(replace(repository.get(self.at), state=state, history=history, **changes))


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
        assert presenter.state.problem is None  # nothing was tried
        assert primary(presenter).refused == OTHERS
        assert presenter.state.now == OTHERS
        assert "accept" not in ways(presenter)
        assert "send_back" not in ways(presenter)
    assert case.state is S.TERDAFTAR


STAFF = {"L": LOKET, "P": PETUGAS, "K": KASI, "D": KADIS, "R": PRINTER, "G": PENGURUS}
# Who may do the next step, send it back, tell the applicant, withdraw it for them; by the letters above.
WHO_MAY = {
    S.TERDAFTAR: ("L", "L", "", "LP"),
    S.PERLU_DILENGKAPI: ("LPKDR", "", "LPKDR", "LP"),
    S.DIPERIKSA: ("PR", "PR", "LPKDR", "LP"),
    S.DIINPUT: ("K", "K", "LPKDR", "LP"),
    S.DIVERIFIKASI: ("D", "D", "LPKDR", "LP"),
    S.DISETUJUI: ("D", "", "LPKDR", "LP"),
    S.TTE: ("R", "", "LPKDR", "LP"),
    S.TERCETAK: ("L", "", "", ""),
    S.DITERIMA_LOKET: ("L", "", "", ""),
    S.DITARIK: ("", "", "", ""),
}


def test_each_role_sees_its_ways_in_each_state(case: Case) -> None:
    for state, who_may in WHO_MAY.items():
        case.put(state)
        offered = {letter: ways(case.shown(user)) for letter, user in STAFF.items()}
        names = ("accept", "send_back", "copy_message", "withdraw")
        found = tuple("".join(letter for letter in STAFF if name in offered[letter]) for name in names)
        assert (state, found) == (state, who_may)
        assert ["show_notices" in offered[each] for each in STAFF] == [
            "copy_message" in offered[each] for each in STAFF
        ]
        assert offered["G"] == ["show_papers"]


@pytest.mark.parametrize(
    ("state", "user", "now", "tone"),
    [
        (S.TERDAFTAR, LOKET, "now_check", Tone.SOFT),
        (S.DIPERIKSA, LOKET, "others", Tone.NEUTRAL),
        (S.PERLU_DILENGKAPI, LOKET, "now_complete", Tone.SOFT),
        (S.PERLU_DILENGKAPI, PENGURUS, "now_complete", Tone.NEUTRAL),
        (S.DITARIK, LOKET, "now_withdrawn", Tone.NEUTRAL),
    ],
)
def test_what_is_to_do_now_stands_out_for_who_may_do_it(
    case: Case, state: ApplicationState, user: User, now: str, tone: Tone
) -> None:
    case.put(state)
    shown = case.shown(user).state
    assert (shown.now.key, shown.now_tone) == (f"counter.{now}", tone)
    assert [command.refused for command in shown.bar.actions] in (
        [],
        [""],
        [message("counter.not_serving")],
        [shown.now],
    )


def test_a_role_that_the_sop_names_still_needs_its_right(case: Case) -> None:
    steps = tuple(StepRoles(no, (Role.LOKET, Role.PENGURUS_BARANG)) for no in (1, 2))
    with case.counter.kit.store.write() as unit:
        unit.repository(SopActors).save(SopActors("grobogan_kk_wni", steps))
    presenter = case.accepted(PENGURUS)
    assert (primary(presenter).refused, presenter.state.problem) == (OTHERS, None)
    assert ways(presenter) == ["show_papers"]


def test_only_what_is_registered_has_unread_papers_that_hold_it_up(case: Case) -> None:
    unread = (Requirement("Buku nikah", is_there=True),)
    for state, act in ((S.TERDAFTAR, "read"), (S.DIPERIKSA, "enter")):
        case.put(state, requirements=unread)
        assert primary(case.shown(PETUGAS)).words == message(f"counter.do_{act}")


def test_nothing_is_done_before_it_was_read(case: Case) -> None:
    tasks = SameThread("store")
    presenter = OneApplicationPresenter(case.counter.context(LOKET), tasks, case.steps, case.at)
    presenter.start()
    before = presenter.state
    for act in (presenter.accept, presenter.copy_message, lambda: presenter.next_step(1)):
        act()
    assert presenter.state == before
    tasks.release("store")
    assert case.state is S.TERDAFTAR


@pytest.mark.parametrize(("born", "told"), [(date(1990, 7, 5), "05-07-1990"), (None, "")])
def test_only_what_is_known_of_the_applicant_stands_among_the_facts(case: Case, born: date | None, told: str) -> None:
    case.put(S.TERDAFTAR, applicant=replace(SITI, birth_date=born, village=""))
    words = [fact.words for fact in case.shown(LOKET).state.facts]
    assert (message("counter.about_born", text=told) in words) is bool(told)
    assert message("counter.about_address", text="Dukuh Krajan") in words


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
    assert "write_receipt" not in ways(case.accepted(LOKET))
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
    assert "write_slip" not in ways(case.accepted(PRINTER))  # only a KK is fetched with one
    assert case.steps.taken == [("push", "courier")]
    counter.close()


def test_when_all_is_over_only_papers_are_left(case: Case) -> None:
    case.counter.handed_over(case.counter.by(LOKET).get(case.at))
    presenter = case.accepted(LOKET)
    assert presenter.state.bar.actions == ()
    assert (presenter.state.now, presenter.state.now_tone) == (message("counter.now_over"), Tone.GOOD)
    assert ways(presenter) == [
        "write_form",
        "write_slip",
        "show_papers",
        "show_family",
        "write_receipt",
        "official_form",
    ]
    assert ways(case.shown(PENGURUS)) == ["show_papers", "show_family"]
    go(presenter, "write_receipt")
    (receipt,) = case.counter.kit.context.office.letters.of("a1")
    assert receipt.letter is LetterKind.TANDA_TERIMA
    assert case.steps.taken == [("push", "letter", receipt.thing_id)]


def test_the_official_forms_of_an_application_are_one_key_away(case: Case) -> None:
    go(case.shown(LOKET), "official_form")
    assert case.steps.taken == [("push", "official_form", case.at)]
