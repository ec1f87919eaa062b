from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from support import portraits
from support.portraits import DARK_SKIN, Eyes, Pixels, drawn, turned_aside
from support.tries import some_of

from fieldkit.domain.recording.portrait import Background, PortraitCheck
from fieldkit.formats.images import decode_colour
from fieldkit.quality.face import PortraitJudge
from fieldkit.quality.face_checks import CheckResult, face_itself
from fieldkit.quality.face_features import FaceFeatures
from fieldkit.quality.face_pose import Pose

DEEDS: list[tuple[Callable[[Pixels, Eyes], Pixels], set[str]]] = [
    (portraits.shut, {"face.eyes_shut"}),
    (portraits.dark_glasses, {"face.dark_glasses", "face.eyes_shut"}),
    (portraits.masked, {"face.covered", "face.no_face"}),
    (portraits.hand_before_mouth, {"face.covered"}),
    (portraits.open_mouthed, {"face.mouth_open"}),
    (lambda p, e: turned_aside(p, e, 28), {"face.turned"}),
    (lambda p, e: turned_aside(p, e, -28), {"face.turned"}),
]


@pytest.fixture(scope="module")
def judge() -> PortraitJudge:
    return PortraitJudge(decode_colour, Background.RED)


@pytest.mark.parametrize(("act", "named"), DEEDS)
@pytest.mark.parametrize(("seed", "skin"), some_of([(2, DARK_SKIN), (0, None), (2, None)], 1))
def test_what_people_do_fails_by_its_name(
    judge: PortraitJudge, act: Callable[[Pixels, Eyes], Pixels], named: set[str], seed: int, skin: tuple[int, int, int]
) -> None:
    review = judge.review(act(*drawn(seed, skin)))
    assert review.score.value < 60
    assert named & set(review.hints), review.hints


@pytest.mark.parametrize("seed", range(4))
def test_dark_skin_in_good_light_passes_and_in_bad_light_does_not(judge: PortraitJudge, seed: int) -> None:
    picture, _ = drawn(seed, DARK_SKIN)
    assert judge.review(picture).hints in ((), ("face.too_blue",))
    dimmed = judge.review((picture * 0.35).astype(np.uint8))
    assert dimmed.score.value < 60
    assert {"face.too_dark", "face.no_face", "face.no_eyes"} & set(dimmed.hints)


def test_two_people_count_although_one_hides_the_eyes(judge: PortraitJudge) -> None:
    picture, eyes = drawn(1)
    beside = portraits.dark_glasses(*drawn(4))
    assert judge.review(np.hstack([picture, beside])).hints == ("face.several_faces",)
    assert judge.review(np.hstack([portraits.shut(picture, eyes), picture])).hints == ("face.several_faces",)


def test_a_head_that_leaves_the_picture_is_told(judge: PortraitJudge) -> None:
    picture, _ = drawn(3)
    assert "face.crown_cut" in judge.review(np.ascontiguousarray(picture[200:])).hints
    low = cv2.copyMakeBorder(picture[:640], 300, 0, 0, 0, cv2.BORDER_REPLICATE)
    assert "face.chin_cut" in judge.review(low).hints


def results(features: FaceFeatures, pose: Pose | None = None) -> dict[PortraitCheck, CheckResult]:
    return {result.check: result for result in face_itself(features, pose, "yunet")}


GOOD = FaceFeatures(180, 0.9, 0.4, 220, 15, 0.01, 0.05, 0.01, 0.02, 0.8)


def test_what_cannot_be_told_is_neither_good_nor_bad() -> None:
    dim = FaceFeatures(180, 0.35, 0.4, 220, 5, None, 0.05, 0.01, None, None)
    assert {check for check, result in results(dim).items() if result.margin is None} == {
        PortraitCheck.EYES_OPEN,
        PortraitCheck.FACING,
        PortraitCheck.LEVEL,
        PortraitCheck.MOUTH_CLOSED,
        PortraitCheck.UNCOVERED,
    }
    assert not any(result.is_failed for result in results(dim).values())


def test_a_known_pose_is_judged_by_who_found_it() -> None:
    told = results(GOOD, Pose(20, -18))
    assert [(told[c].is_failed, told[c].method) for c in (PortraitCheck.FACING, PortraitCheck.LEVEL)] == [
        (True, "yunet"),
        (True, "yunet"),
    ]
    assert not any(result.is_failed for result in results(GOOD, Pose(4, 6)).values())
    assert results(GOOD)[PortraitCheck.LEVEL].margin is None
