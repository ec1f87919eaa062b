"""An estimate of the NFIQ 2.3 score of a print from the measures of ISO/IEC 29794-4, with what would make it better.

How it was calibrated and how far it can be trusted stands in docs/quality.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fieldkit.domain.recording.samples import QualityScore
from fieldkit.quality.finger_blocks import BLOCK, Blocks, Pixels
from fieldkit.quality.finger_measures import PPI, at_500_ppi, measure_squares

Reals = NDArray[np.floating[Any]]
ALGORITHM, VERSION = "iso29794-4-estimate", "2"
TOO_REGULAR = "finger.too_regular"  # why a pattern is no finger's
GOOD = 60  # from here on there is nothing to advise
_MOST_PX = 6_000_000  # 155 cm² at 500 ppi; the glass for a whole slap has 62
_BLANK = 6.0  # grey levels of deviation of a whole image that shows nothing
# What real prints never are: of 137 the frequency spreads 0.12 at least (drawings 0.02), the certainty is 0.41 at
# least (weave 0.02) and 0.86 at most (drawn rings 0.99), a single frequency holds 0.68 of a square's power at most
# (photograph, bandage 0.9), and from square to square the direction turns by 0.12 at least (wood, straight lines 0.03).
_LEAST_SPREAD, _LEAST_CERTAINTY, _LEAST_COHERENCE, _MOST_IN_ONE = 0.05, 0.3, 0.15, 0.75
_MOST_CERTAINTY, _LEAST_TURN = 0.96, 0.06
# The width of ridges differs over a print: of a whole one 0.49 of the power at most lies within 5 % of one frequency,
# of any piece of it 0.56; of herringbones, coarse checks and most rings 0.7 and more, whatever noise lies over them.
_SPECTRUM_PX, _MOST_OF_ONE_WIDTH = 512, 0.6
# Change of grey from pixel to pixel against its deviation: 0.4 where ridges are sharp, 0.05 out of focus.
_BLURRED, _SHARP, _SOFT = 0.02, 0.25, 0.3
_FAINT, _STRONG = 2.0, 18.0  # grey levels of deviation inside a square
_SMALL_PX = 55_000  # 142 mm²; one real print in ten is smaller
_WET, _DRY = 110.0, 195.0  # mean grey of the region
_PRESSED = 0.8  # dry ridges are few but dark, those hardly pressed are whole and pale


@dataclass(frozen=True, slots=True)
class FingerReview:
    """The score, all measures by NFIQ 2's names, and message keys of what would make the print better (`ways`)."""

    score: QualityScore
    measures: Mapping[str, float]
    ways: tuple[str, ...] = ()
    refused: str = ""  # why this is no print at all; the score is 0 then

    @property
    def advice(self) -> tuple[str, ...]:
        """Return what to advise by the estimate alone: of a good print nothing."""
        return self.ways if self.score.value < GOOD else ()


@dataclass(frozen=True, slots=True)
class _Table:
    """What `packaging/calibrate_finger_quality.py` wrote: bells over groups of like prints, and trees."""

    names: tuple[str, ...]
    base: float
    trees: Reals  # (trees, 10): measure, limit, then for each side measure, limit, below, above
    counted: NDArray[np.bool_]  # counts of squares: their roots are compared
    middle: Reals
    deviation: Reals
    groups: Reals  # (groups, measures), in deviations from the middle
    weights: Reals
    reach: float
    above: float  # points that the bells may say more than the trees


def review(pixels: Pixels, ppi: int = PPI) -> FingerReview:
    """Judge a grey print (height, width). Raise `ValueError` for pixels that are no grey image."""
    if ppi > 0 and pixels.size * (PPI / ppi) ** 2 > _MOST_PX:  # would take gigabytes
        return _refused({}, "finger.too_large")
    print_ = at_500_ppi(pixels, ppi)
    if float(print_.std()) < _BLANK:
        return _refused({}, "finger.nothing")
    try:
        measures, blocks = measure_squares(print_)
    except ValueError:
        return _refused({}, "finger.small")
    sharpness, deviation = _sharpness(blocks)
    if (reason := no_finger(measures)) is not None:
        return _refused(measures, reason)
    if one_width(print_) > _MOST_OF_ONE_WIDTH:
        return _refused(measures, TOO_REGULAR)
    clear = min(1.0, max(0.0, (sharpness - _BLURRED) / (_SHARP - _BLURRED)))
    strong = min(1.0, max(0.0, (deviation - _FAINT) / (_STRONG - _FAINT)))
    value = round(min(100.0, max(0.0, _estimate(measures))) * clear * strong)
    ways = tuple(_ways(measures, sharpness, strong))
    return FingerReview(QualityScore(value, ALGORITHM, VERSION), measures, ways)


def _refused(measures: Mapping[str, float], reason: str) -> FingerReview:
    return FingerReview(QualityScore(0, ALGORITHM, VERSION), measures, (reason,), reason)


