"""Error rates of a matcher from the scores of genuine and impostor pairs, and the tail of the impostors drawn on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_TAIL = 0.02  # share of the impostors that stands for their tail


def equal_error(genuine: Sequence[float], impostor: Sequence[float]) -> float:
    """Return the rate at which as many genuine pairs fall below as impostors reach."""
    one, other = np.sort(genuine), np.sort(impostor)
    at = np.concatenate((one, other))
    missed = np.searchsorted(one, at) / len(one)
    passed = 1 - np.searchsorted(other, at) / len(other)
    return float(np.maximum(missed, passed).min())


def missed_at(genuine: Sequence[float], threshold: float) -> float:
    """Return the share of genuine pairs below a threshold."""
    return float((np.asarray(genuine) < threshold).mean())


def tail_score(impostor: Sequence[float], rate: float) -> float:
    """Return the score that impostors reach at this rate: a generalised Pareto distribution over the highest 2 %.

    Its two parameters come from probability-weighted moments (Hosking and Wallis, 1987).
    """
    scores = np.sort(np.asarray(impostor, np.float64))
    count = max(30, int(len(scores) * _TAIL))
    if count >= len(scores):
        raise ValueError("too few impostors")
    start = scores[-count - 1]
    above: NDArray[np.float64] = scores[-count:] - start
    first = above.mean()
    second = (above * (1 - (np.arange(1, count + 1) - 0.35) / count)).mean()
    shape = first / (first - 2 * second) - 2  # 0 is exponential, above 0 the tail ends
    scale = 2 * first * second / (first - 2 * second)
    left = rate * len(scores) / count
    if abs(shape) < 1e-6:
        return float(start - scale * np.log(left))
    return float(start + scale / shape * (1 - left**shape))
