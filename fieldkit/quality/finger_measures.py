"""The quality measures of ISO/IEC 29794-4 of one print, with the names and units of NIST's NFIQ 2.3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fieldkit.quality.finger_blocks import (
    BLOCK,
    Blocks,
    Pixels,
    Reals,
    coherence,
    cut_blocks,
    frequency_domain,
    gradient_products,
    local_clarity,
    orientation_certainty,
    orientation_flow,
    uniformity,
)

PPI = 500
_WHITE = 250  # rows and columns at the edge with a lighter mean hold nothing
_LEAST_SQUARES = 10  # with fewer NFIQ 2 states no measures either
_BOUNDS: Mapping[str, tuple[float, ...]] = {
    "FDA": (0.268, 0.304, 0.33, 0.355, 0.38, 0.407, 0.44, 0.50, 1),
    "LCS": (0, 0.70, 0.74, 0.77, 0.79, 0.81, 0.83, 0.85, 0.87),
    "OCL": (0.337, 0.479, 0.579, 0.655, 0.716, 0.766, 0.81, 0.852, 0.898),
    "OF": (0.01715, 0.035, 0.0557, 0.081, 0.115, 0.1718, 0.2569, 0.4758, 0.748),
    "RVUP": (0.5, 0.667, 0.8, 1, 1.25, 1.5, 2, 24, 30),
}


@dataclass(frozen=True, slots=True)
class Region:
    """Where the print lies: `mask` (height, width), how many pixels, their mean grey."""

    mask: NDArray[np.bool_]
    area_px: int
    mean: float


def measure(pixels: Pixels, ppi: int = PPI) -> dict[str, float]:
    """Return the measures of a grey print (height, width), dark ridges. Raise `ValueError` when nothing lies there."""
    return measure_squares(at_500_ppi(pixels, ppi))[0]


def measure_squares(pixels: Pixels) -> tuple[dict[str, float], Blocks]:
    """Return the measures of a print of 500 ppi, and its squares. Raise `ValueError` when nothing lies there."""
    print_ = without_white_frame(pixels)
    blocks = cut_blocks(print_)
    if np.count_nonzero(blocks.skin) < _LEAST_SQUARES:
        raise ValueError("too little of a print")
    region = find_region(print_)
    products = gradient_products(print_)
    agrees = coherence(products)[_touched(region.mask)]
    measures = {
        "UniformImage": float(print_.std()),
        "EmptyImageOrContrastTooLow": float(print_.mean()),
        "SufficientFingerprintForeground": float(region.area_px),
        "ImgProcROIArea_Mean": region.mean,
        "MMB": _mean_of_means(print_),
        "Mu": float(print_.mean()),
        "OrientationMap_ROIFilter_CoherenceRel": float(agrees.mean()) if len(agrees) else 0.0,
        "OrientationMap_ROIFilter_CoherenceSum": float(agrees.sum()),
    }
    for name, values in (
        ("FDA", frequency_domain(blocks)),
        ("LCS", local_clarity(blocks)),
        ("OCL", orientation_certainty(products, print_.shape)),
        ("OF", orientation_flow(blocks)),
        ("RVUP", uniformity(blocks)),
    ):
        measures |= _spread(name, values)
    return measures, blocks


def at_500_ppi(pixels: Pixels, ppi: int) -> Pixels:
    """Return the print drawn at 500 ppi. Raise `ValueError` for pixels that are no grey image."""
    if pixels.ndim != 2 or ppi <= 0 or min(pixels.shape) < 2:
        raise ValueError("no grey image of a print")
    if ppi == PPI:
        return np.ascontiguousarray(pixels)
    size = [max(2, round(side * PPI / ppi)) for side in pixels.shape]
    how = cv2.INTER_AREA if ppi > PPI else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (size[1], size[0]), interpolation=how), dtype=np.uint8)


def without_white_frame(pixels: Pixels) -> Pixels:
    """Return the print without the white rows and columns around it, but for the last one at each side."""
    edges = []
    for axis in (1, 0):
        dark = np.flatnonzero(pixels.mean(axis) <= _WHITE)
        side = pixels.shape[1 - axis]
        edges.append((max(dark[0] - 1, 0), min(dark[-1] + 2, side)) if len(dark) else (0, side))
    (top, bottom), (left, right) = edges
    return np.ascontiguousarray(pixels[top:bottom, left:right])


def find_region(pixels: Pixels) -> Region:
    """Find the largest dark area: eroded, blurred and cut by Otsu's threshold twice, its holes closed."""
    # At half the size, which is eight times cheaper; 6.5 and 14 pixels of blur are NFIQ 2's.
    dark = cv2.erode(pixels, np.ones((5, 5), np.uint8))
    half = (max(1, pixels.shape[1] // 2), max(1, pixels.shape[0] // 2))
    dark = cv2.GaussianBlur(cv2.resize(dark, half, interpolation=cv2.INTER_AREA), (21, 21), 6.5 / 2)
    cut = cv2.threshold(dark, 0, 255, cv2.THRESH_OTSU)[1]
    cut = cv2.threshold(cv2.GaussianBlur(cut, (45, 45), 14 / 2), 0, 255, cv2.THRESH_OTSU)[1]
    outlines, tree = cv2.findContours(cv2.bitwise_not(cut), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    for number in range(len(outlines)):
        if tree[0][number][3] != -1:
            cv2.drawContours(cut, outlines, number, (0,), cv2.FILLED)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((cut == 0).astype(np.uint8), connectivity=4)
    if count < 2:
        return Region(np.zeros(pixels.shape, bool), 0, 255.0)
    boxes = stats[1:, cv2.CC_STAT_WIDTH] * stats[1:, cv2.CC_STAT_HEIGHT]
    largest = (labels == 1 + int(boxes.argmax())).astype(np.uint8)
    mask = cv2.resize(largest, pixels.shape[::-1], interpolation=cv2.INTER_NEAREST).astype(bool)
    return Region(mask, int(mask.sum()), float(pixels[mask].mean()))


def _touched(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    rows, columns = (np.arange(0, side, BLOCK) for side in mask.shape)
    return np.asarray(np.logical_or.reduceat(np.logical_or.reduceat(mask, rows, 0), columns, 1))


def _mean_of_means(pixels: Pixels) -> float:
    rows, columns = (np.arange(0, side, BLOCK) for side in pixels.shape)
    sums = np.add.reduceat(np.add.reduceat(pixels.astype(np.float64), rows, 0), columns, 1)
    high, wide = (np.diff(np.append(at, side)) for at, side in zip((rows, columns), pixels.shape, strict=True))
    return float((sums / np.outer(high, wide)).mean())


def _spread(name: str, values: Reals) -> dict[str, float]:
    """Return ten bins, mean and deviation."""
    finite: NDArray[Any] = values if len(values) else np.zeros(1)
    bins = np.bincount(np.searchsorted(_BOUNDS[name], values, side="right"), minlength=10)
    said = {f"{name}_Bin10_{number}": float(count) for number, count in enumerate(bins)}
    return said | {f"{name}_Bin10_Mean": float(finite.mean()), f"{name}_Bin10_StdDev": float(finite.std())}
