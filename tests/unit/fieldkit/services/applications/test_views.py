from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import PETUGAS
from support.cards_sent import LOKET, PRINTER, sop, taken
from support.clock import NOW
from support.counter import CHILD, SITI, Counter, for_card, for_kk

from fieldkit.domain.applications import Application, ApplicationState, Done, Parents, Service
from fieldkit.domain.cards.card import CardCase, Document, Handing, MarkKind, Place, Printed, Receipt
from fieldkit.domain.cards.printing import ClockState
from fieldkit.domain.people import Role
from fieldkit.domain.sop.profile import Fulfilment, SopActors, StepRoles
from fieldkit.domain.sop.run import SopRun, begin_run
from fieldkit.services.applications.begin_application import Handed
from fieldkit.services.applications.serve_applications import ApplicationView, Leg

F, S = Fulfilment, ApplicationState
LAST = F.DOCUMENT_HANDED_OVER


@pytest.fixture
def becak(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path, "grobogan_becak_pintar")
    yield counter
    counter.close()


def seen(
    state: ApplicationState = S.TERDAFTAR, card: CardCase | None = None, legs: tuple[Leg, ...] = (), end: F = LAST
) -> ApplicationView:
    """Return how an application stands that entered a state at once and whose way ends with a fact."""
    way = (F.APPLICATION_RECEIVED, F.DOCUMENT_PRINTED, end)
    history = (Done(S.TERDAFTAR, NOW, "u1"), *((Done(state, NOW, "u1"),) if state is not S.TERDAFTAR else ()))
    application = Application("p1", "a1", Service.SOP, Document.KIA, "R-1", SITI, (), state, history, own_legs=way)
    return ApplicationView(application, card, legs, {}, timedelta(hours=1))


@pytest.mark.parametrize(
    ("minutes", "standard", "is_slow"),
    [(None, None, False), (None, 13, False), (13, None, False), (0, 0, False), (13, 13, False), (14, 13, True)],
)
def test_a_step_is_slow_beyond_its_standard(minutes: int | None, standard: int | None, is_slow: bool) -> None:
    assert Leg(F.APPLICATION_CHECKED, "", (), standard, minutes=minutes).is_slow is is_slow


@pytest.mark.parametrize(
    ("minutes", "standards", "state", "standing"),
    [
        (13, (None, None), S.TERDAFTAR, ClockState.NOT_STARTED),
        (13, (None, 13), S.TERDAFTAR, ClockState.RUNNING),
        (13, (6, 7), S.DITARIK, ClockState.KEPT),
        (14, (6, 7), S.TERDAFTAR, ClockState.MISSED),
        (14, (6, 7), S.DITARIK, ClockState.MISSED),
    ],
)
def test_the_whole_way_stands_against_the_sum_of_its_standards(
    minutes: int, standards: tuple[int | None, int | None], state: ApplicationState, standing: ClockState
) -> None:
    first, last = standards
    legs = (Leg(F.DOCUMENT_PRINTED, "", (), first, minutes=minutes), Leg(LAST, "", (), last))
    view = seen(state, legs=legs)
    known = None if standing is ClockState.NOT_STARTED else sum(each or 0 for each in standards)
    assert (view.minutes, view.standard_minutes, view.standing) == (minutes, known, standing)
    assert view.is_slow is (standing is ClockState.MISSED)
    assert view.due_at == (None if known is None else NOW + timedelta(minutes=known, hours=1))


@pytest.mark.parametrize(
    ("end", "places", "receiver", "is_over"),
    [
        (F.DOCUMENT_HANDED_OVER, (), "", False),
        (F.DOCUMENT_HANDED_OVER, (Place.DESA,), "", False),
        (F.DOCUMENT_HANDED_OVER, (), "Siti", True),
        (F.CARDS_TO_DESA, (Place.KECAMATAN,), "", False),
        (F.CARDS_TO_DESA, (Place.DESA,), "", True),
        (F.CARDS_TO_DESA, (Place.DESA, Place.DINAS), "", False),
        (F.CARDS_TO_DESA, (Place.DINAS,), "", False),
        (F.CARDS_TO_DESA, (Place.DESA,), "Siti", True),
    ],
)
def test_a_way_ends_in_the_hands_of_somebody_or_at_the_desa(
    end: F, places: tuple[Place, ...], receiver: str, is_over: bool
) -> None:
    assert not seen(end=end).is_over  # nothing is printed yet
    printed = (Printed(NOW, "u1", "B1"),)
    handings = tuple(Handing(place, NOW, "u1", "Karsono") for place in places)
    card = CardCase("c1", "a1", Document.KIA, "R-1", "BIMA", "", "WIROSARI", printed, handings=handings)
    card = replace(card, place=places[-1] if places else Place.DINAS)
    if receiver:
        card = card.received(Receipt(receiver, "ibu", "KTP-el", NOW, "u1", MarkKind.SIGNATURE, "f1"))
    assert seen(card=card, end=end).is_over is is_over


