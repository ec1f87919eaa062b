"""A person among many: found by two fingers, in spite of another NIK; nobody else is."""

from __future__ import annotations

import tracemalloc
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.subject.presented import Image
from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.matching.minutiae import ReadPrints, Template, decode, encode
from fieldkit.matching.search import (
    BEYOND_DOUBT,
    SAME_FROM,
    FingerSearch,
    Gallery,
    Prints,
    _Sketches,
    described,
    find_owners,
)
from fieldkit.ports.recording import SamePerson
from tests.unit.fieldkit.matching.scattered import laid, scattered, template

THREE = FINGERS[:3]


def person(seed: int, degrees: float = 0) -> dict[Position, Template]:
    return {position: laid(scattered(100 * seed + n), degrees) for n, position in enumerate(THREE)}


class Crowd:
    """A gallery, and where the prints of the likeliest come from."""

    def __init__(self, *seeds: int) -> None:
        self.gallery = Gallery()
        self.prints = {f"r{seed}": person(seed) for seed in seeds}
        for key, prints in self.prints.items():
            self.gallery.add(key, prints)

    def find(self, prints: Prints) -> list[SamePerson]:
        return self.gallery.find(prints, self.prints.__getitem__)


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    return Crowd(*range(1, 21))


def test_somebody_is_found_among_twenty(crowd: Crowd) -> None:
    found = crowd.find(person(7, 15))
    assert [(same.record_id, set(same.fingers)) for same in found] == [("r7", set(THREE))]
    assert found[0].score > BEYOND_DOUBT


def test_nobody_is_found_for_a_stranger(crowd: Crowd) -> None:
    assert crowd.find(person(50)) == []
    assert Crowd().find(person(50)) == []
    assert crowd.find({}) == []


def test_of_one_finger_only_what_is_beyond_doubt_counts(crowd: Crowd) -> None:
    first = {THREE[0]: person(7, 15)[THREE[0]]}
    assert [same.record_id for same in crowd.find(first)] == ["r7"]
    points = scattered(700)
    poor = {THREE[0]: template(np.vstack((points[:11], scattered(9_999, 20))))}
    assert crowd.find(poor) == []


def test_a_finger_under_another_position_is_not_sought(crowd: Crowd) -> None:
    one = person(7)
    assert crowd.find({THREE[0]: one[THREE[1]]}) == []


def test_who_is_no_longer_held_is_forgotten() -> None:
    crowd = Crowd(1, 2)
    crowd.gallery.keep_only({"r2"})
    assert crowd.gallery.keys == {"r2"}
    assert crowd.find(person(1)) == []
    assert [same.record_id for same in crowd.find(person(2))] == ["r2"]
    for seed in (1, 9):  # what is added anew is not compared by what was there before
        crowd.gallery.keep_only({"r2"})
        crowd.prints["r1"] = person(seed)
        crowd.gallery.add("r1", crowd.prints["r1"])
        assert [same.record_id for same in crowd.find(person(seed))] == ["r1"]


