"""How many minutiae a print has and on what ground they stand, as NFIQ 2 counts those of its own extractor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldkit.quality.finger_blocks import BLOCK, Pixels, gradient_products, orientation_certainty
from fieldkit.quality.finger_measures import without_white_frame

_HALF_PX = 100  # of the square around the middle of all minutiae
_CERTAIN = 0.8


def minutiae_measures(pixels: Pixels, places: NDArray[np.floating[Any]]) -> dict[str, float]:
    """Return count, count near their middle, shares on middling dark and on certain ground; `places` (n, 2…) x, y."""
    if not len(places) or min(pixels.shape) < BLOCK:
        return dict.fromkeys(("Minutiae_Count", "Minutiae_CountCOM", "Minutiae_Mu_2", "Minutiae_OCL_80"), 0.0)
    points = places[:, :2].astype(int)
    near = np.all(np.abs(points - points.mean(0).astype(int)) <= _HALF_PX, axis=1)
    inner = without_white_frame(pixels)
    mean, deviation = float(inner.mean()), max(float(inner.std()), 1e-6)
    squares = [_around(pixels, x, y) for x, y in points]
    darker = np.array([(mean - float(square.mean())) / deviation for square in squares])
    certain = [
        float(found[0]) if len(found := orientation_certainty(gradient_products(square), square.shape)) else 0.0
        for square in squares
    ]
    return {
        "Minutiae_Count": float(len(points)),
        "Minutiae_CountCOM": float(near.sum()),
        "Minutiae_Mu_2": float(((darker > 0) & (darker <= 0.5)).mean()),
        "Minutiae_OCL_80": float((np.array(certain) > _CERTAIN).mean()),
    }


def _around(pixels: Pixels, x: int, y: int) -> Pixels:
    """Return the square around a place, moved inwards at the edge."""
    height, width = pixels.shape
    top = min(max(y - BLOCK // 2, 0), height - BLOCK)
    left = min(max(x - BLOCK // 2, 0), width - BLOCK)
    return pixels[top : top + BLOCK, left : left + BLOCK]
