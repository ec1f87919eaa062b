"""Endings and forks are found where they are, and nothing else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from drivers.simulators.subject import Condition, SyntheticSubject
from drivers.simulators.subject.presented import Image
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.matching.alignment import liken
from fieldkit.matching.minutiae import ReadPrints, Template, decode, encode, find_minutiae, read_print
from fieldkit.matching.ridges import Pixels, Ridges, find_ridges
from tests.unit.fieldkit.matching.scattered import SKIN, scattered, template


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


def sample(data: bytes) -> Sample:
    return Sample(Position.RIGHT_INDEX, SampleFormat.ISO_19794_4, data, QualityScore(80, "uji"))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was decoded, one entry a time."""

    def found(image: tuple[Pixels, int]) -> Template:
        if image[1] == 0:
            raise ValueError("no grey image of a print")
        return template(scattered(image[1]))

    monkeypatch.setattr("fieldkit.matching.minutiae.read_print", found)
    return []


def prints(read: list[bytes]) -> ReadPrints:
    def decode(one: Sample) -> tuple[Pixels, int]:
        read.append(one.data)
        if one.data == b"broken":
            raise InputError("format.not_a_print")
        return scattered(1).astype("uint8"), 1

    return ReadPrints(decode)


def test_a_print_is_read_once_and_its_image_spares_decoding(read: list[bytes]) -> None:
    known = prints(read)
    assert known.of(sample(b"one")) is known.of(sample(b"one")) is not None
    assert known.of(sample(b"two"), (scattered(2).astype("uint8"), 2)) is known.of(sample(b"two"))
    assert read == [b"one"]


def test_what_is_no_print_is_none_and_not_tried_again(read: list[bytes]) -> None:
    known = prints(read)
    assert known.of(sample(b"broken")) is known.of(sample(b"broken")) is None
    assert known.of(sample(b"line"), (scattered(2).astype("uint8"), 0)) is None
    assert read == [b"broken"]


def test_older_prints_are_pushed_out(read: list[bytes]) -> None:
    known = prints(read)
    for number in range(25):
        known.of(sample(bytes([number])))
    known.of(sample(bytes([24])))
    known.of(sample(bytes([0])))
    assert len(read) == 26


def test_a_print_that_was_forgotten_is_decoded_again(read: list[bytes]) -> None:
    known = prints(read)
    known.of(sample(b"a"))
    known.forget()
    known.of(sample(b"a"))
    assert read == [b"a", b"a"]


def test_crowd_is_minutiae_by_area() -> None:
    assert template(scattered(1)).crowd == pytest.approx(30 / (400 * 25.4 / 500) ** 2)
    assert SKIN.area_mm2 == pytest.approx((400 * 25.4 / 500) ** 2)


def test_a_print_is_read(first: Image) -> None:
    found = read_print((first, 500))
    assert 15 <= len(found.minutiae) <= 80
    assert 0.1 < found.crowd < 0.5
    assert found.surroundings.seen.shape[0] == len(found.minutiae)


def ridges_of(phase: np.ndarray, noise: float = 25) -> np.ndarray:
    waves = 128 + 70 * np.sin(2 * np.pi * phase) + noise * np.random.default_rng(7).standard_normal(phase.shape)
    return np.clip(np.rint(waves), 0, 255).astype(np.uint8)


Y, X = np.mgrid[0:400, 0:300].astype(float)
OVAL = np.hypot(X - 150, 0.65 * (Y - 200))


@pytest.mark.parametrize(
    "phase",
    [OVAL / 9, np.log1p(0.01 * OVAL) / 0.07, OVAL / 9 + np.arctan2(Y - 200, X - 150) / (2 * np.pi)],
    ids=["oval rings", "widening rings", "spiral"],
)
def test_drawn_rings_are_bare_of_minutiae_also_under_noise(phase: np.ndarray) -> None:
    assert read_print((ridges_of(phase), 500)).is_bare
    corner = ridges_of(phase)[:180, :180]
    assert not read_print((corner, 500)).is_bare, "too little to see"


@pytest.mark.days
def test_no_print_of_a_finger_is_bare(first: Image, again: Image) -> None:
    others = [SyntheticSubject(31).finger(position, 0, Condition.GOOD) for position in FINGERS[:7]]
    assert not any(read_print((image, 500)).is_bare for image in (first, again, *others))


def test_a_blank_image_shows_nothing() -> None:
    found = read_print((np.full((300, 200), 200, np.uint8), 500))
    assert (len(found.minutiae), found.ground.area_mm2, found.crowd) == (0, 0, 0)


def test_a_kept_template_finds_its_finger(first: Image, again: Image) -> None:
    fresh, kept = read_print((again, 500)), decode(encode(read_print((first, 500))))
    found, before = liken(kept, fresh), liken(read_print((first, 500)), fresh)
    assert found.score == pytest.approx(before.score, rel=0.1)
    assert (kept.sketch == read_print((first, 500)).sketch).all()
    assert len(encode(kept)) < 8_000


def test_a_kept_template_is_what_it_was() -> None:
    one = template(scattered(3))
    kept = decode(encode(one))
    assert kept.minutiae[:, :2] == pytest.approx(one.minutiae[:, :2], abs=0.13)
    assert np.cos(kept.minutiae[:, 2] - one.minutiae[:, 2]).min() > 0.9999
    assert (kept.ground.skin == one.ground.skin).all()


@pytest.mark.parametrize("content", [b"", b"\2\0\0\0\0\0\0", encode(template(scattered(1)))[:-1]])
def test_what_is_no_template_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"template|buffer"):
        decode(content)
