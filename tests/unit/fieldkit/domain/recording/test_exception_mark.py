from __future__ import annotations

import pytest
from support.steps import mark

from fieldkit.domain.recording.exception_mark import REASONS, ExceptionReason, Presence
from fieldkit.domain.recording.positions import Modality, Position


@pytest.mark.parametrize(
    ("reason", "presence"),
    [
        (ExceptionReason.BANDAGED, Presence.BANDAGED),
        (ExceptionReason.MISSING_FINGER, Presence.AMPUTATED),
        (ExceptionReason.WORN, Presence.DAMAGED),
        (ExceptionReason.TREMOR, None),
        (ExceptionReason.EYES_CLOSED, None),
        (ExceptionReason.BLIND, None),
        (ExceptionReason.CATARACT, Presence.DAMAGED),
    ],
)
def test_every_reason_has_its_osia_word(reason: ExceptionReason, presence: Presence | None) -> None:
    assert mark(Position.RIGHT_INDEX, reason).presence is presence


def test_every_reason_fits_something_and_no_photograph_is_excepted() -> None:
    assert set().union(*REASONS.values()) == set(ExceptionReason)
    assert REASONS[Modality.FACE] == frozenset()
