from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from support.clock import NOW
from support.reported import tally_of
from support.sops import small_run

from fieldkit.app.bootstrap.clock import WIB
from fieldkit.domain.cards.card import Place
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.domain.reports.report import (
    ActivityFigures,
    Period,
    Report,
    Span,
    StepFigures,
    days_of,
    minutes_of,
    missed_of,
    qualities_by_device,
    qualities_by_position,
    steps_of,
)
from fieldkit.domain.reports.tally import QualityCount
from fieldkit.domain.sop.glance import glance_of
from fieldkit.domain.sop.profile import StandardTime, TimeUnit
from fieldkit.domain.sop.run import Ending, SopRun
from fieldkit.domain.visits import Outcome

DECEMBER = Period(Span.MONTH, date(2026, 12, 24))
ALL_DAYS = Period(Span.ACTIVITY, date(2026, 11, 21), "a1")


def steps_in(period: Period, *runs: SopRun) -> tuple[StepFigures, ...]:
    """Return the times of steps as the glances of runs tell them."""
    return steps_of(map(glance_of, runs), lambda _: runs[0].profile, local, period)


def timed_run(per: str = "") -> SopRun:
    """Return a run whose first step may take two hours."""
    run = small_run()
    first = replace(run.profile.steps[0], standard=StandardTime("2 jam", 120, TimeUnit.HOURS, 120), per=per)
    return replace(run, profile=replace(run.profile, steps=(first, *run.profile.steps[1:])))


def local(at: datetime) -> datetime:
    return at.astimezone(WIB)


def test_a_month_has_its_days_and_neighbours() -> None:
    assert (DECEMBER.first, DECEMBER.last) == (date(2026, 12, 1), date(2026, 12, 31))
    assert DECEMBER.moved(1).first == date(2027, 1, 1)
    assert DECEMBER.moved(-1).last == date(2026, 11, 30)
    assert DECEMBER.holds(date(2026, 12, 31))
    assert not DECEMBER.holds(date(2027, 1, 1))


def test_a_day_is_a_day_and_an_activity_is_all_days() -> None:
    day = Period(Span.DAY, date(2026, 12, 5))
    assert (day.first, day.last, day.moved(1).on, day.moved(-1).on) == (
        *(day.on, day.on),
        *(date(2026, 12, 6), date(2026, 12, 4)),
    )
    assert [day.holds(day.on + timedelta(days=days)) for days in (-1, 0, 1)] == [False, True, False]
    assert ALL_DAYS.holds(date(1999, 1, 1))
    assert ALL_DAYS.moved(1) == ALL_DAYS


def test_minutes_are_grouped_and_measured_against_the_standard() -> None:
    minutes = minutes_of([5, 10, 11, 30, 31, 61, 62])
    assert minutes.bands == (2, 1, 1, 1, 2)
    assert (minutes.count, minutes.mean, minutes.middle, minutes.longest, minutes.over) == (7, 30, 30, 62, 3)
    assert minutes_of([]).count == 0


def test_a_month_shows_its_empty_days_too() -> None:
    days = days_of([date(2026, 12, 3)] * 2, DECEMBER)
    assert len(days) == 31
    assert [day.recorded for day in days if day.recorded] == [2]
    assert len(days_of([date(2026, 12, 3), date(2027, 1, 2)], ALL_DAYS)) == 2


def test_steps_count_where_they_ended_and_only_those_with_a_time() -> None:
    run, hour = timed_run(), Ending(NOW + timedelta(hours=1), "u1")
    done = run.start(1, "u1", NOW).complete(1, hour)
    late = run.start(1, "u1", NOW - timedelta(hours=3)).complete(1, hour)
    (step,) = steps_in(Period(Span.DAY, local(NOW).date()), done, late)
    assert (step.no, step.standard, step.count) == (1, 120, 2)
    assert (step.mean, step.longest, step.over, step.is_slow) == (150, 240, 1, True)
    assert steps_in(DECEMBER, done) == ()
    asked: list[str] = []
    steps_of(map(glance_of, (done, late)), lambda glance: asked.append(glance.sop_id) or run.profile, local, ALL_DAYS)
    assert asked == ["kecil"], "a profile is read once"
    just = run.start(1, "u1", NOW).complete(1, Ending(NOW + timedelta(minutes=120), "u1"))
    (step,) = steps_in(ALL_DAYS, just)
    assert (step.mean, step.over, step.is_slow) == (120, 0, False)
    (step,) = steps_in(ALL_DAYS, small_run().start(1, "u1", NOW).complete(1, hour))
    assert (step.standard, step.is_slow) == (None, False)
    skipped = run.skip(1, Ending(NOW, "u1", reason="tidak perlu"))
    assert steps_in(ALL_DAYS, skipped) == ()


def test_a_standard_per_recording_is_no_standard_of_the_step() -> None:
    run = timed_run(per="1 kali perekaman")
    done = run.start(1, "u1", NOW).complete(1, Ending(NOW + timedelta(hours=9), "u1"))
    (step,) = steps_in(ALL_DAYS, done)
    assert (step.standard, step.over, step.is_slow) == (None, 0, False)


def test_quality_adds_up_by_position_and_by_device() -> None:
    tallies = [tally_of("a1", recorded=4), tally_of("a2", recorded=8)]
    positions, devices = qualities_by_position(tallies), qualities_by_device(tallies)
    assert [count.position for count in positions] == list(Position)
    assert all(count.samples == 12 and count.device == "" for count in positions)
    slap = next(count for count in devices if "BioMini" in count.device)
    assert (len(devices), slap.samples) == (4, 120)
    assert {count.position for count in devices} == {
        next(position for position in Position if position.modality is modality) for modality in Modality
    }
    assert slap.position.modality is Modality.FINGER
    assert missed_of(tallies)[0].count == 2 * missed_of(tallies[:1])[0].count


def test_attempts_that_gave_nothing_join_the_algorithm_of_the_others() -> None:
    tally = replace(
        tally_of("a1"),
        qualities=(
            QualityCount(Position.RIGHT_THUMB, "d", "nfiq2", samples=1, score_sum=70, attempts=1),
            QualityCount(Position.RIGHT_THUMB, "d", "", attempts=4, retakes=3),
        ),
    )
    (thumb,) = qualities_by_position([tally])
    assert (thumb.samples, thumb.attempts, thumb.retakes) == (1, 5, 3)
    other = replace(tally.qualities[0], algorithm="another")
    both = qualities_by_position([replace(tally, qualities=(*tally.qualities[:1], other))])
    assert [count.algorithm for count in both] == ["another", "nfiq2"]


def test_a_report_without_anything_is_empty() -> None:
    report = Report(DECEMBER, NOW)
    assert report.is_empty
    done = timed_run().start(1, "u1", NOW).complete(1, Ending(NOW + timedelta(hours=1), "u1"))
    for something in (
        {"recorded": 1},
        {"activities": (ActivityFigures("a1", "Jemput bola", "Jimbe", NOW.date(), 0, 0, 0, 0, 0, 0),)},
        {"outcomes": {Outcome.SAKIT: 1}},
        {"steps": steps_in(ALL_DAYS, done)},
        {"documents": {Place.DINAS: 1}},
        {"blanks": (object(),)},
    ):
        assert not replace(report, **something).is_empty, something  # type: ignore[arg-type]
