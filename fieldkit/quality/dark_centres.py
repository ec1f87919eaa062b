"""Finds the middles of dark round things by voting along gradients (radial symmetry, Loy and Zelinsky 2003).

A glint inside a pupil, lashes over it or a lid that cuts it take some of the votes, never all.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from fieldkit.quality.circular_edge import Circle, Field, Pixels

_SMALLEST_PX, _LARGEST, _NEXT = 3.0, 0.3, 1.22  # radii: the first, of the short side, from one to the next
_VOTING = 74  # percentile of the gradient over which a pixel votes
_FAINTEST = 5.0  # gradient that is a mere trace of noise
_BLUR, _SPREAD = 1.2, 0.12
_PER_RADIUS = 3
_APART = 0.4  # of the smaller radius


def dark_centres(image: Pixels, most: int) -> tuple[Circle, ...]:
    """Return up to `most` circles that are darker than what surrounds them, the clearest first."""
    found: list[tuple[float, Circle]] = []
    for radius, votes in _votes(image):
        for _ in range(_PER_RADIUS):
            _, value, _, (x, y) = cv2.minMaxLoc(votes)
            found.append((value, Circle(float(x), float(y), radius)))
            cv2.circle(votes, (x, y), max(3, int(radius / 2)), 0, -1)
    found.sort(key=lambda scored: -scored[0])
    kept: list[Circle] = []
    for _, circle in found:
        if len(kept) < most and all(circle.distance_to(k) >= _APART * min(k.radius, circle.radius) for k in kept):
            kept.append(circle)
    return tuple(kept)


def _votes(image: Pixels) -> Iterator[tuple[float, Field]]:
    """Yield for each radius how much of such a circle lies around every pixel, 1 when all of it does."""
    height, width = image.shape
    smooth = cv2.GaussianBlur(np.asarray(image, dtype=np.float32), (0, 0), _BLUR)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    steep = cv2.magnitude(across, down)
    voting = steep > max(_FAINTEST, float(np.percentile(steep[::2, ::2], _VOTING)))
    y, x = np.nonzero(voting)
    if not len(x):
        return
    x_part, y_part = across[voting] / steep[voting], down[voting] / steep[voting]
    radius = _SMALLEST_PX
    while radius < _LARGEST * min(height, width):
        at_x, at_y = np.rint(x - radius * x_part).astype(np.int32), np.rint(y - radius * y_part).astype(np.int32)
        inside = (at_x >= 0) & (at_y >= 0) & (at_x < width) & (at_y < height)
        counts = np.bincount(at_y[inside] * width + at_x[inside], minlength=height * width)
        spread = max(1.0, _SPREAD * radius)
        votes = cv2.GaussianBlur(counts.reshape(height, width).astype(np.float32), (0, 0), spread)
        yield radius, np.asarray(votes * (spread**2 / radius), dtype=np.float32)
        radius *= _NEXT
