"""Calibrate the estimate of the NFIQ 2.3 score on NIST's published measures: `python packaging/calibrate_… FOLDER`.

FOLDER holds `nfiq2-measures.csv` and the example prints' `*.measures.txt`. Prints the figures of docs/quality.md from a
cross-validation that never splits a person, then writes assets/tables/kualitas_jari.json. The same input gives the same
table. Bells (a network of Gaussians; Broomhead and Lowe, 1988) over groups of like prints lean to the mean where no
print was seen; boosted trees of two levels (Friedman, 1999), on 60 % of the prints and 30 % of the measures, hold them.
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.floating[Any]]
Tree = tuple[float, ...]  # measure, limit, then for each side: measure, limit, value below, value above

TABLE = Path(__file__).parents[1] / "assets" / "tables" / "kualitas_jari.json"
TREES, RATE, ROWS, SHARE, LEAST = 200, 0.06, 0.6, 0.3, 4
GROUPS, REACH, EVENNESS, ROUNDS = 40, 1.1, 0.05, 50
ABOVE = 4.0  # points that the bells may say more than the trees
# More of it is never worse.
_RISING = ("SufficientFingerprintForeground", "OrientationMap_ROIFilter_CoherenceSum")
# Not what NFIQ 2 takes (sizes of the file, minutiae of its own extractor, times), or twice the same.
_LEFT_OUT = ("FingerJetFX", "FJFX", "FingerprintImage", "UniformImage", "EmptyImage")


@dataclass(frozen=True, slots=True)
class Prints:
    """Measures (prints, names), NFIQ 2.3 scores and persons."""

    names: list[str]
    measures: Reals
    scores: Reals
    persons: list[str]


def read(folder: Path) -> tuple[Prints, Prints]:
    """Return the real prints that have a score, and the synthetic examples."""
    with (folder / "nfiq2-measures.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["QualityScore"] != "NA"]
    first = list(rows[0]).index("FDA_Bin10_0")
    names = [name for name in list(rows[0])[first:] if not name.endswith("Speed") and not name.startswith(_LEFT_OUT)]
    names.append("SufficientFingerprintForeground")
    examples = []
    for path in sorted(folder.glob("*.measures.txt")):
        lines = (line.split(": ") for line in path.read_text("utf-8").splitlines() if line)
        examples.append(dict(lines) | {"Filename": "example"})
    for row in examples:
        row["QualityScore"] = row["UnifiedQualityScore"]
    return _prints(rows, names), _prints(examples, names)


def _prints(rows: list[dict[str, str]], names: list[str]) -> Prints:
    measures = np.array([[float(row[name]) for name in names] for row in rows])
    scores = np.array([float(row["QualityScore"]) for row in rows])
    return Prints(names, measures, scores, [row["Filename"].split("_")[0] for row in rows])


def fit(names: list[str], measures: Reals, scores: Reals) -> tuple[float, list[Tree]]:
    """Return the mean and the trees that are added to it."""
    rng = np.random.default_rng(1)
    rising = np.array([name in _RISING for name in names])
    base = float(scores.mean())
    said = np.full(len(scores), base)
    trees: list[Tree] = []
    for _ in range(TREES):
        rows = rng.permutation(len(scores))[: int(ROWS * len(scores))]
        some, left = measures[rows], (scores - said)[rows]
        root = _split(some, left, rng, rising)
        if root is None:
            continue
        below = some[:, root[0]] <= root[1]
        tree: Tree = (*root, *_leaves(some[below], left[below], root, rng, rising))
        tree += _leaves(some[~below], left[~below], root, rng, rising)
        trees.append(tuple(float(f"{number:.6g}") for number in tree))
        said = said + values(trees[-1:], measures)
    return base, trees


def _leaves(
    measures: Reals, left: Reals, root: tuple[int, float], rng: np.random.Generator, rising: NDArray[np.bool_]
) -> Tree:
    split = _split(measures, left, rng, rising)
    if split is None:
        return (*root, RATE * float(left.mean()), RATE * float(left.mean()))
    below = measures[:, split[0]] <= split[1]
    return (*split, RATE * float(left[below].mean()), RATE * float(left[~below].mean()))


def _split(
    measures: Reals, left: Reals, rng: np.random.Generator, rising: NDArray[np.bool_]
) -> tuple[int, float] | None:
    """Return the measure and limit that part `left` best."""
    some = rng.permutation(measures.shape[1])[: int(SHARE * measures.shape[1])]
    count = len(left)
    if count < 2 * LEAST:
        return None
    order = np.argsort(measures[:, some], 0, kind="stable")
    value = np.take_along_axis(measures[:, some], order, 0)
    sums = np.cumsum(left[order], 0)
    below = np.arange(1, count)[:, None]
    gain = sums[:-1] ** 2 / below + (sums[-1] - sums[:-1]) ** 2 / (count - below) - sums[-1] ** 2 / count
    gain[(value[1:] <= value[:-1]) | (below < LEAST) | (count - below < LEAST)] = -1
    falls = sums[:-1] / below > (sums[-1] - sums[:-1]) / (count - below)
    gain[falls & rising[some]] = -1
    row, column = np.unravel_index(int(gain.argmax()), gain.shape)
    if gain[row, column] <= 0:
        return None
    return int(some[column]), float(value[row, column] + value[row + 1, column]) / 2


def values(trees: list[Tree], measures: Reals) -> Reals:
    """Return the sum of the trees for each print."""
    total = np.zeros(len(measures))
    for root, limit, *sides in trees:
        below, above = (
            np.where(measures[:, int(side[0])] <= side[1], side[2], side[3]) for side in (sides[:4], sides[4:])
        )
        total += np.where(measures[:, int(root)] <= limit, below, above)
    return total


def counted(names: list[str]) -> NDArray[np.bool_]:
    """Return which measures are counts of squares, whose roots vary alike at every size."""
    return np.array(["_Bin10_" in name and name[-1].isdigit() for name in names])


@dataclass(frozen=True, slots=True)
class Bells:
    """Groups of like prints: `values` is near the scores of the nearest groups, and `base` far from all of them."""

    counted: NDArray[np.bool_]
    middle: Reals
    deviation: Reals
    groups: Reals  # (groups, measures), in deviations from the middle
    weights: Reals
    base: float

    def values(self, measures: Reals) -> Reals:
        """Return the estimate for each print (prints, measures)."""
        return np.asarray(self.base + bells(self._even(measures), self.groups) @ self.weights)

    def _even(self, measures: Reals) -> Reals:
        return (np.where(self.counted, np.sqrt(np.abs(measures)), measures) - self.middle) / self.deviation


def bells(some: Reals, groups: Reals) -> Reals:
    """Return 1 where a print (rows) is like the group (columns), towards 0 the less it is."""
    return np.asarray(np.exp(-((some[:, None] - groups[None]) ** 2).mean(2) / (2 * REACH**2)))


def fit_bells(names: list[str], measures: Reals, scores: Reals) -> Bells:
    """Return bells over the means of like prints; whoever is like nobody makes no group."""
    roots = np.where(counted(names), np.sqrt(np.abs(measures)), measures)
    middle, deviation = roots.mean(0), roots.std(0)
    deviation[deviation == 0] = 1
    some = (roots - middle) / deviation
    groups = _groups(some)
    near, among, base = bells(some, groups), bells(groups, groups), float(scores.mean())
    even = near.T @ near + EVENNESS * among + 1e-6 * np.eye(len(groups))
    weights = np.linalg.solve(even, near.T @ (scores - base))
    return Bells(counted(names), middle, deviation, groups, weights, base)


def _groups(some: Reals) -> Reals:
    """Return the means of groups of two prints and more (Lloyd, 1982); each begins at the print farthest away."""
    middles = some[[int((some**2).sum(1).argmin())]]
    while len(middles) < GROUPS:
        apart = ((some[:, None] - middles[None]) ** 2).sum(2).min(1)
        middles = np.vstack((middles, some[int(apart.argmax())]))
    for _ in range(ROUNDS):
        nearest = ((some[:, None] - middles[None]) ** 2).sum(2).argmin(1)
        middles = np.array(
            [some[nearest == group].mean(0) for group in range(len(middles)) if (nearest == group).any()]
        )
    sizes = np.bincount(nearest, minlength=len(middles))
    return middles[sizes > 1]


def together(near: Reals, trees: Reals) -> Reals:
    """Return what the bells say, little above the trees at most: poor prints that are like no other stay poor."""
    return np.minimum(near, trees + ABOVE)


def cross_validate(real: Prints, seed: int) -> Reals:
    """Return each print's estimate by bells and trees that never saw its person (ten parts)."""
    persons = sorted(set(real.persons))
    part_of = dict(zip(persons, np.random.default_rng(seed).permutation(len(persons)) % 10, strict=True))
    parts = np.array([part_of[person] for person in real.persons])
    said = np.zeros(len(parts))
    for part in range(10):
        seen = parts != part
        known = real.names, real.measures[seen], real.scores[seen]
        base, trees = fit(*known)
        said[~seen] = together(
            fit_bells(*known).values(real.measures[~seen]), base + values(trees, real.measures[~seen])
        )
    return np.asarray(np.clip(np.rint(said), 0, 100))


