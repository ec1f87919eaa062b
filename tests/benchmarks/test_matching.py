"""How often the matcher errs: false matches and false non-matches on synthetic fingers and on real prints."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.simulators.subject import Condition, SyntheticSubject
from drivers.simulators.subject.presented import Image
from fieldkit.domain.recording.positions import FINGERS, INDEX_FINGERS
from fieldkit.formats.images import decode_grey
from fieldkit.matching.alignment import Likeness, liken
from fieldkit.matching.matcher import Template, judge, read_print
from fieldkit.ports.matcher import MatchVerdict

PRINTS = Path(__file__).parents[3] / "shared" / "data" / "fingerprints"
PERSONS, IMPRESSIONS, IMPOSTORS = 10, 3, 150
MOST_FALSE_MATCHES, MOST_FALSE_NON_MATCHES, MOST_UNSAID = 0.0, 0.01, 0.05
needs_prints = pytest.mark.skipif(not PRINTS.exists(), reason="the real prints are not here")


def _template(image: Image, ppi: int = 500) -> Template:
    return read_print((image, ppi))


def _compare(one: Template, other: Template) -> Likeness:
    return liken(*one, *other)


def _rates(name: str, found: list[Likeness]) -> dict[MatchVerdict, float]:
    verdicts = [judge(likeness) for likeness in found]
    scores = sorted(likeness.paired * likeness.share for likeness in found)
    rates = {verdict: verdicts.count(verdict) / len(verdicts) for verdict in MatchVerdict}
    print(
        f"  {name}: {len(found)} pairs, scores {scores[0]:.1f} … {scores[len(scores) // 2]:.1f} … {scores[-1]:.1f}; "
        + ", ".join(f"{verdict.value} {rate:.1%}" for verdict, rate in rates.items())
    )
    return rates


def test_synthetic_fingers(capsys: pytest.CaptureFixture[str]) -> None:
    people = [
        SyntheticSubject(3000 + number, conditions=dict.fromkeys(FINGERS, Condition.GOOD)) for number in range(PERSONS)
    ]
    fingers = [(person, position) for person in people for position in INDEX_FINGERS]
    begun = time.perf_counter()
    prints = [[_template(p.finger(position, k)) for k in range(IMPRESSIONS)] for p, position in fingers]
    worn = [_template(p.finger(position, 7, Condition.WORN)) for p, position in fingers]
    grown = time.perf_counter() - begun
    others = list(combinations(range(len(fingers)), 2))
    random.Random(4).shuffle(others)
    with capsys.disabled():
        print()
        genuine = _rates("one finger twice", [_compare(a, b) for of in prints for a, b in combinations(of, 2)])
        begun = time.perf_counter()
        impostor = _rates("two fingers", [_compare(prints[a][0], prints[b][1]) for a, b in others[:IMPOSTORS]])
        took = (time.perf_counter() - begun) / IMPOSTORS
        rough = _rates("worn against good", [_compare(of[0], bad) for of, bad in zip(prints, worn, strict=True)])
        print(f"  growing and reading a print {1000 * grown / len(fingers) / 4:.0f} ms, comparing {1000 * took:.0f} ms")
    assert impostor[MatchVerdict.SAME] <= MOST_FALSE_MATCHES
    assert genuine[MatchVerdict.DIFFERENT] <= MOST_FALSE_NON_MATCHES
    assert genuine[MatchVerdict.UNCLEAR] <= MOST_UNSAID
    assert rough[MatchVerdict.DIFFERENT] <= 0.1


def _real(ppi_of_small: int) -> Iterator[tuple[Image, int]]:
    """Give each print and its ppi; the small ones were scanned from paper at about 280."""
    for file in sorted((*PRINTS.glob("*.pgm"), *PRINTS.glob("*.png"))):
        image = decode_grey(file.read_bytes())
        yield image, 500 if image.shape[0] > 300 else ppi_of_small


@needs_prints
def test_real_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """Each is there once: what stands for a second capture is turned, shifted, stretched and noisy."""
    noise = np.random.default_rng(8)
    real = list(_real(280))
    first = [_template(*one) for one in real]
    again = [[_template(_pressed_again(image, noise), ppi) for _ in range(4)] for image, ppi in real]
    pairs = list(combinations(range(len(real)), 2))
    with capsys.disabled():
        print()
        genuine = _rates(
            "a real finger, pressed again", [_compare(a, b) for a, of in zip(first, again, strict=True) for b in of]
        )
        impostor = _rates(
            "two real fingers", [_compare(first[a], b) for a, c in pairs for b in (first[c], again[c][0])]
        )
    assert impostor[MatchVerdict.SAME] <= MOST_FALSE_MATCHES
    assert genuine[MatchVerdict.DIFFERENT] <= MOST_FALSE_NON_MATCHES
    assert genuine[MatchVerdict.SAME] >= 0.75


@needs_prints
def test_prints_at_another_resolution_than_told_prove_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    first = [_template(*one) for one in _real(500)]
    with capsys.disabled():
        print()
        impostor = _rates("two real fingers, ppi wrong", [_compare(a, b) for a, b in combinations(first, 2)])
    assert impostor[MatchVerdict.SAME] == 0


def _pressed_again(image: Image, noise: np.random.Generator) -> Image:
    height, width = image.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x + _stretch(height, width, noise), y + _stretch(height, width, noise)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), noise.uniform(-10, 10), 1)
    turn[:, 2] += noise.uniform(-12, 12, 2)
    bent = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderValue=255)
    pressed = cv2.warpAffine(bent, turn, (width, height), borderValue=255).astype(np.float32)
    lit = pressed * noise.uniform(0.8, 1.1) + noise.normal(0, 7, pressed.shape)
    return np.asarray(np.clip(lit, 0, 255), np.uint8)


def _stretch(height: int, width: int, noise: np.random.Generator) -> NDArray[np.float32]:
    coarse = (2 * noise.standard_normal((4, 4))).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
