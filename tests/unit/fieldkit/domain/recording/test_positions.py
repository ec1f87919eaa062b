from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from support.steps import mark

from fieldkit.domain.recording.positions import (
    EYES,
    FINGERS,
    LEFT_FOUR,
    REASONS,
    RIGHT_FOUR,
    THUMBS,
    ExceptionReason,
    Modality,
    Position,
    Presence,
    digest_of_mark,
)


def test_finger_codes_follow_iso_19794_4() -> None:
    assert [position.finger_code for position in FINGERS] == list(range(1, 11))
    assert Position.RIGHT_THUMB.finger_code == 1
    assert Position.LEFT_INDEX.finger_code == 7


def test_slaps_and_thumbs_are_all_ten() -> None:
    assert sorted((*RIGHT_FOUR, *LEFT_FOUR, *THUMBS)) == sorted(FINGERS)


def test_every_position_has_its_modality() -> None:
    assert {p.modality for p in FINGERS} == {Modality.FINGER}
    assert {p.modality for p in EYES} == {Modality.IRIS}
    assert Position.PORTRAIT.modality is Modality.FACE
    assert Position.SIGNATURE.modality is Modality.SIGNATURE


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


FINGER = {"missing_finger", "worn", "bandaged", "stiff", "tremor", "uncooperative"}
EYE = {"missing_eye", "blind", "cataract", "prosthesis", "eyes_closed", "tremor", "uncooperative"}


@pytest.mark.parametrize(
    ("modality", "reasons"),
    [
        (Modality.FINGER, FINGER),
        (Modality.IRIS, EYE),
        (Modality.SIGNATURE, {"cannot_sign", "tremor", "uncooperative"}),
        (Modality.FACE, set()),  # no photograph is excepted
    ],
)
def test_each_modality_has_its_reasons(modality: Modality, reasons: set[str]) -> None:
    assert {reason.value for reason in REASONS[modality]} == reasons
    assert set().union(*REASONS.values()) == set(ExceptionReason)


def test_the_digest_of_a_mark_is_the_same_in_every_zone_and_as_a_record_tells_it() -> None:
    seen = mark(Position.RIGHT_INDEX, ExceptionReason.WORN)
    assert replace(seen, at=seen.at.astimezone(timezone(timedelta(hours=7)))).digest == seen.digest
    facts = {"position": "RIGHT_INDEX", "reason": "worn", "attempts": 1, "petugas": ("u1",), "witness": "Pak RT"}
    facts |= {"at": seen.at.isoformat(), "photo": False}
    assert digest_of_mark(facts) == seen.digest
