from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from support import portraits
from support.portraits import DARK_SKIN, Eyes, Pixels, drawn, turned_aside
from support.tries import some_of

from fieldkit.domain.recording.biodata import LOOK, Background, PortraitCheck
from fieldkit.formats.images import decode_colour
from fieldkit.quality.face import (
    CheckResult,
    Limits,
    PortraitJudge,
    face_itself,
    head_inside,
    placement,
    presence,
    surroundings,
    white_balance,
)
from fieldkit.quality.face_features import FaceFeatures, Surroundings
from fieldkit.quality.face_networks import Eyes as FoundEyes
from fieldkit.quality.face_networks import Pose

DEEDS: list[tuple[Callable[[Pixels, Eyes], Pixels], str]] = [
    (portraits.shut, "face.eyes_shut"),
    (portraits.dark_glasses, "face.dark_glasses"),
    (portraits.masked, "face.covered"),
    (portraits.open_mouthed, "face.mouth_open"),
    (lambda p, e: turned_aside(p, e, 28), "face.turned"),
    (lambda p, e: turned_aside(p, e, -28), "face.turned"),
]


@pytest.fixture(scope="module")
def judge() -> PortraitJudge:
    return PortraitJudge(decode_colour, Background.RED)


@pytest.mark.parametrize(("act", "named"), DEEDS)
@pytest.mark.parametrize(("seed", "skin"), some_of([(2, DARK_SKIN), (0, None), (2, None)], 1))
def test_what_people_do_is_bad_by_its_name(
    judge: PortraitJudge, act: Callable[[Pixels, Eyes], Pixels], named: str, seed: int, skin: tuple[int, int, int]
) -> None:
    review = judge.review(act(*drawn(seed, skin)))
    assert review.score.value < 60
    assert named in review.hints


@pytest.mark.days
@pytest.mark.parametrize(("seed", "skin"), [(2, DARK_SKIN), (1, None), (7, None)])
def test_a_hand_of_the_same_skin_is_asked_about(
    judge: PortraitJudge, seed: int, skin: tuple[int, int, int] | None
) -> None:
    review = judge.review(portraits.hand_before_mouth(*drawn(seed, skin)))
    assert LOOK[PortraitCheck.UNCOVERED] in review.looks


@pytest.mark.parametrize("seed", range(4))
def test_dark_skin_in_good_light_passes_and_in_bad_light_does_not(judge: PortraitJudge, seed: int) -> None:
    picture, _ = drawn(seed, DARK_SKIN)
    assert judge.review(picture).hints == ()
    dimmed = judge.review((picture * 0.3).astype(np.uint8))
    assert dimmed.score.value < 60
    assert {"face.too_dark", "face.no_face"} & set(dimmed.hints)


@pytest.mark.days
def test_two_people_count_although_one_hides_the_eyes(judge: PortraitJudge) -> None:
    picture, eyes = drawn(1)
    beside = portraits.dark_glasses(*drawn(4))
    assert judge.review(np.hstack([picture, beside])).hints == ("face.several_faces",)
    assert judge.review(np.hstack([portraits.shut(picture, eyes), picture])).hints == ("face.several_faces",)


def test_a_head_that_leaves_the_picture_is_told(judge: PortraitJudge) -> None:
    picture, _ = drawn(3)
    assert "face.crown_cut" in judge.review(np.ascontiguousarray(picture[200:])).hints
    low = cv2.copyMakeBorder(picture[:640], 300, 0, 0, 0, cv2.BORDER_REPLICATE)
    assert "face.chin_cut" in judge.review(np.asarray(low, np.uint8)).hints


@pytest.mark.parametrize(
    ("value", "margin"), [(0, 1), (5, 0.5), (10, 0), (10.1, None), (14.9, None), (15, -0.01), (40, -1), (-3, 1)]
)
def test_a_measure_is_good_asks_or_is_bad(value: float, margin: float | None) -> None:
    assert Limits(0, 10, 15).margin(value) == (margin if margin is None else pytest.approx(margin))
    assert Limits(0, -10, -15).margin(-value) == (margin if margin is None else pytest.approx(margin))


def answers(found: list[CheckResult]) -> dict[PortraitCheck, str]:
    return {result.check: result.answer for result in found if result.answer != "good"}


