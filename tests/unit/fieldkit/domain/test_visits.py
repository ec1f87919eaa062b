from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.clock import NOW

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.planning.outreach import Spot, TargetState
from fieldkit.domain.visits import (
    FOR_GOOD,
    RECORDED,
    Doors,
    Leg,
    Moment,
    Outcome,
    Trip,
    Visit,
    belongs,
    may_wish_revisit,
    settles,
)

MINUTE = timedelta(minutes=1)
S = TargetState


def test_a_trip_knows_its_legs_in_their_order_however_they_were_typed() -> None:
    trip = Trip("p1", "a1", "u1")
    assert trip.way_minutes is None
    trip = trip.reaching(Moment(Leg.ARRIVED, NOW + 50 * MINUTE, Spot(-8.1, 112.1)))
    trip = trip.reaching(Moment(Leg.DEPARTED, NOW))
    assert [moment.leg for moment in trip.moments] == [Leg.DEPARTED, Leg.ARRIVED]
    assert trip.way_minutes == 50
    trip = trip.reaching(Moment(Leg.ARRIVED, NOW + 55 * MINUTE))
    assert (trip.way_minutes, len(trip.moments)) == (55, 2)


@pytest.mark.parametrize(
    ("reached", "way_minutes", "following"),
    [
        ((), None, Leg.DEPARTED),
        ((Leg.DEPARTED,), None, Leg.ARRIVED),
        ((Leg.ARRIVED,), None, Leg.AT_LOCATION),
        ((Leg.DEPARTED, Leg.ARRIVED), 20, Leg.AT_LOCATION),
        ((Leg.DEPARTED, Leg.AT_LOCATION), None, Leg.RETURNED),
        (tuple(Leg), 20, None),
    ],
)
def test_way_and_next_leg_follow_from_the_legs_that_were_reached(
    reached: tuple[Leg, ...], way_minutes: int | None, following: Leg | None
) -> None:
    spots = {leg: Spot(-8.1, 112.1 + place) for place, leg in enumerate(Leg)}
    moments = [Moment(leg, NOW + 20 * place * MINUTE, spots[leg]) for place, leg in enumerate(Leg) if leg in reached]
    trip = Trip("p1", "a1", "u1").reaching(*moments)
    assert (trip.way_minutes, trip.next_leg) == (way_minutes, following)
    assert [trip.spot(leg) for leg in Leg] == [spots[leg] if leg in reached else None for leg in Leg]


def test_nobody_arrives_before_leaving() -> None:
    trip = Trip("p1", "a1", "u1").reaching(Moment(Leg.DEPARTED, NOW))
    assert trip.reaching(Moment(Leg.AT_LOCATION, NOW)).next_leg is Leg.RETURNED
    with pytest.raises(InputError, match=r"visit\.times_wrong"):
        trip.reaching(Moment(Leg.AT_LOCATION, NOW - MINUTE))


@pytest.mark.parametrize(
    ("outcome", "wish", "expected"),
    [
        (Outcome.TIDAK_DI_TEMPAT, True, S.POSTPONED),
        (Outcome.TIDAK_DI_TEMPAT, False, S.CANCELLED),
        (Outcome.LARI, True, S.POSTPONED),
        (Outcome.NIK_BERMASALAH, True, S.POSTPONED),
        (Outcome.MENINGGAL, True, S.CANCELLED),
        (Outcome.PINDAH, True, S.CANCELLED),
        (Outcome.SUDAH_MEREKAM, True, S.CANCELLED),
    ],
)
def test_an_outcome_settles_a_target(outcome: Outcome, wish: bool, expected: TargetState) -> None:
    assert settles(outcome, wish, S.PLANNED) is expected


def test_only_a_sealed_record_says_recorded_and_no_outcome_takes_it_back() -> None:
    with pytest.raises(RuleError, match=r"visit\.not_recorded"):
        settles(Outcome.DIREKAM, False, S.PLANNED)
    with pytest.raises(RuleError, match=r"visit\.was_recorded"):
        settles(Outcome.MENINGGAL, False, S.RECORDED)
    # With an exception or without: the record knows better than who types.
    assert settles(Outcome.DIREKAM, False, S.RECORDED_WITH_EXCEPTION) is S.RECORDED_WITH_EXCEPTION


def test_nobody_is_visited_again_who_was_recorded_or_is_gone() -> None:
    never = {outcome for outcome in Outcome if not may_wish_revisit(outcome)}
    assert never == FOR_GOOD | set(RECORDED)


def test_a_visit_ends_once_and_never_before_it_began() -> None:
    visit = Visit("v1", "a1", "t1", "u1", NOW)
    assert visit.minutes(NOW + 12 * MINUTE) == 12
    assert replace(visit, worked_ms=300_000).minutes(NOW + 12 * MINUTE) == 5
    ended = visit.ending(Outcome.LARI, NOW - MINUTE)
    assert (ended.ended_at, ended.minutes(NOW + 90 * MINUTE)) == (NOW, 0)
    with pytest.raises(RuleError, match=r"visit\.ended_before"):
        ended.ending(Outcome.SAKIT, NOW)


def test_a_door_belongs_where_its_last_visit_left_it() -> None:
    put_off, recorded = TargetState.POSTPONED, TargetState.RECORDED_WITH_EXCEPTION
    assert belongs(put_off, None, is_walk_in=True) == {Doors.ALL, Doors.AGAIN, Doors.WALK_INS}
    assert belongs(put_off, Outcome.MENINGGAL, is_walk_in=True) == {Doors.ALL, Doors.WALK_INS}
    assert belongs(TargetState.PLANNED, None, is_walk_in=False) == {Doors.ALL, Doors.OPEN}
    assert belongs(recorded, Outcome.DIREKAM_DENGAN_PENGECUALIAN, is_walk_in=False) == {Doors.ALL, Doors.DONE}
