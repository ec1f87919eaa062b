"""What ISO/IEC 29794-4 measures on squares of a print, on all squares at once.

Sizes and limits are those of NIST's NFIQ 2.3 for 500 ppi, also where the standard leaves them open, since its published
figures are what these are checked against: squares of 32 pixels (1.6 mm), turned so that the ridges stand upright,
of which 32 × 16 pixels are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Reals = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

BLOCK = 32
_SLANTED = 16  # the short side of what is looked at
_BORDER = 2  # a turned 32 × 16 fits into 36 × 36
_WINDOW = BLOCK + 2 * _BORDER
_FOREGROUND = 0.1  # of the image's deviation
_RIDGE_PX, _VALLEY_PX = (3.0, 10.0), (2.0, 10.0)  # mean widths of what may be ridges and valleys
_LEAST_TURN_DEG = 4.0  # between neighbours: less is no change of the flow
_SUBPIXEL = 1024  # places are rounded to these parts of a pixel, then to the pixel, as OpenCV turns images


@dataclass(frozen=True, slots=True)
class Blocks:
    """The squares of a print that has a border of two pixels around them, `angle` (rows, columns) across the ridges.

    `change` is the sum of the squared gradients, `power` that of the squared deviations from the square's mean.
    `skin` says where a print lies; `upright` and `shifted` are the turned squares there, (squares, 16, 32), the second
    by two pixels aside and black outside the window, as NFIQ 2 takes it for the uniformity; `along` (squares, 32, 16)
    is turned by a right angle more.
    """

    angle: Reals
    skin: Mask
    change: Reals
    power: Reals
    upright: Reals
    shifted: Reals
    along: Reals


def cut_blocks(pixels: Pixels) -> Blocks:
    """Cut a print of 500 ppi into squares. Raise `ValueError` when it holds no square."""
    rows, columns = ((side - 2 * _BORDER) // BLOCK for side in pixels.shape)
    if rows < 1 or columns < 1:
        raise ValueError("no square of a print")
    inner = pixels[_BORDER : _BORDER + rows * BLOCK, _BORDER : _BORDER + columns * BLOCK]
    xx, yy, xy = gradient_products(inner)
    # NFIQ 2 takes the product once where the standard's formula takes it twice.
    angle = np.asarray(0.5 * np.arctan2(xy, xx - yy))
    skin = _foreground(pixels, rows, columns)
    top, left = (BLOCK * part for part in np.nonzero(skin))
    turn = angle[skin]
    wide, high = (_SLANTED, BLOCK), (BLOCK, _SLANTED)
    squares = inner.reshape(rows, BLOCK, columns, BLOCK).astype(np.float32)
    return Blocks(
        angle,
        skin,
        xx + yy,
        np.asarray(squares.var((1, 3)) * BLOCK * BLOCK),
        _turned(pixels, top, left, turn, 0, wide),
        _turned(pixels, top, left, turn, _BORDER, wide),
        _turned(pixels, top, left, turn + np.pi / 2, _BORDER, high),
    )


def gradient_products(pixels: Pixels) -> tuple[Reals, Reals, Reals]:
    """Return the sums of gx², gy² and gx·gy per square; each square's edge sees nothing of its neighbour."""
    grey = pixels.astype(np.float32)
    across = _gradient(grey)
    down = _gradient(np.ascontiguousarray(grey.T)).T
    starts = [np.arange(0, side, BLOCK) for side in pixels.shape]
    xx, yy, xy = (
        np.add.reduceat(np.add.reduceat(part, starts[0], 0), starts[1], 1, dtype=np.float64)
        for part in (across * across, down * down, across * down)
    )
    return xx, yy, xy


def _gradient(grey: Reals) -> Reals:
    """Return central differences along a row, one-sided ones at the edges of squares."""
    change = np.zeros_like(grey)
    step = grey[:, 1:] - grey[:, :-1]
    change[:, 1:-1] = (step[:, 1:] + step[:, :-1]) / 2
    first = np.arange(0, grey.shape[1], BLOCK)
    last = np.minimum(first + BLOCK, grey.shape[1]) - 1
    is_wide = last > first
    change[:, first[is_wide]] = step[:, first[is_wide]]
    change[:, last[is_wide]] = step[:, last[is_wide] - 1]
    change[:, first[~is_wide]] = 0
    return change


