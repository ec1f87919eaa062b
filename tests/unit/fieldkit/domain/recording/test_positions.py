from __future__ import annotations

from fieldkit.domain.recording.positions import EYES, FINGERS, LEFT_FOUR, RIGHT_FOUR, THUMBS, Modality, Position


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
