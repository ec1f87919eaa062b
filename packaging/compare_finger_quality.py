"""Compare the estimate of a print's quality with NFIQ 2: `python packaging/compare_finger_quality.py FOLDER[=PPI] …`

Each folder holds the pictures of one sensor, of 500 ppi unless stated. Needs `nbis-py`. Prints a line for each sensor:
how near the estimate is, how many prints that reach the policy's limit it refuses, and how many that do not it lets
pass; and whether the scores of `Nfiq2`, which works in processes of its own, are those of `nbis-py` called directly.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import nbis
import numpy as np
from calibrate_finger_quality import figures

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import CapturePolicy
from fieldkit.formats.images import decode_grey
from fieldkit.quality.finger_blocks import PPI, Pixels, at_500_ppi
from fieldkit.quality.finger_estimate import Nfiq2, review

Print = tuple[Pixels, int]


def main(told: list[str]) -> None:
    """Print the figures of each folder and of all together."""
    judge, all_said, all_true = Nfiq2(), [], []
    for each in told:
        folder, _, ppi = each.partition("=")
        if not (prints := list(prints_of(Path(folder), int(ppi or PPI)))):
            sys.exit(f"{folder}: no picture can be read; PNG, JPEG, PGM, BMP and WSQ can")
        scores, said = judge.scores(prints), [review(*one).score.value for one in prints]
        kept = [(mine, score.value) for mine, score in zip(said, scores, strict=True) if score is not None]
        equal = sum((score.value if score else None) == direct(*one) for one, score in zip(prints, scores, strict=True))
        sys.stdout.write(f"{Path(folder).name}: {in_words(*zip(*kept, strict=True))}; equal {equal}/{len(prints)}\n")
        all_said += [mine for mine, _ in kept]
        all_true += [score for _, score in kept]
    judge.close()
    sys.stdout.write(f"all: {in_words(all_said, all_true)}\n")


def prints_of(folder: Path, ppi: int) -> Iterator[Print]:
    """Yield grey pixels and ppi of each picture of a folder."""
    for file in sorted(folder.iterdir()):
        try:
            yield decode_grey(file.read_bytes()), ppi
        except InputError as error:
            sys.stderr.write(f"{file}: {error}\n")


def direct(pixels: Pixels, ppi: int) -> int | None:
    """Return the score of `nbis-py` in this process, None where it gives none."""
    image = at_500_ppi(pixels, ppi)
    settings = nbis.NbisExtractorSettings(
        min_quality=0.0, get_center=False, check_fingerprint=False, compute_nfiq2=True, ppi=500.0
    )
    content = b"P5 %d %d 255\n" % image.shape[::-1] + image.tobytes()
    try:
        score = int(nbis.new_nbis_extractor(settings).extract_minutiae(content).quality().score)
    except nbis.NbisError:
        return None
    return score if 0 <= score <= 100 else None


def in_words(said: tuple[int, ...] | list[int], true: tuple[int, ...] | list[int]) -> str:
    """Return how near one score is to the other, and on which side of the policy's limit."""
    one, other = np.array(said, float), np.array(true, float)
    least = CapturePolicy("").fingers.enough
    refused, passed = ((one < least) & (other >= least)).sum(), ((one >= least) & (other < least)).sum()
    good = (other >= least).sum()
    return (
        f"{len(one)} prints, {figures(one, other)}, "
        f"refused {refused} of {good} good, passed {passed} of {len(one) - good} bad"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
