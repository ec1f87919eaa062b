"""How the portrait checks judge pictures that were labelled by eye, one line per label and check.

    python packaging/measure_portraits.py LABELS.csv [--fit]

A line of LABELS.csv is `path,label`. Labels: good (frontal, eyes open, mouth closed), mouth, shut, turned, glasses
(dark), mask, bare (nothing over nose and mouth). Portraits of `good` are also composed: two people side by side, red
pupils, heads turned and bent by known angles (`turned_heads.py`). `--fit` prints the weights of the cover, fitted to
`mask` against all others. Pictures stay where they are; nothing of them is kept.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from turned_heads import turned

from fieldkit.domain.recording.biodata import PortraitCheck
from fieldkit.formats.images import decode_colour
from fieldkit.quality.face import FaceReview, PortraitJudge
from fieldkit.quality.face_features import cover_measures, lay_out
from fieldkit.quality.face_networks import FaceFinder

FACE_ITSELF = (
    PortraitCheck.ONE_FACE,
    PortraitCheck.EYES,
    PortraitCheck.EYES_OPEN,
    PortraitCheck.GAZE,
    PortraitCheck.RED_EYES,
    PortraitCheck.FACING,
    PortraitCheck.LEVEL,
    PortraitCheck.MOUTH_CLOSED,
    PortraitCheck.UNCOVERED,
)
ANGLES = ((22, 0), (-22, 0), (30, 0), (-30, 0), (0, 22), (0, -22), (0, 30), (0, -30))  # yaw, pitch
STRAIGHT_DEG = 6.0  # only heads that are straight themselves are turned by a known angle
LEAST_EYE_PX = 40  # smaller ones are composed badly
HEIGHT = 480

judge, finder = PortraitJudge(decode_colour), FaceFinder()


def main() -> None:
    """Judge all pictures and print the tables."""
    said = argparse.ArgumentParser()
    said.add_argument("labels", type=Path)
    said.add_argument("--fit", action="store_true")
    told = said.parse_args()
    with told.labels.open(encoding="utf-8", newline="") as file:
        rows = [(path, label) for path, label in csv.reader(file)]
    if told.fit:
        fit_cover(rows)
        return
    reviews: dict[str, list[FaceReview]] = defaultdict(list)
    good: list[np.ndarray] = []
    for path, label in rows:
        picture = read(path)
        if picture is None:
            continue
        review = judge.review(picture)
        reviews[label].append(review)
        if label == "good" and is_straight(review):
            good.append(picture)
    for label, review in composed(good):
        reviews[label].append(review)
    for label, found in reviews.items():
        show(label, found)


def read(path: str) -> np.ndarray | None:
    """Return the RGB pixels of a picture, None for what OpenCV cannot read."""
    picture = cv2.imread(path)
    return None if picture is None else np.ascontiguousarray(picture[:, :, ::-1])


def is_straight(review: FaceReview) -> bool:
    """Return whether a head may be turned by a known angle."""
    measures = review.measures
    return (
        review.eyes is not None
        and review.quarter_turns == 0
        and review.eyes.distance >= LEAST_EYE_PX
        and max(abs(measures["yaw_deg"]), abs(measures["pitch_deg"])) <= STRAIGHT_DEG
    )


def composed(good: list[np.ndarray]) -> Iterator[tuple[str, FaceReview]]:
    """Yield what was composed of good portraits: pairs of people, heads turned and bent, red pupils."""
    for one, other in zip(good[::2], good[1::2], strict=False):
        yield "two people", judge.review(np.hstack([at_height(one), at_height(other)]))
    for at, picture in enumerate(good):
        face = finder.find(picture).landmarks
        if face is None:
            continue
        yaw, pitch = ANGLES[at % len(ANGLES)]
        label = "yaw" if yaw else "pitch"
        yield f"{label} {abs(yaw or pitch)}°", judge.review(turned(picture, face, yaw, pitch))
        red = picture.copy()
        for eye in (face.right, face.left):
            radius = 0.6 * float(np.linalg.norm(eye.iris[1:] - eye.iris[0], axis=1).mean())
            cv2.circle(red, tuple(np.rint(eye.iris[0]).astype(int)), max(1, round(radius)), (190, 40, 40), -1)
        yield "red pupils", judge.review(red)


def at_height(picture: np.ndarray) -> np.ndarray:
    """Return a picture at the height at which two are laid side by side."""
    width = max(1, round(picture.shape[1] * HEIGHT / picture.shape[0]))
    return np.asarray(cv2.resize(picture, (width, HEIGHT), interpolation=cv2.INTER_AREA))


def show(label: str, reviews: list[FaceReview]) -> None:
    """Print how many of a label are refused and asked about for the face itself, and by which checks."""
    count = len(reviews)
    nobody = refused = asked = good = 0
    bad, look = Counter[str](), Counter[str]()
    for review in reviews:
        nobody += "face.no_face" in review.hints
        answers = {result.check: result.answer for result in review.results}
        face = [answers[check] for check in FACE_ITSELF if check in answers]
        refused += "bad" in face
        asked += "bad" not in face and "look" in face
        good += review.score.value >= 60
        bad.update(str(check) for check, answer in answers.items() if answer == "bad")
        look.update(str(check) for check, answer in answers.items() if answer == "look")
    print(
        f"{label}: {count} pictures, no face {nobody}, for the face itself refused {refused / count:.1%}, "
        f"asked {asked / count:.1%}; 60 and more {good / count:.1%}"
    )
    print("   bad: ", shares(bad, count))
    print("   look:", shares(look, count))


def shares(counted: Counter[str], count: int) -> str:
    """Return shares of all, the largest first."""
    return ", ".join(f"{name} {times / count:.1%}" for name, times in counted.most_common()) or "none"


def fit_cover(rows: Iterable[tuple[str, str]]) -> None:
    """Fit the logistic regression of the cover, both classes weighing the same, and print it."""
    measures, masked = [], []
    for path, label in rows:
        picture = read(path)
        face = None if picture is None else finder.find(picture).landmarks
        if picture is not None and face is not None and face.eyes.distance > LEAST_EYE_PX / 2:
            measures.append(cover_measures(lay_out(picture, face), face.sure))
            masked.append(label == "mask")
    told, is_mask = np.array(measures), np.array(masked, float)
    mean, spread = told.mean(axis=0), told.std(axis=0) + 1e-9
    units = np.column_stack(((told - mean) / spread, np.ones(len(told))))
    weight = np.where(is_mask > 0, 0.5 / is_mask.sum(), 0.5 / (1 - is_mask).sum())
    found, small = np.zeros(units.shape[1]), np.append(np.full(told.shape[1], 1e-3), 0)
    for _ in range(60):
        odds = 1 / (1 + np.exp(-units @ found))
        slope = units.T @ (weight * (odds - is_mask)) + small * found
        bend = (units * (weight * odds * (1 - odds))[:, None]).T @ units + np.diag(small + 1e-9)
        found -= np.linalg.solve(bend, slope)
    print("weights", np.round(found[:-1] / spread, 2).tolist())
    print("shift", round(float(found[-1] - (found[:-1] / spread * mean).sum()), 2))


if __name__ == "__main__":
    main()
