from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from support.clock import NOW
from support.reported import tally_of
from support.sops import never_closed, small_run
from support.steps import attempt, mark

from fieldkit.app.bootstrap.clock import WIB
from fieldkit.domain.cards.card import Place
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import CapturePolicy, CaptureStep, StepKind
from fieldkit.domain.recording.positions import ExceptionReason, Modality, Position
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.reports import (
    ELEMENTS,
    ActivityFigures,
    CoverageLine,
    Element,
    Evaluation,
    IkdOffer,
    IkdOutcome,
    IkdTarget,
    MissedCount,
    Period,
    Points,
    QualityCount,
    RecordingTally,
    Report,
    Span,
    StepFigures,
    SurveyAnswer,
    SurveyFigures,
    add_missed,
    add_qualities,
    begin_tally,
    days_of,
    ikd_of,
    minutes_of,
    missed_of,
    qualities_by_device,
    qualities_by_position,
    steps_of,
    survey_of,
)
from fieldkit.domain.sop.profile import StandardTime, TimeUnit
from fieldkit.domain.sop.run import Ending, SopRun
from fieldkit.domain.sop.standing import glance_of
from fieldkit.domain.visits import Outcome


def answer(*scores: int) -> SurveyAnswer:
    return SurveyAnswer("s", "a1", date(2026, 11, 21), scores)


def test_the_index_is_the_weighted_mean_of_the_nine_elements_in_hundred() -> None:
    assert len(Element) == ELEMENTS
    assert (survey_of([answer(*[4] * 9)]).index, survey_of([answer(*[1] * 9)]).index) == (100.0, 25.0)
    both = survey_of([answer(4, 3, 3, 4, 3, 3, 4, 3, 3), answer(3, 3, 3, 4, 3, 4, 4, 2, 3)])
    assert both.means == (3.5, 3.0, 3.0, 4.0, 3.0, 3.5, 4.0, 2.5, 3.0)
    assert (both.answers, both.index, both.grade) == (2, 81.94, "B")
    assert survey_of([]) == SurveyFigures()
    assert SurveyFigures().index == 0.0


@pytest.mark.parametrize(
    ("means", "grade"), [((3.54,) * 9, "A"), ((3.1,) * 9, "B"), ((2.6,) * 9, "C"), ((2.59,) * 9, "D")]
)
def test_grades_are_those_of_the_regulation(means: tuple[float, ...], grade: str) -> None:
    assert SurveyFigures(1, means).grade == grade


@pytest.mark.parametrize("scores", [(4,) * 8, (4,) * 10, (0, *(4,) * 8), (5, *(4,) * 8), ()])
def test_every_element_has_one_of_four_scores(scores: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"survey\.scores"):
        answer(*scores).demand()
    answer(1, 4, *(2,) * 7).demand()


def test_offers_are_counted_with_their_reasons_against_what_was_wanted() -> None:
    offers = [
        IkdOffer("t1", "a1", IkdOutcome.ACTIVATED, NOW, "u1"),
        IkdOffer("t2", "a1", IkdOutcome.REFUSED, NOW, "u1", "belum mau"),
        IkdOffer("t3", "a1", IkdOutcome.NOT_POSSIBLE, NOW, "u1", "tidak punya telepon"),
    ]
    told = ikd_of(offers, [IkdTarget("a1", "a1", 20), IkdTarget("a2", "a2", 5)])
    assert (told.asked, told.wanted, told.outcomes[IkdOutcome.ACTIVATED]) == (3, 25, 1)
    assert told.reasons == {"belum mau": 1, "tidak punya telepon": 1}


def test_who_is_neither_recorded_nor_left_needs_no_visit() -> None:
    assert CoverageLine("JIMBE", 10, 4, 3).others == 3


@pytest.mark.parametrize("part", ["went_well", "went_badly", "obstacles", "proposals"])
def test_each_point_counts_and_is_found(part: str) -> None:
    points = Points(**{part: ("genset cadangan",)})
    assert not points.is_empty
    assert Evaluation("a1", "a1", points, "u1", NOW).words == "genset cadangan"
    assert Points().is_empty


DECEMBER = Period(Span.MONTH, date(2026, 12, 24))
ALL_DAYS = Period(Span.ACTIVITY, date(2026, 11, 21), "a1")


def steps_in(period: Period, *runs: SopRun) -> tuple[StepFigures, ...]:
    """Return the times of steps as the glances of runs tell them."""
    return steps_of(map(glance_of, runs), lambda _: runs[0].profile, OFFICE, period)


def timed_run(per: str = "") -> SopRun:
    """Return a run whose first step may take two hours."""
    run = small_run()
    first = replace(run.profile.steps[0], standard=StandardTime("2 jam", 120, TimeUnit.HOURS, 120), per=per)
    return replace(run, profile=replace(run.profile, steps=(first, *run.profile.steps[1:])))