@pytest.mark.parametrize(
    ("state", "waits_for", "papers_of"),
    [
        (S.TERDAFTAR, {Role.KASI}, {Role.LOKET, Role.KASI}),
        (S.PERLU_DILENGKAPI, set(), {Role.LOKET, Role.KASI}),
        (S.DIPERIKSA, {Role.KASI}, set()),
        (S.DITARIK, set(), set()),
    ],
)
def test_roles_wait_for_their_step_and_papers_come_until_the_check(
    state: ApplicationState, waits_for: set[Role], papers_of: set[Role]
) -> None:
    legs = (
        Leg(F.APPLICATION_RECEIVED, "Loket", (Role.LOKET,), None, NOW),
        Leg(F.DOCUMENT_PRINTED, "Kasi", (Role.KASI,), None),
        Leg(LAST, "Dinas", (Role.KABID,), None),
    )
    view = seen(state, legs=legs)
    assert {role for role in Role if view.waits_for(role)} == waits_for
    assert {role for role in Role if view.takes_papers_of(role)} == papers_of
    assert view.who == ("" if state is S.DITARIK else "Kasi")
    done = tuple(replace(leg, ended_at=NOW) for leg in legs)
    assert not any(seen(state, legs=done).waits_for(role) for role in Role)


def test_a_new_one_waits_for_the_account_that_the_sop_names(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    view = counter.by(LOKET).view(at)
    assert view.next is not None
    assert (view.next.fact, view.next.who, view.next.roles) == (F.APPLICATION_CHECKED, "Petugas Loker", (Role.LOKET,))
    assert (view.minutes, view.standard_minutes, view.standing) == (0, 13, ClockState.RUNNING)
    assert [leg.ended_at is not None for leg in view.legs] == [True, *[False] * 7]


@pytest.mark.days
def test_minutes_are_those_between_the_acts(counter: Counter) -> None:
    application = counter.by(LOKET).register("a1", for_kk())
    counter.handed_over(application)
    view = counter.by(LOKET).view(application.thing_id)
    assert view.is_over
    assert view.next is None
    assert [leg.minutes for leg in view.legs] == [None, *[1] * 7]
    assert (view.minutes, view.standing) == (7, ClockState.KEPT)


def test_the_time_at_the_applicants_counts_for_nobody(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    began = counter.kit.clock.at
    counter.by(LOKET).send_back(at, "KK lama belum ada")
    counter.kit.clock.advance(hours=20)
    waiting = counter.by(LOKET)
    assert waiting.view(at).is_with_applicant
    waiting.complete(at)
    view = counter.by(LOKET).view(at)
    assert view.minutes == 1
    assert view.away == timedelta(hours=20, minutes=1)
    assert view.due_at == began + timedelta(minutes=13) + view.away
    counter.by(LOKET).check(at)
    assert counter.by(LOKET).view(at).legs[1].minutes == 3  # both rounds


def test_beyond_the_standard_is_missed(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.kit.clock.advance(minutes=30)
    counter.by(LOKET).check(at)
    view = counter.by(LOKET).view(at)
    assert view.standing is ClockState.MISSED
    assert [leg.fact for leg in view.legs if leg.is_slow] == [F.APPLICATION_CHECKED]


@pytest.mark.days
def test_the_courier_ends_the_way_of_becak_pintar(becak: Counter) -> None:
    application = becak.by(LOKET).register("a1", for_card())
    becak.through(application)
    card = becak.printed(application)
    courier = becak.context(PRINTER).office.courier
    courier.make_ready([card])
    courier.note_told([card])
    told = becak.by(PETUGAS).view(application.thing_id).next
    assert told is not None
    assert (told.fact, told.who) == (F.COURIER_DELIVERED, "Jasa Ekspedisi")
    assert Role.LOKET in told.roles  # writes it down
    context = becak.context(LOKET).office.courier
    context.give([card], taken("Joko", relation="kurir"))
    context.attempt(card)
    context.deliver(card, taken("Ibu Siti", relation="ibu"))
    assert becak.by(LOKET).view(application.thing_id).is_over


def test_without_an_sop_the_usual_accounts_act_and_no_standard_is_told(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_card()).thing_id  # the SOP of the activity is that of another service
    view = counter.by(LOKET).view(at)
    assert view.legs[-1].roles == (Role.LOKET, Role.PETUGAS_PEREKAMAN)
    assert view.legs[-1].standard_minutes is None


@pytest.mark.parametrize(("set_by_dinas", "who"), [((), ""), ((Role.KETUA_TIM, Role.LOKET), "ketua tim")])
def test_a_step_that_names_nobody_is_of_whom_the_dinas_says(
    counter: Counter, set_by_dinas: tuple[Role, ...], who: str
) -> None:
    profile = sop("kia_di_sekolah")
    steps = tuple(replace(step, actors=()) if step.no == 10 else step for step in profile.steps)
    at, child = counter.kit.clock.now(), replace(CHILD, parents=Parents(mother="SITI AMINAH"))
    with counter.kit.store.write() as unit:
        unit.repository(SopRun).save(begin_run(replace(profile, steps=steps), "a1", "u1", at))
        unit.repository(SopActors).save(SopActors(profile.sop_id, (StepRoles(10, set_by_dinas),)))
    applications = counter.by(LOKET)
    pupil = applications.register("a1", Handed(Service.SOP, Document.KIA, child, ()))
    end = applications.view(pupil.thing_id).legs[-1]
    assert (end.fact, end.who, end.roles) == (F.CARDS_TO_DESA, who, set_by_dinas)


def test_a_withdrawn_one_is_over(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.by(LOKET).withdraw(at, "batal")
    view = counter.by(LOKET).view(at)
    assert view.is_over
    assert view.next is None
