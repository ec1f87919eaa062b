from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from fieldkit.quality import finger_estimate

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


def test_the_table_is_what_the_published_measures_give(calibration: ModuleType, shared_data: Path) -> None:
    real, _ = calibration.read(shared_data / "fingerprints")
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


def test_prints_outside_of_the_table_lean_to_its_mean(calibration: ModuleType, shared_data: Path) -> None:
    """NIST's synthetic examples are larger and clearer than any row: 54, 45, 53 in truth, 80 to 85 by trees."""
    _, examples = calibration.read(shared_data / "fingerprints")
    said = [finger_estimate._estimate(dict(zip(examples.names, row, strict=True))) for row in examples.measures]
    assert np.abs(said - examples.scores).max() < 20


def test_bells_say_the_score_of_like_prints_and_the_mean_far_away(calibration: ModuleType) -> None:
    rng = np.random.default_rng(2)
    measures = rng.uniform(0, 1, (120, 3))
    names = ["A_Bin10_0", "b", "c"]
    scores = 100 * measures[:, 1]
    near = calibration.fit_bells(names, measures, scores)
    assert near.counted.tolist() == [True, False, False]
    assert np.corrcoef(near.values(measures), scores)[0, 1] > 0.9
    assert near.values(np.full((1, 3), 50.0)) == pytest.approx(scores.mean())
    assert calibration.together(np.array([80.0, 30]), np.array([20.0, 40])).tolist() == [24, 30]


def test_whoever_is_like_nobody_makes_no_group(calibration: ModuleType) -> None:
    some = np.vstack((np.random.default_rng(2).normal(0, 1, (90, 3)), [[40, 40, 40]]))
    assert np.abs(calibration._groups(some)).max() < 10


@pytest.mark.days
def test_a_print_that_was_not_seen_is_within_ten_four_times_of_five(calibration: ModuleType, shared_data: Path) -> None:
    real, _ = calibration.read(shared_data / "fingerprints")
    said = calibration.cross_validate(real, 1)
    assert (np.abs(said - real.scores) <= 10).mean() >= 0.83
    assert np.abs(said - real.scores).mean() < 6.2


def test_trees_learn_a_rule_and_never_let_more_area_be_worse(calibration: ModuleType) -> None:
    rng = np.random.default_rng(2)
    measures = rng.uniform(0, 1, (120, 4))
    names = ["a", "b", "c", "SufficientFingerprintForeground"]
    scores = 100 * measures[:, 0] - 60 * measures[:, 3]
    base, trees = calibration.fit(names, measures, scores)
    assert np.corrcoef(base + calibration.values(trees, measures), scores)[0, 1] > 0.75
    assert not [tree for tree in trees if tree[0] == 3 and tree[2] == 3]  # no tree of the falling measure alone


def test_figures_are_those_of_the_words(calibration: ModuleType) -> None:
    said = calibration.figures(np.array([10.0, 20, 40, 90]), np.array([0.0, 20, 51, 80]))
    assert said == "MAE 7.75, within 10: 0.750, rank correlation 1.000, bias +2.25"