def local(at: datetime) -> datetime:
    return at.astimezone(WIB)


OFFICE = replace(never_closed(), local=local)


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
    steps_of(map(glance_of, (done, late)), lambda glance: asked.append(glance.sop_id) or run.profile, OFFICE, ALL_DAYS)
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


DAY = date(2026, 11, 21)
INDEX, THUMB = Position.RIGHT_INDEX, Position.RIGHT_THUMB
POLICY = CapturePolicy("uji")


def session(*steps: CaptureStep) -> CaptureSession:
    opened = CaptureSession("s1", "a1", "t1", "u1", NOW, POLICY)
    done = {step.kind: step for step in steps}
    return replace(opened, steps=tuple(done.get(step.kind, step) for step in opened.steps))


def thumbs(*scores: int | None) -> CaptureStep:
    step = CaptureStep.fresh(StepKind.THUMBS)
    for number, score in enumerate(scores, 1):
        step = step.with_attempt(attempt(number, {THUMB: score, Position.LEFT_THUMB: 90}))
    return step


def of(tally: RecordingTally, position: Position) -> QualityCount:
    return next(count for count in tally.qualities if count.position is position)


def test_the_id_says_whose_day_it_is() -> None:
    assert begin_tally("a1", DAY, "KIT-07").thing_id == "a1:2026-11-21:KIT-07"


def test_the_best_sample_counts_once_and_every_attempt_counts() -> None:
    tally = begin_tally("a1", DAY, "KIT-07").counting(session(thumbs(30, None, 45)))
    thumb = of(tally, THUMB)
    assert (thumb.samples, thumb.mean, thumb.lowest) == (1, 45.0, 45)
    assert (thumb.good, thumb.enough, thumb.repeat) == (0, 1, 0)
    assert (thumb.attempts, thumb.retakes) == (3, 2)
    assert (thumb.device, thumb.algorithm) == ("test", "test")


def test_only_an_attempt_that_asked_for_a_position_counts_for_it_with_its_own_algorithm() -> None:
    step = CaptureStep.fresh(StepKind.THUMBS).with_attempt(attempt(1, {Position.LEFT_THUMB: 90}))
    both = attempt(2, {Position.LEFT_THUMB: 95, THUMB: 70})
    left, right = both.samples
    other = replace(left, quality=replace(left.quality, algorithm="other"))
    tally = begin_tally("a1", DAY, "k").counting(session(step.with_attempt(replace(both, samples=(other, right)))))
    thumb = of(tally, THUMB)
    assert (thumb.attempts, thumb.retakes, thumb.algorithm) == (1, 0, "test")


def test_a_sample_below_what_is_enough_is_a_repeat() -> None:
    assert of(begin_tally("a1", DAY, "k").counting(session(thumbs(20))), THUMB).repeat == 1


def test_recordings_add_up() -> None:
    tally = begin_tally("a1", DAY, "k").counting(session(thumbs(80))).counting(session(thumbs(40, 60)))
    thumb = of(tally, THUMB)
    assert tally.recorded == 2
    assert (thumb.samples, thumb.mean, thumb.lowest, thumb.attempts, thumb.retakes) == (2, 70.0, 60, 3, 1)


def test_what_could_not_be_given_counts_by_position_and_reason() -> None:
    eyes = CaptureStep.fresh(StepKind.IRIS)
    for position in (Position.EYE_LEFT, Position.EYE_RIGHT):
        eyes = eyes.with_exception(mark(position, ExceptionReason.CATARACT))
    failed = thumbs(10, 11, 12, 13).failed(POLICY, "u2")
    once = session(eyes, failed)
    tally = begin_tally("a1", DAY, "k").counting(once).counting(once)
    assert tally.missed == (
        MissedCount(THUMB, None, 2),
        MissedCount(Position.EYE_RIGHT, ExceptionReason.CATARACT, 2),
        MissedCount(Position.EYE_LEFT, ExceptionReason.CATARACT, 2),
    )


def test_reasons_of_a_position_stand_by_their_name_after_what_failed() -> None:
    reasons = (ExceptionReason.WORN, None, ExceptionReason.BANDAGED)
    found = add_missed(MissedCount(THUMB, reason, 1) for reason in reasons)
    assert [count.reason for count in found] == [None, ExceptionReason.BANDAGED, ExceptionReason.WORN]


def test_scores_of_two_algorithms_and_two_devices_stay_apart() -> None:
    kept = QualityCount(INDEX, "a", "one", samples=1, score_sum=50, lowest=50, enough=1)
    others = (replace(kept, device="b"), replace(kept, algorithm="two"))
    assert len(add_qualities((kept, *others, kept))) == 3
    assert add_qualities((kept, kept))[0].samples == 2


def test_without_a_sample_there_is_no_mean() -> None:
    assert QualityCount(INDEX, "a", "", attempts=2).mean == 0.0
