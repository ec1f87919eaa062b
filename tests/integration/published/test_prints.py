"""What the program finds in prints that others published: three synthetic ones of NIST's, four of libfprint's tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.published import FINGERPRINTS, PRINTS

from drivers.simulators.subject.folder import read_grey
from fieldkit.formats.images import decode_grey, encode_wsq
from fieldkit.matching.minutiae import read_print
from fieldkit.quality.finger_blocks import measure
from fieldkit.quality.finger_estimate import ALGORITHM, one_width, review

_SAMPLED = tuple(f"_Bin10_{number}" for number in range(10))


def published(path: Path) -> dict[str, float]:
    lines = (line.split(":") for line in path.read_text().splitlines() if line)
    return {name: float(value) for name, value in lines}


def test_there_are_seven() -> None:
    assert len(PRINTS) == 7


@pytest.mark.parametrize("number", [1, 2, 3])
def test_every_measure_is_the_published_one(number: int) -> None:
    at = FINGERPRINTS / f"SFinGe_Test0{number}"
    want = published(at.with_suffix(".measures.txt"))
    have = measure(read_grey(at.with_suffix(".pgm")))
    assert len(have) == 68  # all but the score and the four of another extractor's minutiae
    for name, value in have.items():
        if name.endswith(_SAMPLED):
            assert value == want[name], name
        else:
            assert value == pytest.approx(want[name], rel=0.01), name


@pytest.mark.parametrize("path", PRINTS, ids=lambda path: path.stem)
def test_a_print_is_a_finger(path: Path) -> None:
    ridges = read_grey(path)
    assert one_width(ridges) < 0.5
    assert not read_print((ridges, 500)).is_bare
    assert ridges[:8, :8].mean() > ridges.mean(), "dark on white"
    assert decode_grey(path.read_bytes()).std() > 40


@pytest.mark.parametrize(("name", "least", "most"), [("libfprint-arch.png", 20, 45), ("SFinGe_Test01.pgm", 45, 90)])
def test_a_print_has_a_score(name: str, least: int, most: int) -> None:
    found = review(read_grey(FINGERPRINTS / name))
    assert least <= found.score.value <= most
    assert found.score.algorithm == ALGORITHM


def test_wsq_keeps_to_its_bit_rate() -> None:
    assert read_grey(FINGERPRINTS / "libfprint-arch.png").shape == (240, 256)
    pixels = decode_grey((FINGERPRINTS / "SFinGe_Test01.pgm").read_bytes())
    assert pixels.shape == (560, 416)
    assert len(encode_wsq(pixels)) * 8 / pixels.size <= 0.76
