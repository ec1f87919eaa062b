"""Attempts as a device would give them, for the tests of steps and sessions."""

from __future__ import annotations

from support.clock import NOW

from fieldkit.domain.recording.capture import (
    CAPTURED_AT,
    Attempt,
    Fault,
    QualityScore,
    SampleFormat,
    SampleRef,
    StepKind,
)
from fieldkit.domain.recording.positions import ExceptionMark, ExceptionReason, Position


def attempt(number: int, scores: dict[Position, int | None]) -> Attempt:
    """Return an attempt; a score of None is a position that did not come."""
    samples = tuple(
        SampleRef(
            f"{position}-{number}",
            position,
            SampleFormat.ISO_19794_4,
            QualityScore(score, "test"),
            f"{number:064d}",
            100,
            number,
        )
        for position, score in scores.items()
        if score is not None
    )
    faults = tuple(Fault(position, "device.not_seen") for position, score in scores.items() if score is None)
    return Attempt(number, NOW, "test", samples, faults)


def good(kind: StepKind, number: int = 1) -> Attempt:
    return attempt(number, dict.fromkeys(CAPTURED_AT[kind], 80))


def mark(position: Position, reason: ExceptionReason, witness: str = "Pak RT") -> ExceptionMark:
    return ExceptionMark(position, reason, 1, ("u1",), witness, NOW)