def figures(said: Reals, true: Reals) -> str:
    """Return error, share within ten, rank correlation and bias in words."""
    off = said - true
    ranks = [_ranks(part) for part in (said, true)]
    return (
        f"MAE {np.abs(off).mean():.2f}, within 10: {(np.abs(off) <= 10).mean():.3f}, "
        f"rank correlation {np.corrcoef(*ranks)[0, 1]:.3f}, bias {off.mean():+.2f}"
    )


def _ranks(said: Reals) -> Reals:
    """Return ranks, the middle one for equal values."""
    ordered = np.sort(said)
    return np.asarray((np.searchsorted(ordered, said) + np.searchsorted(ordered, said, side="right")) / 2)


def main(folder: Path) -> None:
    """Print the figures and write the table."""
    real, examples = read(folder)
    sys.stdout.write(f"{len(real.scores)} prints of {len(set(real.persons))} persons, {len(real.names)} measures\n")
    for seed in range(5):
        sys.stdout.write(f"parts {seed}: {figures(cross_validate(real, seed), real.scores)}\n")
    base, trees = fit(real.names, real.measures, real.scores)
    near = fit_bells(real.names, real.measures, real.scores)
    alone = np.rint(together(near.values(examples.measures), base + values(trees, examples.measures)))
    sys.stdout.write(f"synthetic examples: {alone.tolist()} for {examples.scores.tolist()}\n")
    table = {
        "names": real.names,
        "base": round(base, 4),
        "above": ABOVE,
        "reach": REACH,
        "counted": near.counted.astype(int).tolist(),
        "middle": _short(near.middle, 5),
        "deviation": _short(near.deviation, 5),
        "weights": _short(near.weights, 6),
        "groups": [_short(group, 3) for group in near.groups],
        "trees": trees,
    }
    TABLE.write_text(json.dumps(table, separators=(",", ":")).replace("],[", "],\n[") + "\n", "utf-8")


def _short(numbers: Reals, digits: int) -> list[float]:
    return [float(f"{number:.{digits}g}") for number in numbers]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
