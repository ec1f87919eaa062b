"""NIST's algorithm in processes of its own: its score is its own, and what crashes or hangs costs a score only."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import nbis
import numpy as np
import pytest

from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.recording.capture import QualityScore
from fieldkit.domain.recording.positions import FINGERS, RIGHT_FOUR, Position
from fieldkit.quality.finger_blocks import Pixels
from fieldkit.quality.finger_estimate import Nfiq2, installed_nfiq2

PERSON = SyntheticSubject(5)
# Answers like a worker, by the height of the picture.
ODD = """
import os, struct, sys, time
while head := sys.stdin.buffer.read(8):
    height, width = struct.unpack(">II", head)
    sys.stdin.buffer.read(height * width)
    if height == 2: os.kill(os.getpid(), 9)
    if height == 3: time.sleep(3600)
    said = {4: struct.pack(">i", 255), 5: struct.pack(">i", -1), 6: b"no"}.get(height, struct.pack(">i", height))
    sys.stdout.buffer.write(said)
    sys.stdout.buffer.flush()
    if height == 6: break
"""


@pytest.fixture(autouse=True, scope="module")
def _prints_are_estimated() -> None:
    """Here they are not."""


@pytest.fixture(scope="module")
def nfiq2() -> Iterator[Nfiq2]:
    made = installed_nfiq2()
    assert made is not None
    yield made
    made.close()


@pytest.fixture
def odd() -> Iterator[Nfiq2]:
    made = Nfiq2((sys.executable, "-I", "-S", "-c", ODD), stalled_s=0.5)
    yield made
    made.close()


def high(height: int) -> tuple[Pixels, int]:
    return np.full((height, 10), 7, np.uint8), 500


def grown(position: Position) -> Pixels:
    return np.asarray(PERSON.finger(position, 0, Condition.GOOD), np.uint8)


def nist(pixels: Pixels) -> int:
    settings = nbis.NbisExtractorSettings(
        min_quality=0.0, get_center=False, check_fingerprint=False, compute_nfiq2=True, ppi=500.0
    )
    picture = b"P5 %d %d 255\n" % pixels.shape[::-1] + pixels.tobytes()
    return int(nbis.new_nbis_extractor(settings).extract_minutiae(picture).quality().score)


@pytest.mark.days
def test_each_print_of_a_slap_has_the_score_of_the_algorithm_itself(nfiq2: Nfiq2) -> None:
    prints = [grown(position) for position in RIGHT_FOUR]
    found = nfiq2.scores([(pixels, 500) for pixels in prints])
    assert found == [QualityScore(nist(pixels), "NFIQ2", "2.3") for pixels in prints]
    assert len({score.value for score in found if score}) > 1


def test_another_resolution_is_brought_to_that_of_the_algorithm(nfiq2: Nfiq2) -> None:
    pixels = grown(FINGERS[1])
    once, again = nfiq2.scores([(pixels, 500), (np.repeat(np.repeat(pixels, 2, 0), 2, 1), 1000)])
    assert once is not None
    assert again is not None
    assert abs(once.value - again.value) <= 3


@pytest.mark.parametrize("pixels", [np.zeros((5, 5), np.uint8), np.zeros((300, 300), np.uint8), np.zeros((9, 9, 3))])
def test_what_is_no_print_has_no_score_and_the_next_one_has(nfiq2: Nfiq2, pixels: Pixels) -> None:
    assert nfiq2.scores([(pixels, 500)]) == [None]
    assert nfiq2.scores([(grown(Position.RIGHT_INDEX), 500)]) != [None]


def test_a_crash_and_an_endless_run_cost_a_score_only(odd: Nfiq2) -> None:
    heights = (50, 2, 60, 3, 70, 4, 5, 6, 80)
    values = [score and score.value for score in odd.scores([high(each) for each in heights])]
    assert values == [50, None, 60, None, 70, None, None, None, 80]


def test_what_cannot_be_started_gives_no_score() -> None:
    gone = Nfiq2(("/nowhere/python",))
    assert gone.scores([high(50)]) == [None]
    gone.close()


@pytest.mark.days
def test_workers_are_ready_before_the_first_print_and_end(odd: Nfiq2) -> None:
    odd.prepare()
    begun = [worker._process for worker in odd._workers]
    assert odd.scores([high(50)] * 8) == [QualityScore(50, "NFIQ2", "2.3")] * 8
    assert [worker._process for worker in odd._workers] == begun
    odd.close()
    assert all(process is not None and process.returncode is not None for process in begun)


@pytest.mark.days
def test_without_the_package_nothing_is_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldkit.quality.finger_estimate.find_spec", lambda _name: None)
    assert installed_nfiq2() is None
