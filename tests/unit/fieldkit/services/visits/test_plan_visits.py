from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import PENGURUS, PETUGAS
from support.clock import HandClock
from support.kept import CountedIds, activity, biodata, open_kit, target
from support.room import Room

from fieldkit.domain.errors import RuleError, StoreError
from fieldkit.domain.nik import Nik
from fieldkit.domain.planning.outreach import TargetFilter, TargetState
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.services.visits import plan_visits
from fieldkit.services.visits.plan_visits import PlanVisits
from fieldkit.storage.store import SqlStore

TODAY, PAST, LONG_PAST, SOON, LATER = (
    date(2026, 11, 21),
    date(2026, 11, 14),
    date(2026, 1, 2),
    date(2026, 11, 22),
    date(2027, 2, 1),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = open_kit(tmp_path)
    yield made
    made.close()


@pytest.fixture
def visits(store: SqlStore) -> PlanVisits:
    return PlanVisits(UnitsOfWork(store, HandClock(), CountedIds(), PETUGAS), lambda code: code.startswith("3275"))


def test_without_an_outreach_there_is_no_card(visits: PlanVisits) -> None:
    overview = visits.overview()
    assert (overview.activity, overview.count, overview.unfinished) == (None, None, ())


@pytest.mark.parametrize(
    ("days", "chosen"),
    [
        ((TODAY, PAST, SOON), TODAY),
        ((PAST, SOON, LONG_PAST), PAST),
        ((SOON, LATER), SOON),
        ((LONG_PAST,), LONG_PAST),
    ],
)
def test_the_card_shows_today_or_the_last_day_or_the_next(
    visits: PlanVisits, days: tuple[date, ...], chosen: date
) -> None:
    for number, day in enumerate(days):
        visits.take_over(activity(f"act-{number}", day), [target(number, activity_id=f"act-{number}")])
    overview = visits.overview()
    assert overview.activity is not None
    assert overview.activity.on == chosen
    assert overview.count is not None
    assert overview.count.targets == 1


def test_targets_come_in_the_order_of_visits_and_as_searched(visits: PlanVisits) -> None:
    people = [target(house, biodata(name, street=f"Jl. {house}")) for house, name in ((2, "Budi"), (1, "Sulastri"))]
    visits.take_over(activity(), people)
    assert [found.house for found in visits.targets("act-1")] == [1, 2]
    assert [found.biodata.name for found in visits.targets("act-1", "sul")] == ["Sulastri"]
    assert visits.target("target-2").biodata.name == "Budi"


def test_taking_over_again_replaces(visits: PlanVisits, store: SqlStore) -> None:
    visits.take_over(activity(), [target(1)])
    visits.take_over(activity(), [replace(target(1), house=9)])
    assert [found.house for found in visits.targets("act-1")] == [9]
    with store.read() as unit:
        assert [event.kind for event in unit.events.of("act-1")] == ["targets_taken_over"] * 2


def test_an_unknown_target_is_named(visits: PlanVisits) -> None:
    with pytest.raises(StoreError):
        visits.target("nobody")


def test_a_nik_is_held_against_the_biodata(visits: PlanVisits) -> None:
    good = target(1)
    assert visits.findings(good) == ()
    other_birthday = replace(good, biodata=replace(good.biodata, nik=Nik("3275014808790003")))
    unknown_region = replace(good, biodata=replace(good.biodata, nik=Nik("9999994708790003")))
    assert [finding.code for finding in visits.findings(other_birthday)] != []
    assert {finding.code for finding in visits.findings(unknown_region)} >= {"nik.unknown_region"}


def test_the_list_is_of_the_day_or_of_the_activity_that_is_asked_for(visits: PlanVisits) -> None:
    assert visits.list_of(TargetFilter()).activity is None
    for number, day in enumerate((TODAY, LATER)):
        visits.take_over(
            activity(f"act-{number}", day), [target(number * 10 + at, activity_id=f"act-{number}") for at in range(3)]
        )
    today, later = visits.list_of(TargetFilter(), limit=2), visits.list_of(TargetFilter(), "act-1")
    assert [one.activity and one.activity.activity_id for one in (today, later)] == ["act-0", "act-1"]
    assert (len(today.targets), len(later.targets), visits.counts("act-0").matching()) == (2, 3, 3)
    assert visits.list_of(TargetFilter(states=(TargetState.RECORDED,))).targets == ()


def test_one_of_several_is_worked_on_until_the_day_is_over(store: SqlStore) -> None:
    clock = HandClock()
    visits = PlanVisits(UnitsOfWork(store, clock, CountedIds(), PETUGAS), lambda _: True)
    for number, day in enumerate((TODAY, TODAY, PAST)):
        visits.take_over(activity(f"act-{number}", day), [])
    first = visits.overview()
    assert first.activity is not None
    other = "act-1" if first.activity.activity_id == "act-0" else "act-0"
    assert (first.others, visits.work_on(other).activity_id) == (1, other)
    for name, others in ((other, 1), ("act-2", 2)):  # yesterday's goes on as well
        visits.work_on(name)
        overview, field = visits.overview(), visits.list_of(TargetFilter())
        assert overview.activity is not None
        assert (overview.activity, overview.activity.activity_id, overview.others) == (field.activity, name, others)
    with store.read() as unit:
        assert [event.kind for event in unit.events.of("act-2")] == ["targets_taken_over", "activity_of_day"]
    clock.advance(days=1)
    after = visits.overview()
    assert after.activity is not None
    assert (after.activity.on, after.others) == (TODAY, 0)
    with pytest.raises(StoreError):
        visits.work_on("nothing")


def test_who_does_not_record_chooses_nothing_for_the_laptop(store: SqlStore) -> None:
    PlanVisits(UnitsOfWork(store, HandClock(), CountedIds(), PETUGAS), lambda _: True).take_over(activity(), [])
    visits = PlanVisits(UnitsOfWork(store, HandClock(), CountedIds(), PENGURUS), lambda _: True)
    with pytest.raises(RuleError):
        visits.work_on("act-1")


def test_the_sop_hears_of_a_list_with_people_on_it(visits: PlanVisits, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, Fulfilment]] = []
    monkeypatch.setattr(plan_visits, "fulfil", lambda _work, at, fact: heard.append((at, fact)))
    visits.take_over(activity("act-0"), [])
    visits.take_over(activity("act-1"), [target(1)])
    assert heard == [("act-1", Fulfilment.TARGETS_COLLECTED)]


def test_a_recording_counts_as_left_once_the_notice_was_given(room: Room) -> None:
    units = UnitsOfWork(room.store, room.clock, room.ids, room.user)
    session = room.recording.open("target-1")
    shown = [PlanVisits(units, lambda _: True).overview().unfinished]
    room.recording.give_notice(session.session_id, "id")
    shown.append(PlanVisits(units, lambda _: True).overview().unfinished)
    assert [[left.session_id for left in each] for each in shown] == [[], [session.session_id]]
