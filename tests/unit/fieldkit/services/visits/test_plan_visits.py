from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from support.app_context import PENGURUS, PETUGAS, TARGETS, Kit
from support.clock import HandClock
from support.kept import CountedIds, activity, biodata, open_kit, target
from support.room import Room

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.nik import Nik
from fieldkit.domain.planning.outreach import ModePerekaman, Spot, TargetFilter, TargetState
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun, StepState, begin_run
from fieldkit.domain.visits import Leg
from fieldkit.ports.devices import Cancel, NotConnectedError
from fieldkit.ports.laptop import Fix
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.services.visits import plan_visits
from fieldkit.services.visits.plan_visits import PlanVisits, RunTrips, TripTold
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


BLITAR = next(profile for profile in own_profiles() if profile.sop_id == "blitar_si_jaran_ijo")
WAY, COORDINATION, LOCATION = 7, 8, 9


class CancelFlag:
    def is_cancelled(self) -> bool:
        return False


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, PETUGAS)
    kit.plan(*TARGETS)
    with kit.store.write() as unit:
        unit.repository(SopRun).save(begin_run(BLITAR, "a1", "u1", kit.clock.now()))
    yield kit
    kit.store.close()


@pytest.fixture
def trips(kit: Kit) -> RunTrips:
    return kit.context.office.trips


def steps(kit: Kit) -> list[StepState]:
    with kit.store.read() as unit:
        run = unit.repository(SopRun).get("a1")
    return [run.state(no) for no in (WAY, COORDINATION, LOCATION)]


def test_each_leg_completes_its_step(kit: Kit, trips: RunTrips) -> None:
    now = kit.clock.now()
    page = TripTold({Leg.DEPARTED: now - timedelta(minutes=55)})
    trip = trips.write_down("a1", page).thing_id
    assert StepState.DONE not in steps(kit)
    page = replace(page, times={**page.times, Leg.ARRIVED: now}, spots={Leg.ARRIVED: Spot(-8.1, 112.1)})
    trips.write_down("a1", page, trip)
    assert [state is StepState.DONE for state in steps(kit)] == [True, False, False]
    page = replace(page, met="Karsono", jabatan="Kepala Desa", agreed="dari rumah ke rumah")
    page = replace(page, companions=("Suyatno", " ", "Bu Bidan"), times={**page.times, Leg.AT_LOCATION: now})
    trips.write_down("a1", page, trip)
    assert steps(kit) == [StepState.DONE] * 3
    (kept,) = trips.of("a1")
    assert (kept.way_minutes, kept.companions) == (55, ("Suyatno", "Bu Bidan"))
    assert kept.coordination is not None
    assert kept.coordination.agreed == "dari rumah ke rumah"


def test_wrong_words_change_nothing(kit: Kit, trips: RunTrips) -> None:
    trip = trips.write_down("a1", TripTold()).thing_id
    with pytest.raises(InputError, match=r"common\.in_future"):
        trips.write_down("a1", TripTold({Leg.ARRIVED: kit.clock.now() + timedelta(minutes=1)}), trip)
    with pytest.raises(InputError, match=r"visit\.no_name"):
        trips.write_down("a1", TripTold(met="  ", jabatan="Kepala Desa"), trip)
    with pytest.raises(StoreError):
        trips.write_down("nowhere", TripTold())
    assert trips.of("a1")[0].moments == ()


def test_the_log_names_nobody(kit: Kit, trips: RunTrips) -> None:
    trip = trips.write_down("a1", TripTold(met="Karsono", jabatan="Kepala Desa")).thing_id
    with kit.store.read() as unit:
        lines = "".join(event.line() for event in unit.events.of(trip))
    assert "trip_coordinated" in lines
    assert "Karsono" not in lines


def test_the_mode_of_an_activity_may_change_on_the_spot(kit: Kit, trips: RunTrips) -> None:
    trips.set_mode("a1", ModePerekaman.DARING)
    assert acts_of(kit, "a1")[-1] == "mode_set"
    assert kit.context.office.activities.everything()[0].activity.mode is ModePerekaman.DARING


