"""The measures of our own prints as they were, and of drawings whose figures follow from their shape.

`tests/integration/published` compares with those that NIST published of its examples.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.recording.positions import Position
from fieldkit.quality.finger_blocks import find_region, measure, without_white_frame

Y, X = np.mgrid[0:256, 0:256].astype(float)
_SAMPLED = tuple(f"_Bin10_{number}" for number in range(10))


def drawn(grey: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


PRINTS = {  # columns of own_measures.csv: seed, finger and state
    "good": (5, Position.RIGHT_INDEX, Condition.GOOD),
    "worn": (8, Position.RIGHT_MIDDLE, Condition.WORN),
    "wet": (11, Position.RIGHT_THUMB, Condition.WET),
}


@pytest.mark.parametrize("state", PRINTS)
def test_every_measure_is_what_it_was(state: str) -> None:
    """Of prints of our own: NFIQ 2's figures of these are not known, a change of any of ours is seen.

    The band is for processors that round otherwise when a print is grown: a pixel in fifty by one level.
    """
    with Path(__file__).with_name("own_measures.csv").open(encoding="utf-8") as file:
        want = {row["measure"]: float(row[state]) for row in csv.DictReader(file)}
    seed, position, condition = PRINTS[state]
    have = measure(SyntheticSubject(seed).finger(position, 0, condition))
    assert have.keys() == want.keys()
    assert len(have) == 68  # all but the score and the four of another extractor's minutiae
    for name, value in have.items():
        counts, share = (5, 0.05) if name.startswith("RVUP") else (2, 0.01)
        band = (
            pytest.approx(want[name], abs=counts) if name.endswith(_SAMPLED) else pytest.approx(want[name], rel=share)
        )
        assert value == band, name


def test_straight_lines_of_eight_pixels() -> None:
    """Every column is ridge or valley as a whole, all widths are four, the direction never changes."""
    have = measure(drawn(128 + 80 * np.sin(2 * np.pi * (X + 0.5) / 8)))
    for name in ("OCL", "LCS", "RVUP"):
        assert (have[f"{name}_Bin10_Mean"], have[f"{name}_Bin10_StdDev"]) == (pytest.approx(1), pytest.approx(0)), name
    assert have["FDA_Bin10_Mean"] == pytest.approx(1, abs=0.01)  # four whole waves in 32 pixels: one frequency
    assert (have["OF_Bin10_Mean"], sum(have[f"OF_Bin10_{bin_}"] for bin_ in range(10))) == (0, 0)
    assert have["OrientationMap_ROIFilter_CoherenceSum"] == pytest.approx(64)  # of 8 × 8 squares


def test_straight_lines_of_nine_pixels_leave_the_frequencies_of_the_window() -> None:
    have = measure(drawn(128 + 80 * np.sin(2 * np.pi * X / 9)))
    assert have["FDA_Bin10_Mean"] == pytest.approx(0.3756, rel=0.01)  # 3.56 waves: two lines share the power
    assert have["RVUP_Bin10_Mean"] == pytest.approx(1.0308, rel=0.01)  # four pixels beside five
    assert have["RVUP_Bin10_StdDev"] == pytest.approx(0.2117, rel=0.01)


def test_rings_are_clear_but_turn() -> None:
    have = measure(drawn(128 + 80 * np.sin(2 * np.pi * np.hypot(X - 127.5, Y - 127.5) / 9)))
    figures = {"OCL": 0.9772, "LCS": 0.8968, "OF": 0.4228, "FDA": 0.3781, "RVUP": 1.038}
    for name, value in figures.items():
        assert have[f"{name}_Bin10_Mean"] == pytest.approx(value, rel=0.01), name


def test_a_weave_and_noise_have_no_direction() -> None:
    weave = measure(drawn(128 + 40 * np.sin(2 * np.pi * X / 9) + 40 * np.sin(2 * np.pi * Y / 9)))
    noise = measure(np.random.default_rng(1).integers(0, 256, (256, 256)).astype(np.uint8))
    assert max(weave["OCL_Bin10_Mean"], noise["OCL_Bin10_Mean"]) < 0.1
    assert noise["LCS_Bin10_Mean"] < 0.05  # ridges of one pixel are none


def test_twice_the_resolution_is_the_same_print() -> None:
    fine = measure(drawn(128 + 80 * np.sin(2 * np.pi * (np.tile(X, (2, 2)) + 0.5) / 16)), 1000)
    assert fine["OCL_Bin10_Mean"] == pytest.approx(1, abs=0.01)
    assert fine["RVUP_Bin10_Mean"] == pytest.approx(1, abs=0.02)


def test_the_white_frame_goes_but_for_one_line() -> None:
    framed = np.full((200, 300), 255, np.uint8)
    framed[50:150, 100:180] = 40
    assert without_white_frame(framed).shape == (102, 82)
    assert without_white_frame(np.full((40, 50), 255, np.uint8)).shape == (40, 50)


def test_the_region_is_the_largest_dark_one_without_holes() -> None:
    dark = np.full((400, 400), 250, np.uint8)
    dark[100:330, 80:300] = 60
    dark[5:30, 5:30] = 60
    dark[190:230, 180:200] = 250
    region = find_region(dark)
    assert region.mask[215, 190]
    assert not region.mask[15, 15]
    assert region.area_px == pytest.approx(230 * 220, rel=0.12)  # the blur takes the corners


@pytest.mark.parametrize("pixels", [np.full((300, 300), 255, np.uint8), np.zeros((300, 300), np.uint8)])
def test_nothing_on_the_glass_has_no_measures(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="too little"):
        measure(pixels)


def test_what_is_no_grey_image_is_refused() -> None:
    for wrong in (np.zeros((300, 300, 3), np.uint8), np.zeros((1, 300), np.uint8)):
        with pytest.raises(ValueError, match="no grey image"):
            measure(wrong)
    with pytest.raises(ValueError, match="no square"):
        measure(np.zeros((20, 300), np.uint8))