GOOD = FaceFeatures(0.25, 0.24, 0.01, 0.02, -5, 0.9, 5, 3, 0.05)
AHEAD = Pose(2, -3)
EYES_OPEN, UNCOVERED = PortraitCheck.EYES_OPEN, PortraitCheck.UNCOVERED


def test_a_good_face_is_good_throughout() -> None:
    assert answers(list(face_itself(GOOD, AHEAD))) == {}


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (replace(GOOD, lids_narrower=0.1), {EYES_OPEN: "look"}),  # a squint, a drooping lid
        (replace(GOOD, lids_narrower=0.13, lids_wider=0.14), {EYES_OPEN: "look"}),
        (replace(GOOD, lids_narrower=0.06, lids_wider=0.1), {EYES_OPEN: "bad"}),
        (replace(GOOD, glass=0.5), {EYES_OPEN: "look"}),
        (replace(GOOD, glass=0.3), {EYES_OPEN: "bad"}),
        (replace(GOOD, gaze=0.3), {PortraitCheck.GAZE: "look"}),
        (replace(GOOD, pupil_redness=60), {PortraitCheck.RED_EYES: "look"}),
        (replace(GOOD, mouth_gap=0.09), {PortraitCheck.MOUTH_CLOSED: "look"}),
        (replace(GOOD, mouth_gap=0.2), {PortraitCheck.MOUTH_CLOSED: "bad"}),
        (replace(GOOD, cover=-0.5), {UNCOVERED: "look"}),
        (replace(GOOD, cover=3), {UNCOVERED: "bad"}),
        (replace(GOOD, lips=0.8), {UNCOVERED: "look"}),
        (replace(GOOD, cover=3, lips=0.8), {UNCOVERED: "bad"}),
        (replace(GOOD, cover=1, beard=0.3), {UNCOVERED: "look"}),
        (replace(GOOD, cover=6, beard=0.3), {UNCOVERED: "bad"}),
        (replace(GOOD, cover=-3, beard=0.3), {}),
        (replace(GOOD, cover=3, mouth_gap=0.2), {UNCOVERED: "look", PortraitCheck.MOUTH_CLOSED: "bad"}),
        (replace(GOOD, cover=3, mouth_gap=0.09), {UNCOVERED: "bad", PortraitCheck.MOUTH_CLOSED: "look"}),
    ],
)
def test_each_measure_of_a_face_has_its_check(seen: FaceFeatures, told: dict[PortraitCheck, str]) -> None:
    assert answers(list(face_itself(seen, AHEAD))) == told


@pytest.mark.parametrize(
    ("pose", "told"),
    [
        (Pose(16, 0), {PortraitCheck.FACING: "look"}),
        (Pose(-25, 0), {PortraitCheck.FACING: "bad"}),
        (Pose(0, 18), {PortraitCheck.LEVEL: "look"}),
        (Pose(0, -26), {PortraitCheck.LEVEL: "bad"}),
    ],
)
def test_each_turn_has_its_check(pose: Pose, told: dict[PortraitCheck, str]) -> None:
    assert answers(list(face_itself(GOOD, pose))) == told


def test_eyes_that_cannot_open_are_asked_about() -> None:
    shut = replace(GOOD, lids_narrower=0.06, lids_wider=0.08)
    assert answers(list(face_itself(shut, AHEAD, may_be_shut=True))) == {EYES_OPEN: "look"}
    dark = replace(shut, glass=0.2)
    assert answers(list(face_itself(dark, AHEAD, may_be_shut=True))) == {EYES_OPEN: "bad"}


@pytest.mark.parametrize(
    ("sure", "bystander", "told"),
    [
        (1, 0.2, {}),
        (1, 0.4, {PortraitCheck.ONE_FACE: "look"}),
        (1, 0.6, {PortraitCheck.ONE_FACE: "bad"}),
        (0.3, 0, {PortraitCheck.EYES: "look"}),
        (0.05, 0, {PortraitCheck.EYES: "bad"}),
    ],
)
def test_one_face_and_a_face_for_sure(sure: float, bystander: float, told: dict[PortraitCheck, str]) -> None:
    assert answers(list(presence(sure, bystander))) == told


