from __future__ import annotations

import numpy as np
import pytest

from drivers.simulators.subject import Condition, SyntheticSubject
from drivers.simulators.subject.presented import Image
from fieldkit.domain.recording.positions import FINGERS
from fieldkit.matching.alignment import liken
from fieldkit.matching.template import decode, encode, read_print
from tests.unit.fieldkit.matching.scattered import SKIN, scattered, template


def test_crowd_is_minutiae_by_area() -> None:
    assert template(scattered(1)).crowd == pytest.approx(30 / (400 * 25.4 / 500) ** 2)
    assert SKIN.area_mm2 == pytest.approx((400 * 25.4 / 500) ** 2)


def test_a_print_is_read(first: Image) -> None:
    found = read_print((first, 500))
    assert 15 <= len(found.minutiae) <= 80
    assert 0.1 < found.crowd < 0.5
    assert found.surroundings.seen.shape[0] == len(found.minutiae)


def ridges_of(phase: np.ndarray, noise: float = 25) -> np.ndarray:
    waves = 128 + 70 * np.sin(2 * np.pi * phase) + noise * np.random.default_rng(7).standard_normal(phase.shape)
    return np.clip(np.rint(waves), 0, 255).astype(np.uint8)


Y, X = np.mgrid[0:400, 0:300].astype(float)
OVAL = np.hypot(X - 150, 0.65 * (Y - 200))


@pytest.mark.parametrize(
    "phase",
    [OVAL / 9, np.log1p(0.01 * OVAL) / 0.07, OVAL / 9 + np.arctan2(Y - 200, X - 150) / (2 * np.pi)],
    ids=["oval rings", "widening rings", "spiral"],
)
def test_drawn_rings_are_bare_of_minutiae_also_under_noise(phase: np.ndarray) -> None:
    assert read_print((ridges_of(phase), 500)).is_bare
    corner = ridges_of(phase)[:180, :180]
    assert not read_print((corner, 500)).is_bare, "too little to see"


@pytest.mark.days
def test_no_print_of_a_finger_is_bare(first: Image, again: Image) -> None:
    others = [SyntheticSubject(31).finger(position, 0, Condition.GOOD) for position in FINGERS[:7]]
    assert not any(read_print((image, 500)).is_bare for image in (first, again, *others))


def test_a_blank_image_shows_nothing() -> None:
    found = read_print((np.full((300, 200), 200, np.uint8), 500))
    assert (len(found.minutiae), found.ground.area_mm2, found.crowd) == (0, 0, 0)


def test_a_kept_template_finds_its_finger(first: Image, again: Image) -> None:
    fresh, kept = read_print((again, 500)), decode(encode(read_print((first, 500))))
    found, before = liken(kept, fresh), liken(read_print((first, 500)), fresh)
    assert found.score == pytest.approx(before.score, rel=0.1)
    assert (kept.sketch == read_print((first, 500)).sketch).all()
    assert len(encode(kept)) < 8_000


def test_a_kept_template_is_what_it_was() -> None:
    one = template(scattered(3))
    kept = decode(encode(one))
    assert kept.minutiae[:, :2] == pytest.approx(one.minutiae[:, :2], abs=0.13)
    assert np.cos(kept.minutiae[:, 2] - one.minutiae[:, 2]).min() > 0.9999
    assert (kept.ground.skin == one.ground.skin).all()


@pytest.mark.parametrize("content", [b"", b"\2\0\0\0\0\0\0", encode(template(scattered(1)))[:-1]])
def test_what_is_no_template_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"template|buffer"):
        decode(content)
