"""The table of the estimate against the measures from which it was made, and how far it can be trusted."""

from __future__ import annotations

import csv
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from support.published import FINGERPRINTS

from fieldkit.quality import finger_estimate
from fieldkit.quality.finger_estimate import no_finger

SCRIPT = Path(__file__).parents[3] / "packaging" / "calibrate_finger_quality.py"


@pytest.fixture(scope="module")
def calibration() -> ModuleType:
    spec = importlib.util.spec_from_file_location(SCRIPT.stem, SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks its module up
    spec.loader.exec_module(module)
    return module


def test_the_table_is_what_the_published_measures_give(calibration: ModuleType) -> None:
    real, _ = calibration.read(FINGERPRINTS)
    assert (len(real.scores), len(set(real.persons))) == (137, 97)
    kept = json.loads(calibration.TABLE.read_text("utf-8"))
    base, trees = calibration.fit(real.names, real.measures, real.scores)
    assert kept["names"] == real.names
    assert kept["base"] == pytest.approx(base, abs=1e-3)
    said = base + calibration.values(trees, real.measures)
    assert kept["base"] + calibration.values(kept["trees"], real.measures) == pytest.approx(said, abs=0.5)
    near = calibration.fit_bells(real.names, real.measures, real.scores)
    both = calibration.together(near.values(real.measures), said)
    rows = [dict(zip(real.names, row, strict=True)) for row in real.measures]
    assert [finger_estimate._estimate(row) for row in rows] == pytest.approx(both, abs=1), "the program reads it so"


def test_prints_outside_of_the_table_lean_to_its_mean(calibration: ModuleType) -> None:
    """NIST's synthetic examples are larger and clearer than any row: 54, 45, 53 in truth, 80 to 85 by trees."""
    _, examples = calibration.read(FINGERPRINTS)
    said = [finger_estimate._estimate(dict(zip(examples.names, row, strict=True))) for row in examples.measures]
    assert np.abs(said - examples.scores).max() < 20


@pytest.mark.days
def test_a_print_that_was_not_seen_is_within_ten_four_times_of_five(calibration: ModuleType) -> None:
    real, _ = calibration.read(FINGERPRINTS)
    said = calibration.cross_validate(real, 1)
    assert (np.abs(said - real.scores) <= 10).mean() >= 0.83
    assert np.abs(said - real.scores).mean() < 6.2


def test_real_measures_are_never_refused() -> None:
    with (FINGERPRINTS / "nfiq2-measures.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["QualityScore"] != "NA"]
    bins = ("FDA_Bin10_Mean", "FDA_Bin10_StdDev", "OCL_Bin10_Mean", "OF_Bin10_Mean")
    names = (*bins, "OrientationMap_ROIFilter_CoherenceRel")
    assert [no_finger({name: float(row[name]) for name in names}) for row in rows] == [None] * 137