def eyes(x: float = 360, y: float = 410, distance: float = 150, roll: float = 0) -> FoundEyes:
    across, down = distance / 2 * np.cos(np.radians(roll)), distance / 2 * np.sin(np.radians(roll))
    return FoundEyes((x - across, y - down), (x + across, y + down))


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (eyes(), {}),
        (eyes(distance=85), {PortraitCheck.DISTANCE: "look"}),
        (eyes(distance=70), {PortraitCheck.DISTANCE: "bad"}),
        (eyes(distance=210), {PortraitCheck.DISTANCE: "bad"}),
        (eyes(x=270), {PortraitCheck.PLACE: "look"}),
        (eyes(x=200), {PortraitCheck.PLACE: "bad"}),
        (eyes(y=300), {PortraitCheck.PLACE: "bad"}),
        (eyes(y=620), {PortraitCheck.PLACE: "bad"}),
        (eyes(roll=9), {PortraitCheck.UPRIGHT: "look"}),
        (eyes(roll=-14), {PortraitCheck.UPRIGHT: "bad"}),
    ],
)
def test_where_the_face_lies(at: FoundEyes, told: dict[PortraitCheck, str]) -> None:
    assert answers(list(placement(720, 960, at))) == told


@pytest.mark.parametrize(
    ("height", "y", "crown", "answer"),
    [
        (960, 410, None, "good"),
        (960, 410, 0.0, "good"),  # hair that reaches the passport frame, not the edge of the picture
        (960, 220, 0.3, "good"),
        (960, 220, None, "look"),
        (960, 220, 0.0, "bad"),
        (960, 150, 0.3, "bad"),
        (600, 410, 0.3, "bad"),
    ],
)
def test_crown_and_chin(height: int, y: float, crown: float | None, answer: str) -> None:
    assert head_inside(height, eyes(y=y), crown).answer == answer


WALL = np.array((220, 20, 20), np.uint8)
LIT = Surroundings(WALL, 2, 0.5, 0.05, 200, 0, 150, 0.7, 30, 18)


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (LIT, {}),
        (replace(LIT, unevenness=20), {PortraitCheck.BACKDROP_EVEN: "look"}),
        (replace(LIT, unevenness=40), {PortraitCheck.BACKDROP_EVEN: "bad"}),
        (replace(LIT, side_light=0.47), {PortraitCheck.LIGHT: "look"}),
        (replace(LIT, side_light=0.7), {PortraitCheck.LIGHT: "bad"}),
        (replace(LIT, eye_white=85), {PortraitCheck.EXPOSURE: "look"}),
        (replace(LIT, eye_white=60), {PortraitCheck.EXPOSURE: "bad"}),
        (replace(LIT, lightness=225), {PortraitCheck.EXPOSURE: "bad"}),
        (replace(LIT, lost=0.2), {PortraitCheck.EXPOSURE: "bad"}),
        (replace(LIT, contrast=0.37), {PortraitCheck.EXPOSURE: "look"}),
        (replace(LIT, contrast=0.3), {PortraitCheck.EXPOSURE: "bad"}),
        (replace(LIT, sharpness=9), {PortraitCheck.SHARPNESS: "look"}),
        (replace(LIT, sharpness=5), {PortraitCheck.SHARPNESS: "bad"}),
        (replace(LIT, wall=np.array((220, 75, 20), np.uint8)), {PortraitCheck.BACKGROUND: "look"}),
        (replace(LIT, wall=np.array((20, 90, 220), np.uint8)), {PortraitCheck.BACKGROUND: "bad"}),
        (replace(LIT, wall=np.array((120, 110, 110), np.uint8)), {PortraitCheck.BACKGROUND: "bad"}),
    ],
)
def test_each_measure_of_light_and_wall_has_its_check(seen: Surroundings, told: dict[PortraitCheck, str]) -> None:
    assert answers(list(surroundings(seen, Background.RED))) == told
    assert PortraitCheck.BACKGROUND not in {result.check for result in surroundings(seen, None)}


def test_what_is_lost_is_too_dark_or_too_bright() -> None:
    hints = [
        next(r.hint for r in surroundings(replace(LIT, lost=0.3, lightness=mean), None) if r.is_failed)
        for mean in (60, 190)
    ]
    assert hints == ["face.too_dark", "face.too_bright"]


def test_a_cast_is_said() -> None:
    told = [white_balance(replace(LIT, yellowness=yellow)) for yellow in (2, 18, 40)]
    assert told == [("face.too_blue",), (), ("face.too_yellow",)]
