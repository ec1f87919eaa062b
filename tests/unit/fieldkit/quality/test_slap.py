from __future__ import annotations

import cv2
import numpy as np
import pytest
from support.tries import some_of

from drivers.simulators.sbi.service import Preview
from drivers.simulators.stage import Stage
from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import LEFT_FOUR, RIGHT_FOUR, THUMBS, Position
from fieldkit.formats.images import decode_grey
from fieldkit.ports.recording import FingerSeen, Hand, SlapSeen
from fieldkit.quality.finger_estimate import review
from fieldkit.quality.slap import SlapWatch, find_fingers, hand_of


def frame(positions: tuple[Position, ...], seed: int = 5, **conditions: Condition) -> bytes:
    """Return what the scanner shows live; without a condition fingers are as people's are."""
    stage = Stage()
    stage.present(SyntheticSubject(seed, conditions={Position[name]: value for name, value in conditions.items()}))
    return Preview(stage, positions).frame(0)


def plate(*places: tuple[int, int, int]) -> np.ndarray:
    """Return a slap at 500 ppi (900, 1600): fingers of one person at (left, top, turn in degrees)."""
    person, glass = SyntheticSubject(5), np.full((900, 1600), 246, np.uint8)
    for position, (left, top, turn) in zip(RIGHT_FOUR, places, strict=False):
        image = person.finger(position, 0, Condition.GOOD)
        image = cv2.warpAffine(image, cv2.getRotationMatrix2D((150, 200), turn, 0.9), (300, 400), borderValue=246)
        part = glass[top : top + 400, left : left + 300]
        np.minimum(part, image[: part.shape[0], : part.shape[1]], out=part)
    return glass


@pytest.mark.days
@pytest.mark.parametrize("seed", some_of(range(8), 2))
@pytest.mark.parametrize(
    ("positions", "hand"), [(RIGHT_FOUR, Hand.RIGHT), (LEFT_FOUR, Hand.LEFT), (THUMBS, Hand.UNKNOWN)]
)
def test_the_fingers_of_anybody_are_counted_and_their_hand_told(
    positions: tuple[Position, ...], hand: Hand, seed: int
) -> None:
    assert SlapWatch(decode_grey).look(frame(positions, seed)) == SlapSeen(len(positions), hand)


@pytest.mark.parametrize(
    "condition", [Condition.DRY, Condition.WET, Condition.LIGHT, Condition.PARTIAL, Condition.WORN]
)
def test_poor_fingers_are_fingers(condition: Condition) -> None:
    assert SlapWatch(decode_grey).look(frame(RIGHT_FOUR, RIGHT_MIDDLE=condition, RIGHT_RING=condition)).count == 4


@pytest.mark.days
def test_a_missing_finger_is_not_counted_and_three_tell_no_hand() -> None:
    seen = SlapWatch(decode_grey).look(frame(LEFT_FOUR, LEFT_LITTLE=Condition.MISSING))
    assert seen == SlapSeen(3, Hand.UNKNOWN)


def test_boxes_and_tips_are_in_pixels_of_the_picture() -> None:
    found = find_fingers(plate((100, 300, 0), (450, 200, 0), (800, 250, 0), (1150, 420, 0)))
    assert len(found) == 4
    for finger, (left, top) in zip(found, ((100, 300), (450, 200), (800, 250), (1150, 420)), strict=True):
        assert abs(finger.left - left - 25) < 30
        assert abs(finger.tip[1] - top - 30) < 35
        assert abs(finger.tip[0] - left - 150) < 60
        assert abs(finger.height - 340) < 60
        assert abs(finger.width - 245) < 60
    assert hand_of(found) is Hand.RIGHT
    mirrored = plate((100, 300, 0), (450, 200, 0), (800, 250, 0), (1150, 420, 0))[:, ::-1]
    assert hand_of(find_fingers(np.ascontiguousarray(mirrored))) is Hand.LEFT


def test_fingers_that_touch_and_lie_askew_are_four() -> None:
    assert len(find_fingers(plate((150, 300, 8), (415, 200, 4), (680, 230, -4), (945, 380, -8)))) == 4


def test_the_next_joints_are_no_fingers() -> None:
    """A hand laid far onto the glass shows the pads below the tips too."""
    glass = plate((100, 60, 0), (450, 20, 0), (800, 40, 0), (1150, 90, 0))
    for left in (130, 480, 830, 1180):
        glass[560:800, left : left + 220] = np.minimum(glass[560:800, left : left + 220], 120)
    assert len(find_fingers(glass)) == 4


@pytest.mark.parametrize("value", [0, 90, 246])
def test_an_empty_glass_has_none(value: int) -> None:
    assert find_fingers(np.full((480, 640), value, np.uint8)) == ()
    noise = np.random.default_rng(1).normal(240, 4, (480, 640))
    assert find_fingers(np.clip(noise, 0, 255).astype(np.uint8)) == ()


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(InputError):
        SlapWatch(decode_grey).look(b"\xff\xd8 nothing")


def test_live_fingers_have_their_place_and_tell_clear_ridges_from_smears() -> None:
    clear = plate((100, 300, 0), (450, 200, 0), (800, 250, 0), (1150, 420, 0))
    smeared = cv2.GaussianBlur(clear, (0, 0), 6)

    def seen(picture: np.ndarray) -> tuple[FingerSeen, ...]:
        small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        return SlapWatch(decode_grey).look(cv2.imencode(".jpg", small)[1].tobytes()).fingers

    fingers, poor = seen(clear), seen(smeared)
    assert [finger.left for finger in fingers] == sorted(finger.left for finger in fingers)
    assert abs(fingers[0].left - 1000 * 100 / 1600) < 30
    assert min(finger.clarity for finger in fingers) > max(finger.clarity for finger in poor) + 20
    assert all(0 <= finger.clarity <= 100 for finger in (*fingers, *poor))


@pytest.mark.days
def test_a_live_finger_promises_about_what_the_capture_will_be_estimated_at() -> None:
    told = {}
    for condition in (Condition.GOOD, Condition.DRY, Condition.WET, Condition.LIGHT):
        shown = frame(THUMBS, 308, RIGHT_THUMB=condition, LEFT_THUMB=condition)
        prints = [SyntheticSubject(308).finger(position, 0, condition) for position in THUMBS]
        told[condition] = [finger.clarity for finger in SlapWatch(decode_grey).look(shown).fingers]
        scores = [review(each).score.value for each in prints]
        assert all(abs(a - b) <= 20 for a, b in zip(told[condition], scores, strict=True)), (condition, told, scores)
    assert min(told.pop(Condition.GOOD)) >= 60
    assert max(clarity for each in told.values() for clarity in each) < 40