@pytest.mark.parametrize("at_once", [7, 64])
def test_the_first_look_is_bit_by_bit_that_of_one_product_over_all(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldkit.matching.search._AT_ONCE", at_once)
    crowd = [template(scattered(seed, 20 + seed)) if seed % 5 else None for seed in range(1, 40)]
    crowd.append(template(np.zeros((0, 3))))
    sketches = _Sketches()
    for each in crowd[:13]:
        sketches.add(each)
    sketches.look(template(scattered(3)))  # what comes later is laid to it
    for each in crowd[13:]:
        sketches.add(each)
    stays = np.arange(len(crowd)) % 7 > 0
    for probe in (laid(scattered(3, 23), 9), laid(scattered(77, 30), 0), template(scattered(5, 2))):
        assert np.array_equal(sketches.look(probe), in_one_product(crowd, probe))
    sketches.keep_only(stays)
    left = [each for each, is_kept in zip(crowd, stays, strict=True) if is_kept]
    for probe in (laid(scattered(3, 23), 9), template(np.zeros((0, 3)))):
        assert np.array_equal(sketches.look(probe), in_one_product(left, probe))


def in_one_product(crowd: Sequence[Template | None], probe: Template) -> NDArray[np.floating[Any]]:
    """Compare as version 2 first did, all sketches as float32 in one matrix."""
    sizes = np.array([0 if each is None else len(each.sketch) for each in crowd])
    out = np.zeros(len(crowd))
    if len(probe.sketch):
        there = [each.sketch for each in crowd if each is not None and len(each.sketch)]
        alike = np.vstack(there).astype(np.float32) @ probe.sketch.astype(np.float32).T
        starts = np.cumsum([0, *(len(sketch) for sketch in there[:-1])])
        nearest = np.maximum.reduceat(alike, starts, axis=0)
        best = -np.partition(-nearest, min(12, nearest.shape[1]) - 1, axis=1)[:, :12].mean(1)
        out[sizes > 0] = (best - np.median(best)) / (best.std() + 1e-6)
    return out


def test_of_each_print_only_the_sketch_stays_in_memory() -> None:
    gallery, prints = Gallery(), person(1)
    tracemalloc.start()
    try:
        for number in range(100):
            gallery.add(f"r{number}", {position: decode(encode(print_)) for position, print_ in prints.items()})
        added = tracemalloc.get_traced_memory()[0]
        for position in prints:
            gallery._sketches[position].look(prints[position])
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert max(added, held) <= 1.5 * 100 * sum(template.sketch.nbytes for template in prints.values())


def test_an_operators_finger_is_found_under_any_position() -> None:
    operators = {
        "rina": [template(scattered(9_001)), template(scattered(703))],  # one of the impressions is enough
        "bagus": [template(scattered(9_000))],
    }
    found = find_owners(operators, {position: laid(scattered(700 + n), 9) for n, position in enumerate(FINGERS)})
    assert [(same.record_id, same.fingers) for same in found] == [("rina", (FINGERS[3],))]
    assert found[0].score > SAME_FROM
    assert find_owners(operators, person(50)) == []


IMAGES: Mapping[bytes, Template] = {bytes([n]): laid(scattered(n), 5 * n) for n in range(1, 4)}


def _sample(position: Position, data: bytes) -> Sample:
    return Sample(position, SampleFormat.ISO_19794_4, data, QualityScore(80, "uji"))


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> FingerSearch:
    """A search to which the byte of a sample is its finger."""

    def read(image: tuple[bytes, int]) -> Template:
        if image[0] not in IMAGES:
            raise ValueError("no grey image of a print")
        return IMAGES[image[0]]

    monkeypatch.setattr("fieldkit.matching.minutiae.read_print", read)
    return FingerSearch(ReadPrints(lambda sample: (sample.data, 500)))  # type: ignore[return-value,arg-type]


def test_what_was_described_finds_the_person_again(search: FingerSearch) -> None:
    samples = [_sample(position, bytes([n])) for n, position in enumerate(THREE, 1)]
    kept = search.describe(samples)
    loaded: list[str] = []

    def load(key: str) -> bytes:
        loaded.append(key)
        return kept if key == "r1" else b""

    for _ in range(2):
        found = search.find(samples, {"r1", "r2"}, load)
        assert [(same.record_id, len(same.fingers)) for same in found] == [("r1", 3)]
    assert sorted(loaded[:2]) == ["r1", "r2"], "each is read once for its sketch"
    assert sorted(set(loaded[2:])) == ["r1", "r2"], "and the likeliest when they are looked at closely"
    assert loaded[2:].count("r1") == 1, "whose prints are there when the same person comes again"
    assert search.find(samples, {"r2"}, load) == []
    assert [position for position, _ in described(kept)] == [*THREE]


def test_operators_are_loaded_anew_each_time(search: FingerSearch) -> None:
    impressions = [_sample(Position.RIGHT_INDEX, image) for image in (b"\2", b"\1")]
    kept = {"operator:rina": search.describe(impressions), "operator:bagus": b"a bad page"}
    fresh = [_sample(Position.LEFT_THUMB, b"\2")]
    for _ in range(2):
        (found,) = search.find_owners(fresh, set(kept), kept.__getitem__)
        assert (found.record_id, found.fingers) == ("operator:rina", (Position.LEFT_THUMB,))
    kept["operator:rina"] = search.describe([_sample(Position.RIGHT_INDEX, b"\3")])
    assert search.find_owners(fresh, set(kept), kept.__getitem__) == []


def test_eyes_and_what_cannot_be_read_are_left_out(search: FingerSearch) -> None:
    eye, broken = _sample(Position.EYE_LEFT, b"\1"), _sample(THREE[0], b"FIR")
    assert search.describe([eye, broken]) == b""
    assert search.find([eye, broken], set(), lambda _: b"") == []


@pytest.mark.parametrize("content", [b"\0", b"\x0b\1\0\0\0x", b"\0\1\0\0\0x"])
def test_what_is_no_description_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="template"):
        described(content)


@pytest.mark.days
def test_a_person_recorded_before_is_found_by_other_impressions(
    subject: SyntheticSubject, first: Image, again: Image, stranger: Image
) -> None:
    images = {b"1": first, b"2": stranger, b"3": again, b"4": subject.finger(Position.LEFT_INDEX, 1)}
    search = FingerSearch(ReadPrints(lambda sample: (images[sample.data], 500)))
    right, left = Position.RIGHT_INDEX, Position.LEFT_INDEX
    kept = search.describe([_sample(right, b"1"), _sample(left, b"2")])
    fresh = [_sample(right, b"3"), _sample(left, b"4")]
    (found,) = search.find(fresh, {"r1"}, lambda _: kept)
    assert (found.record_id, set(found.fingers)) == ("r1", {right, left})
    swapped = search.describe([_sample(right, b"2"), _sample(left, b"1")])
    assert search.find(fresh, {"r2"}, lambda _: swapped) == []


def test_what_a_bad_page_left_of_a_template_is_nobodys(search: FingerSearch) -> None:
    fresh = [_sample(THREE[0], b"\1")]
    assert search.find(fresh, {"r1"}, lambda _: bytes(4_096)) == []
