"""How much ink a signature holds. A line is accepted (a subject who cannot write draws one), so its length decides."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

from fieldkit.domain.recording.samples import QualityScore
from fieldkit.ports.devices import Signature

ALGORITHM = "ink-length"
VERSION = "1"
LINE_MM = 15  # a deliberate line; from here on the signature is good
GOOD_SCORE = 60


def score_signature(signature: Signature) -> QualityScore:
    """Return 60 for ink as long as a short line, 100 from three times that on, less for a dot."""
    length = ink_length_mm(signature)
    if length < LINE_MM:
        value = GOOD_SCORE * length / LINE_MM
    else:
        value = GOOD_SCORE + (100 - GOOD_SCORE) * min(1.0, (length - LINE_MM) / (2 * LINE_MM))
    return QualityScore(int(value), ALGORITHM, VERSION)


def ink_length_mm(signature: Signature) -> float:
    """Return how far the pen travelled while it was down."""
    steps = (pair for stroke in signature.strokes for pair in pairwise(stroke))
    return sum(hypot(b.x_um - a.x_um, b.y_um - a.y_um) for a, b in steps) / 1000
