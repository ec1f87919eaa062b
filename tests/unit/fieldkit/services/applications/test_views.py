from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import PETUGAS
from support.cards_sent import LOKET, PRINTER, taken
from support.counter import Counter, for_card, for_kk

from fieldkit.domain.cards.sla import ClockState
from fieldkit.domain.people.accounts import Role
from fieldkit.domain.sop.fulfilment import Fulfilment

F = Fulfilment


@pytest.fixture
def becak(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path, "grobogan_becak_pintar")
    yield counter
    counter.close()


def test_a_new_one_waits_for_the_account_that_the_sop_names(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    view = counter.by(LOKET).view(at)
    assert view.next is not None
    assert (view.next.fact, view.next.who, view.next.roles) == (F.APPLICATION_CHECKED, "Petugas Loker", (Role.LOKET,))
    assert (view.minutes, view.standard_minutes, view.standing) == (0, 13, ClockState.RUNNING)
    assert [leg.ended_at is not None for leg in view.legs] == [True, *[False] * 7]


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


def test_a_withdrawn_one_is_over(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.by(LOKET).withdraw(at, "batal")
    view = counter.by(LOKET).view(at)
    assert view.is_over
    assert view.next is None


def test_the_next_step_waits_for_one_role_and_papers_may_come_until_they_are_checked(tmp_path: Path) -> None:
    counter = Counter(tmp_path, "grobogan_kk_wni")
    try:
        at = counter.by(LOKET).register("a1", for_kk()).thing_id
        view = counter.by(LOKET).view(at)
        assert view.next is not None
        assert (view.waits_for(LOKET.role), view.waits_for(PRINTER.role)) == (True, False)
        assert view.who == view.next.who
        assert (view.takes_papers_of(LOKET.role), view.takes_papers_of(PRINTER.role)) == (True, False)
        counter.by(LOKET).withdraw(at, "salah daftar")
        gone = counter.by(LOKET).view(at)
        assert (gone.waits_for(LOKET.role), gone.takes_papers_of(LOKET.role), gone.who) == (False, False, "")
    finally:
        counter.close()