class Receiver:
    """A `Whereabouts` in front of the office of the desa."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def fix(self, _cancel: Cancel, _timeout_ms: int) -> Fix:
        return Fix(-8.09834, 112.16519, self._kit.clock.now(), 4.0)


def test_a_receiver_tells_where_the_team_is_and_a_kit_without_one_says_so(kit: Kit, trips: RunTrips) -> None:
    fix = RunTrips(kit.context.office.units, Receiver(kit)).locate(CancelFlag())
    assert (fix.latitude, fix.longitude) == (-8.09834, 112.16519)
    with pytest.raises(NotConnectedError, match=r"device\.gps\.none"):
        trips.locate(CancelFlag())


def acts_of(kit: Kit, trip_id: str) -> list[str]:
    with kit.store.read() as unit:
        return [event.kind for event in unit.events.of(trip_id)]


def test_a_whole_page_is_written_down_at_once_and_only_what_differs_is_an_act(kit: Kit, trips: RunTrips) -> None:
    left, came = kit.clock.now() - timedelta(minutes=55), kit.clock.now()
    page = TripTold({Leg.DEPARTED: left, Leg.ARRIVED: came}, "Karsono", "Kepala Desa", "balai desa", ("Suyatno",))
    trip = trips.write_down("a1", page)
    assert (trip.way_minutes, trip.companions) == (55, ("Suyatno",))
    assert [state is StepState.DONE for state in steps(kit)] == [True, True, False]
    assert trips.write_down("a1", page, trip.thing_id) == trip
    began = ["trip_begun", "trip_departed", "trip_arrived", "trip_coordinated", "trip_accompanied"]
    assert acts_of(kit, trip.thing_id) == began
    escorted = replace(page, wants_escort=True, escort="Bhabinkamtibmas", note="jalan licin")
    trip = trips.write_down("a1", escorted, trip.thing_id)
    assert (trip.escort, trip.note) == ("Bhabinkamtibmas", "jalan licin")
    assert not trips.write_down("a1", replace(escorted, wants_escort=False), trip.thing_id).is_escort_wanted
    assert acts_of(kit, trip.thing_id) == [*began, "escort_wanted", "trip_noted", "escort_dropped"]
    assert len(trips.of("a1")) == 1


def test_times_move_together_and_a_wrong_page_changes_nothing(kit: Kit, trips: RunTrips) -> None:
    now, hour = kit.clock.now(), timedelta(hours=1)
    spots = {Leg.ARRIVED: Spot(-8.1, 112.1)}
    trip = trips.write_down("a1", TripTold({Leg.DEPARTED: now - 2 * hour, Leg.ARRIVED: now - hour}, spots=spots))
    # Both earlier than before: one after the other they would pass each other.
    moved = trips.write_down("a1", TripTold({Leg.DEPARTED: now - 4 * hour, Leg.ARRIVED: now - 3 * hour}), trip.thing_id)
    assert moved.way_minutes == 60
    wrong = TripTold({Leg.DEPARTED: now - hour, Leg.ARRIVED: now - 2 * hour}, note="licin")
    with pytest.raises(InputError, match=r"visit\.times_wrong"):
        trips.write_down("a1", wrong, trip.thing_id)
    with pytest.raises(InputError, match=r"visit\.no_name"):
        trips.write_down("a1", TripTold(jabatan="Kepala Desa"))
    assert trips.of("a1") == [moved]


def test_who_keeps_sarpras_does_not_travel(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PENGURUS)
    kit.plan(*TARGETS)
    trips = kit.context.office.trips
    for act in (lambda: trips.write_down("a1", TripTold()), lambda: trips.locate(CancelFlag())):
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            act()
    kit.store.close()


def test_an_escort_is_wanted_before_anybody_knows_who_comes(kit: Kit, trips: RunTrips) -> None:
    page = TripTold(wants_escort=True)
    trip = trips.write_down("a1", page)
    assert (trip.is_escort_wanted, trip.escort) == (True, "")
    assert trips.write_down("a1", page, trip.thing_id) == trip
    assert trips.write_down("a1", replace(page, escort=" Babinsa "), trip.thing_id).escort == "Babinsa"
    assert acts_of(kit, trip.thing_id) == ["trip_begun", "escort_wanted", "escort_wanted"]


def test_what_was_agreed_may_be_corrected_and_keeps_its_moment(kit: Kit, trips: RunTrips) -> None:
    page, at = TripTold(met="Karsono", jabatan="Kepala Desa"), kit.clock.now()
    trip = trips.write_down("a1", page)
    kit.clock.advance(minutes=20)
    corrected = trips.write_down("a1", replace(page, agreed="balai desa"), trip.thing_id)
    assert corrected.coordination == replace(trip.coordination, agreed="balai desa", at=at)
