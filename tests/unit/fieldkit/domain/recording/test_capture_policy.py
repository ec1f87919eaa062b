from __future__ import annotations

import pytest

from fieldkit.domain.recording.capture_policy import CAPTURED_AT, CapturePolicy, StepKind, Verdict
from fieldkit.domain.recording.positions import FINGERS, Position

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