def no_finger(measures: Mapping[str, float]) -> str | None:
    """Return the message key of why these measures are no finger's, or None."""
    if measures["FDA_Bin10_Mean"] > _MOST_IN_ONE:
        return "finger.no_ridges"
    if measures["OCL_Bin10_Mean"] < _LEAST_CERTAINTY:
        return "finger.no_direction"
    if measures["OrientationMap_ROIFilter_CoherenceRel"] < _LEAST_COHERENCE:
        return "finger.no_direction"
    if measures["FDA_Bin10_StdDev"] < _LEAST_SPREAD or measures["OCL_Bin10_Mean"] > _MOST_CERTAINTY:
        return TOO_REGULAR
    if measures["OF_Bin10_Mean"] < _LEAST_TURN:
        return TOO_REGULAR
    return None


def one_width(pixels: Pixels) -> float:
    """Return the share 0 … 1 of a picture's power that lies within 5 % of one frequency, whatever its direction.

    The power of even noise is left out.
    """
    size = _SPECTRUM_PX
    middle = tuple(slice(max(0, (length - size) // 2), max(0, (length - size) // 2) + size) for length in pixels.shape)
    waves = pixels[middle].astype(np.float32)
    waves -= cv2.blur(waves, (41, 41))
    down, across = (np.hanning(length).astype(np.float32) for length in waves.shape)
    plate = np.zeros((size, size), np.float32)
    plate[: waves.shape[0], : waves.shape[1]] = waves * down[:, None] * across
    # Packed: from the second column on the real and the imaginary part of each frequency stand side by side.
    spectrum = cv2.dft(plate)[:, 1:-1]
    waves = spectrum[:, ::2] ** 2 + spectrum[:, 1::2] ** 2
    radius, count = _radii(size)
    power = np.bincount(radius, waves.ravel(), minlength=size)
    noise = float(np.median((power / count)[round(0.38 * size) : round(0.48 * size)]))
    below = np.concatenate(([0.0], np.cumsum(np.maximum(power - noise * count, 0))))
    whole = below[round(0.45 * size)] - below[size // 30]
    least, most = (np.rint(np.arange(size // 16, size // 4) * by).astype(int) for by in (0.95, 1.05))
    return float((below[most + 1] - below[least]).max() / max(whole, 1e-6))


@cache
def _radii(size: int) -> tuple[NDArray[np.int_], Reals]:
    """Return the whole frequency (cycles a plate) of each place of half a spectrum, and how many places each has. What
    does not change across is left out; the window spreads it over the next column.
    """
    across, down = np.arange(1, size // 2), np.fft.fftfreq(size, 1 / size)
    radius = np.rint(np.hypot(down[:, None], across[None])).astype(int).ravel()
    return radius, np.maximum(np.bincount(radius, minlength=size), 1)


def _sharpness(blocks: Blocks) -> tuple[float, float]:
    """Return the medians over the squares of a print: change of grey against its deviation, and the deviation."""
    power = blocks.power[blocks.skin]
    ratio = blocks.change[blocks.skin] / np.maximum(power, 1)
    return float(np.median(ratio)), float(np.median(np.sqrt(power / BLOCK**2)))


def _ways(measures: Mapping[str, float], sharpness: float, strong: float) -> Iterator[str]:
    is_blurred, before = sharpness < _SOFT, False
    for is_so, key in (
        (measures["SufficientFingerprintForeground"] < _SMALL_PX, "finger.small"),
        (measures["ImgProcROIArea_Mean"] < _WET, "finger.wet"),
        (strong < _PRESSED and not is_blurred, "finger.light"),
        (strong >= _PRESSED and measures["ImgProcROIArea_Mean"] > _DRY, "finger.dry"),
        (is_blurred, "finger.blurred"),
    ):
        if is_so:
            before = True
            yield key
    if not before:
        yield "finger.unclear"


def _estimate(measures: Mapping[str, float]) -> float:
    table = _table()
    have = np.array([measures[name] for name in table.names])
    return min(_by_groups(table, have), _by_trees(table, have) + table.above)


def _by_groups(table: _Table, have: Reals) -> float:
    """Return near the scores of like prints, and their mean where none was seen."""
    even = (np.where(table.counted, np.sqrt(np.abs(have)), have) - table.middle) / table.deviation
    alike = np.exp(-((table.groups - even) ** 2).mean(1) / (2 * table.reach**2))
    return table.base + float(alike @ table.weights)


def _by_trees(table: _Table, have: Reals) -> float:
    root, limit, low, low_at, below, above, high, high_at, under, over = table.trees.T
    left = np.where(have[low.astype(int)] <= low_at, below, above)
    right = np.where(have[high.astype(int)] <= high_at, under, over)
    return table.base + float(np.where(have[root.astype(int)] <= limit, left, right).sum())


@cache
def _table() -> _Table:
    kept = json.loads(files("assets").joinpath("tables/kualitas_jari.json").read_text("utf-8"))
    return _Table(
        names=tuple(kept["names"]),
        base=float(kept["base"]),
        trees=np.array(kept["trees"]),
        counted=np.array(kept["counted"], bool),
        middle=np.array(kept["middle"]),
        deviation=np.array(kept["deviation"]),
        groups=np.array(kept["groups"]),
        weights=np.array(kept["weights"]),
        reach=float(kept["reach"]),
        above=float(kept["above"]),
    )