def _foreground(pixels: Pixels, rows: int, columns: int) -> Mask:
    grey = pixels.astype(np.float64)
    starts = [np.arange(0, side, BLOCK) for side in pixels.shape]
    sizes = np.outer(*(np.diff(np.append(at, side)) for at, side in zip(starts, pixels.shape, strict=True)))
    mean, power = (
        np.add.reduceat(np.add.reduceat(part, starts[0], 0), starts[1], 1) / sizes for part in (grey, grey * grey)
    )
    deviation = np.sqrt(np.maximum(power - mean * mean, 0))
    is_ridged = deviation > _FOREGROUND * grey.std()
    # A square lies two pixels off those that were asked: all that it touches must be skin.
    is_ridged = np.pad(is_ridged, ((0, 1), (0, 1)), constant_values=True)
    whole = is_ridged[:-1, :-1] & is_ridged[1:, :-1] & is_ridged[:-1, 1:] & is_ridged[1:, 1:]
    return np.asarray(whole[:rows, :columns])


def _turned(
    pixels: Pixels, top: NDArray[Any], left: NDArray[Any], angle: Reals, aside: int, shape: tuple[int, int]
) -> Reals:
    """Return the middle of each window turned by its angle, nearest pixel, black outside the window."""
    middle = _WINDOW // 2
    y, x = (np.arange(side) + middle - side // 2 for side in shape)
    centre = middle + aside
    cosine, sine = np.cos(angle)[:, None], np.sin(angle)[:, None]
    places = []
    for first, second in ((cosine, -sine), (sine, cosine)):
        origin = centre - (first + second) * centre
        along = np.rint(first * x * _SUBPIXEL).astype(np.int32)
        base = np.rint((second * y + origin) * _SUBPIXEL).astype(np.int32) + _SUBPIXEL // 2
        places.append(((base[:, :, None] + along[:, None, :]) >> 10) - aside)
    source_x, source_y = places
    # The window reaches `aside` pixels further, where the image goes on.
    least, most = -aside, _WINDOW + aside
    is_inside = (source_x >= least) & (source_x < most) & (source_y >= least) & (source_y < most)
    source_y += top[:, None, None]
    source_x += left[:, None, None]
    is_inside &= (source_x >= 0) & (source_x < pixels.shape[1]) & (source_y >= 0) & (source_y < pixels.shape[0])
    flat = np.where(is_inside, source_y * pixels.shape[1] + source_x, 0)
    return np.asarray(np.where(is_inside, pixels.ravel()[flat], 0), dtype=np.float32)


def frequency_domain(blocks: Blocks) -> Reals:
    """Return how much of the power across the ridges stands in one frequency (FDA, 0 … 1) per square."""
    profile = blocks.along.mean(2, dtype=np.float64)
    power = np.abs(np.fft.rfft(profile, axis=1))
    # The spectrum of a real profile is even: 1 … 15 stand for the whole, 16 is the middle.
    peak = power[:, 1:17].argmax(1) + 1
    line = np.arange(len(power))
    beside = power[line, peak - 1] + power[line, np.where(peak == 16, 15, np.minimum(peak + 1, 16))]
    share = (power[line, peak] + 0.3 * beside) / np.maximum(power[:, 1:16].sum(1), 1e-12)
    return np.asarray(np.where(peak == 1, 1.0, share))


def local_clarity(blocks: Blocks) -> Reals:
    """Return how few pixels of ridges and valleys have the other's grey (LCS, 0 … 1) per square."""
    is_ridge, line = _ridges(blocks.upright)
    places, at = np.nonzero(is_ridge[:, 1:] != is_ridge[:, :-1])
    is_first = np.diff(places, prepend=-1) != 0
    width = np.where(is_first, at, np.diff(at, prepend=0))
    count, total = np.zeros((2, len(is_ridge))), np.zeros((2, len(is_ridge)))
    kind = is_ridge[places, at].astype(int)
    np.add.at(count, (kind, places), 1)
    np.add.at(total, (kind, places), width)
    valley, ridge = total / np.maximum(count, 1)
    is_clear = (ridge >= _RIDGE_PX[0]) & (ridge <= _RIDGE_PX[1]) & (valley >= _VALLEY_PX[0]) & (valley <= _VALLEY_PX[1])
    above = (blocks.upright >= line[:, None, :]).mean(1)
    wrong = [
        (np.where(side, share, 0)).sum(1) / np.maximum(side.sum(1), 1)
        for side, share in ((is_ridge, above), (~is_ridge, 1 - above))
    ]
    return np.asarray(np.where(is_clear, 1 - (wrong[0] + wrong[1]) / 2, 0.0))


def uniformity(blocks: Blocks) -> Reals:
    """Return the ratios of neighbouring ridges' and valleys' widths (RVU) of all squares."""
    is_ridge, _ = _ridges(blocks.shifted)
    places, at = np.nonzero(is_ridge[:, 1:-1] != is_ridge[:, :-2])
    changes = np.bincount(places, minlength=len(is_ridge))
    start = np.concatenate(([0], np.cumsum(changes)[:-1]))
    order = np.arange(len(places)) - start[places]
    n = changes[places]
    # Width j reaches from change j to j + 1; incomplete ones at both ends and the first complete one do not count.
    later = np.flatnonzero((order >= 2) & (order <= n - 2))
    width = at[later + 1] - at[later]
    before = at[later] - at[later - 1]
    begins = is_ridge[places[later], at[start[places[later]]] + 1]
    is_inverse = (n[later] - 2 - order[later]) % 2 == begins
    return np.asarray(np.where(is_inverse, before / width, width / before))


def _ridges(squares: Reals) -> tuple[Mask, Reals]:
    """Return which columns are darker than the straight line through all columns' means, and that line."""
    profile = squares.mean(1, dtype=np.float64)
    x = np.arange(1, profile.shape[1] + 1, dtype=np.float64)
    mean = profile.mean(1)
    slope = (profile - mean[:, None]) @ (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    level = np.round(mean - slope * x.mean(), 10)
    line = np.round(slope, 10)[:, None] * x + level[:, None]
    return profile < line, line


def orientation_flow(blocks: Blocks) -> Reals:
    """Return how far the direction turns against all neighbours beyond 4° (OF), where all of them are skin."""
    around = np.pad(blocks.angle, 1)
    rows, columns = blocks.angle.shape
    change = sum(
        np.abs(around[1 + down : 1 + down + rows, 1 + right : 1 + right + columns] - blocks.angle)
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
    )
    inside = cv2.erode(np.pad(blocks.skin, 1).astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0)[1:-1, 1:-1]
    least, most = np.deg2rad(_LEAST_TURN_DEG), np.deg2rad(90)
    turn = np.asarray(change)[inside.astype(bool)] / 8
    return np.asarray((turn[turn > least] - least) / (most - least))


def orientation_certainty(products: tuple[Reals, Reals, Reals], shape: tuple[int, ...]) -> Reals:
    """Return how much stronger the grey changes across than along (OCL, 0 … 1) per whole square."""
    rows, columns = (side // BLOCK for side in shape)
    xx, yy, xy = (part[:rows, :columns].ravel() for part in products)
    root = np.sqrt((xx - yy) ** 2 + 4 * xy * xy)
    is_used = xx + yy + root > 0
    return np.asarray(1 - ((xx + yy - root)[is_used] / (xx + yy + root)[is_used]))


def coherence(products: tuple[Reals, Reals, Reals]) -> Reals:
    """Return how well the gradients of each square agree, 0 … 1."""
    xx, yy, xy = products
    return np.asarray(np.sqrt((xx - yy) ** 2 + 4 * xy * xy) / np.maximum(xx + yy, 1e-12))


# The quality measures of ISO/IEC 29794-4 of one print, with the names and units of NIST's NFIQ 2.3.

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
