from __future__ import annotations

import pytest
from support.steps import attempt, mark

from fieldkit.domain.errors import RuleError
from fieldkit.domain.recording.capture_policy import CapturePolicy, StepKind, Verdict
from fieldkit.domain.recording.capture_step import Accepted, Attempting, CaptureStep, Excepted, FailedToAcquire, Pending
from fieldkit.domain.recording.exception_mark import ExceptionReason
from fieldkit.domain.recording.positions import RIGHT_FOUR, Position

POLICY = CapturePolicy("test")
INDEX, MIDDLE, RING, LITTLE = RIGHT_FOUR


def right_four() -> CaptureStep:
    return CaptureStep.fresh(StepKind.RIGHT_FOUR)


def test_a_fresh_step_wants_everything() -> None:
    step = right_four()
    assert step.wanted == RIGHT_FOUR
    assert not step.is_closed
    assert not step.may_accept(POLICY)


def test_the_best_of_n_is_kept_per_finger() -> None:
    step = right_four().with_attempt(attempt(1, {INDEX: 72, MIDDLE: 35, RING: 66, LITTLE: 50}))
    step = step.with_attempt(attempt(2, {INDEX: 60, MIDDLE: 61, RING: 66, LITTLE: 58}))
    best = {p: step.best(p) for p in RIGHT_FOUR}
    assert {p: (ref.attempt, ref.quality.value) for p, ref in best.items() if ref} == {
        INDEX: (1, 72),
        MIDDLE: (2, 61),
        RING: (1, 66),  # a tie keeps the earlier one
        LITTLE: (2, 58),
    }
    assert step.verdicts(POLICY)[LITTLE] is Verdict.ENOUGH
    assert [step.attempts_at(p) for p in (INDEX, Position.LEFT_INDEX)] == [2, 0]
    assert step.accepted(POLICY).is_closed


def test_three_of_four_fingers_are_not_enough() -> None:
    step = right_four().with_attempt(attempt(1, {INDEX: 72, MIDDLE: None, RING: 66, LITTLE: 70}))
    assert step.verdicts(POLICY)[MIDDLE] is None
    with pytest.raises(RuleError, match=r"session\.not_enough"):
        step.accepted(POLICY)


def test_below_the_threshold_is_not_accepted() -> None:
    step = right_four().with_attempt(attempt(1, {INDEX: 72, MIDDLE: 39, RING: 66, LITTLE: 70}))
    assert not step.may_accept(POLICY)


def test_an_exception_closes_its_position_and_is_not_asked_for_again() -> None:
    step = right_four().with_exception(mark(MIDDLE, ExceptionReason.BANDAGED))
    assert step.wanted == (INDEX, RING, LITTLE)
    step = step.with_attempt(attempt(1, {INDEX: 72, RING: 66, LITTLE: 70})).accepted(POLICY)
    assert step.is_closed
    assert isinstance(step.outcomes[MIDDLE], Excepted)
    for position in RIGHT_FOUR:
        step = step.with_exception(mark(position, ExceptionReason.BANDAGED))
    assert not step.may_accept(POLICY), "nothing is left to accept"


def test_taking_a_mark_back_finds_what_was_captured_before() -> None:
    step = right_four().with_attempt(attempt(1, dict.fromkeys(RIGHT_FOUR, 70)))
    step = step.with_exception(mark(MIDDLE, ExceptionReason.WORN)).without_exception(MIDDLE)
    outcome = step.outcomes[MIDDLE]
    assert isinstance(outcome, Attempting)
    assert outcome.best is not None
    assert outcome.best.attempt == 1
    fresh = right_four().with_exception(mark(MIDDLE, ExceptionReason.WORN)).without_exception(MIDDLE)
    assert isinstance(fresh.outcomes[MIDDLE], Pending)
    for position in (MIDDLE, Position.LEFT_INDEX):
        with pytest.raises(RuleError, match=r"session\.no_exception"):
            step.without_exception(position)


@pytest.mark.parametrize(
    ("position", "reason", "witness", "code"),
    [
        (MIDDLE, ExceptionReason.BLIND, "Pak RT", "session.reason_does_not_fit"),
        (MIDDLE, ExceptionReason.WORN, "  ", "session.no_witness"),
        (Position.LEFT_INDEX, ExceptionReason.WORN, "Pak RT", "session.not_in_step"),
    ],
)
def test_a_mark_must_fit(position: Position, reason: ExceptionReason, witness: str, code: str) -> None:
    with pytest.raises(RuleError) as caught:
        right_four().with_exception(mark(position, reason, witness))
    assert caught.value.code == code


def test_a_photograph_cannot_be_excepted() -> None:
    with pytest.raises(RuleError, match=r"session\.reason_does_not_fit"):
        CaptureStep.fresh(StepKind.PHOTO).with_exception(mark(Position.PORTRAIT, ExceptionReason.UNCOOPERATIVE))


def test_failing_needs_four_attempts_and_keeps_the_good_fingers() -> None:
    step = right_four().with_exception(mark(INDEX, ExceptionReason.BANDAGED))
    for number in range(1, POLICY.max_attempts + 1):
        if number < POLICY.max_attempts:
            step = step.with_attempt(attempt(number, {MIDDLE: 20 + number, RING: 50, LITTLE: None}))
            with pytest.raises(RuleError, match=r"session\.attempts_left"):
                step.failed(POLICY, "lead")
        else:
            step = step.with_attempt(attempt(number, {MIDDLE: 30, RING: 50, LITTLE: None}))
    step = step.failed(POLICY, "lead")
    assert step.is_closed
    assert isinstance(step.outcomes[INDEX], Excepted)
    assert isinstance(step.outcomes[RING], Accepted)
    failed = step.outcomes[MIDDLE]
    assert isinstance(failed, FailedToAcquire)
    assert failed.best is not None
    assert failed.best.quality.value == 30
    assert step.outcomes[LITTLE] == FailedToAcquire(None, "lead")


def test_reopening_keeps_the_best() -> None:
    step = right_four().with_attempt(attempt(1, dict.fromkeys(RIGHT_FOUR, 70))).accepted(POLICY).reopened()
    assert not step.is_closed
    assert step.may_accept(POLICY)
