from __future__ import annotations

from drivers.simulators.sbi.models import IRIS_CAMERA, SLAP_SCANNER, WORDS
from fieldkit.domain.recording.positions import EYES, FINGERS, Position


def test_sub_devices_cover_all_fingers_and_eyes_once() -> None:
    for model, positions in ((SLAP_SCANNER, FINGERS), (IRIS_CAMERA, EYES)):
        assert set(model.subs[0]) == set(positions)
    slaps = [finger for sub_id in (1, 2, 3) for finger in SLAP_SCANNER.subs[sub_id]]
    assert sorted(slaps) == sorted(FINGERS)


def test_the_words_of_the_interface() -> None:
    assert WORDS[Position.LEFT_RING] == "Left RingFinger"
    assert WORDS[Position.RIGHT_THUMB] == "Right Thumb"
    assert WORDS[Position.EYE_LEFT] == "Left"
