from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.steps import attempt, mark

from fieldkit.domain.errors import RuleError
from fieldkit.domain.recording.capture import (
    CAPTURED_AT,
    EMPTY_HASH,
    Accepted,
    Attempting,
    CapturePolicy,
    CaptureStep,
    DeviceLink,
    Excepted,
    FailedToAcquire,
    Pending,
    QualityScore,
    StepKind,
    Verdict,
    first_break,
    next_hash,
)
from fieldkit.domain.recording.positions import FINGERS, RIGHT_FOUR, ExceptionReason, Position

POLICY = CapturePolicy("test")


@pytest.mark.parametrize(
    ("position", "score", "verdict"),
    [
        (Position.RIGHT_INDEX, 60, Verdict.GOOD),
        (Position.RIGHT_INDEX, 59, Verdict.ENOUGH),
        (Position.RIGHT_INDEX, 40, Verdict.ENOUGH),
        (Position.RIGHT_INDEX, 39, Verdict.REPEAT),
        (Position.EYE_LEFT, 60, Verdict.GOOD),
        (Position.EYE_LEFT, 59, Verdict.REPEAT),
        (Position.PORTRAIT, 59, Verdict.REPEAT),
        (Position.SIGNATURE, 1, Verdict.GOOD),
        (Position.SIGNATURE, 0, Verdict.REPEAT),
    ],
)
def test_thresholds(position: Position, score: int, verdict: Verdict) -> None:
    assert POLICY.verdict(position, score) is verdict


def test_the_capture_steps_take_every_position() -> None:
    taken = {p for kind, positions in CAPTURED_AT.items() if kind is not StepKind.CONFIRMATION for p in positions}
    assert taken == set(Position)
    assert len([p for positions in CAPTURED_AT.values() for p in positions if p in FINGERS]) == 10


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


AT = datetime(2026, 11, 21, tzinfo=UTC)


def chain_of(count: int = 4) -> list[DeviceLink]:
    links, last = list[DeviceLink](), EMPTY_HASH
    for position in RIGHT_FOUR[:count]:
        digest = hashlib.sha256(position.value.encode()).hexdigest()
        links.append(DeviceLink(position, digest, last, next_hash(last, digest), AT))
        last = links[-1].chain_hash
    return links


def test_a_hash_is_over_binary_digests_and_begins_with_that_of_nothing():
    digest = hashlib.sha256(b"FIR").digest()
    first = hashlib.sha256(hashlib.sha256(b"").digest() + digest).hexdigest().upper()
    assert next_hash("", digest.hex()) == next_hash(EMPTY_HASH, digest.hex()) == first
    second = hashlib.sha256(bytes.fromhex(first) + digest).hexdigest().upper()
    assert next_hash(first, digest.hex()) == second


def test_a_whole_chain_holds_in_any_order_and_with_a_capture_that_came_late():
    links = chain_of()
    assert first_break(links) is None
    assert first_break(links[::-1]) is None
    late = hashlib.sha256(b"late").hexdigest()
    branch = DeviceLink(links[0].position, late, links[1].chain_hash, next_hash(links[1].chain_hash, late), AT)
    assert first_break([*links, branch]) is None


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_link_that_was_taken_out_is_missed_by_the_next(gone):
    links = chain_of()
    assert first_break(links[:gone] + links[gone + 1 :]) == links[gone + 1]
    assert first_break(links[:gone] + links[gone + 1 :], {links[gone].chain_hash}) is None


@pytest.mark.parametrize("change", [{"sha256": "00" * 32}, {"chain_hash": "00" * 32}, {"sha256": "no digest"}])
def test_a_link_that_is_not_its_own_hash_is_named(change):
    links = chain_of()
    links[2] = replace(links[2], **change)
    assert first_break(links) in (links[2], links[3])


@pytest.mark.parametrize("value", [-1, 101])
def test_a_score_is_between_0_and_100(value: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        QualityScore(value, "test")
    assert [QualityScore(least, "test").value for least in (0, 100)] == [0, 100]
