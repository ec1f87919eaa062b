"""Endings and forks are found where they are, and nothing else."""

from __future__ import annotations

import cv2
import numpy as np

from drivers.simulators.subject.presented import Image
from fieldkit.matching.minutiae import find_minutiae
from fieldkit.matching.ridges import Ridges, find_ridges


def _drawn(*lines: tuple[tuple[int, int], tuple[int, int]], width: int = 4) -> Ridges:
    """Return ridges of these lines only, (x, y) to (x, y), on skin all over, running to the right."""
    paper = np.zeros((200, 200), np.uint8)
    for start, end in lines:
        cv2.line(paper, start, end, 255, width)
    return Ridges(np.zeros(paper.shape), np.ones(paper.shape), np.ones(paper.shape, bool), paper > 0)


def test_an_ending_lies_at_the_end_and_looks_along_its_ridge() -> None:
    found = find_minutiae(_drawn(((0, 100), (120, 100))))
    assert len(found) == 1
    assert np.hypot(*(found[0, :2] - (120, 100))) < 4
    assert abs(np.cos(found[0, 2]) + 1) < 0.01, "to the left, where the ridge is"


def test_a_fork_is_one_minutia() -> None:
    found = find_minutiae(_drawn(((0, 100), (100, 100)), ((100, 100), (199, 60)), ((100, 100), (199, 140))))
    assert len(found) == 1
    assert np.hypot(*(found[0, :2] - (100, 100))) < 6


def test_what_ends_at_the_edge_of_the_skin_is_cut_off() -> None:
    cut = _drawn(((0, 100), (199, 100)))
    cut.skin[:, 120:] = False
    cut.lines[:, 120:] = False
    assert len(find_minutiae(cut)) == 0


def test_a_torn_ridge_is_none() -> None:
    assert len(find_minutiae(_drawn(((0, 100), (96, 100)), ((101, 100), (199, 100)), width=1))) == 0


def test_a_print_has_as_many_as_prints_have(first: Image) -> None:
    assert 15 <= len(find_minutiae(find_ridges(first, 500))) <= 80


def test_a_blank_image_has_none() -> None:
    assert find_minutiae(find_ridges(np.full((300, 200), 200, np.uint8), 500)).shape == (0, 3)
