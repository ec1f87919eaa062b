from __future__ import annotations

from dataclasses import replace
from datetime import date

from support.clock import NOW
from support.steps import attempt, mark

from fieldkit.domain.recording.capture_policy import CapturePolicy, StepKind
from fieldkit.domain.recording.capture_step import CaptureStep
from fieldkit.domain.recording.exception_mark import ExceptionReason
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.reports.tally import (
    MissedCount,
    QualityCount,
    RecordingTally,
    add_missed,
    add_qualities,
    begin_tally,
)

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
