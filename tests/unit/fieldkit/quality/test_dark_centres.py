from __future__ import annotations

import cv2
import numpy as np
import pytest

from fieldkit.quality.circular_edge import Circle, Pixels
from fieldkit.quality.dark_centres import dark_centres


def disc(radius: int, inside: int = 30, outside: int = 150) -> Pixels:
    image = np.full((240, 320), outside, np.uint8)
    cv2.circle(image, (170, 110), radius, inside, -1, cv2.LINE_AA)
    return image


@pytest.mark.parametrize("radius", [6, 15, 40])
def test_a_dark_disc_comes_first(radius: int) -> None:
    (first, *_) = dark_centres(disc(radius), 4)
    assert first.distance_to(Circle(170, 110, radius)) <= 2
    assert first.radius == pytest.approx(radius, rel=0.25)


def test_a_glint_over_half_of_it_does_not_hide_it() -> None:
    image = disc(20)
    cv2.circle(image, (176, 108), 11, 250, -1, cv2.LINE_AA)
    assert dark_centres(image, 1)[0].distance_to(Circle(170, 110, 20)) <= 3


def test_what_is_brighter_inside_or_even_has_no_dark_centre() -> None:
    assert all(c.distance_to(Circle(170, 110, 1)) > 5 for c in dark_centres(disc(20, 200, 60), 2))
    assert dark_centres(np.full((120, 160), 90, np.uint8), 5) == ()
    assert dark_centres(np.zeros((1, 1), np.uint8), 5) == ()
