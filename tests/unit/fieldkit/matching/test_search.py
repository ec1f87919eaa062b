"""A person among many: found by two fingers, in spite of another NIK; nobody else is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.subject.presented import Image
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.domain.recording.samples import QualityScore, Sample, SampleFormat
from fieldkit.matching.matcher import SAME_FROM
from fieldkit.matching.read_prints import ReadPrints
from fieldkit.matching.search import BEYOND_DOUBT, FingerSearch, Gallery, described, find_owners
from fieldkit.matching.template import Template
from tests.unit.fieldkit.matching.scattered import laid, scattered, template

THREE = FINGERS[:3]


def person(seed: int, degrees: float = 0) -> dict[Position, Template]:
    return {position: laid(scattered(100 * seed + n), degrees) for n, position in enumerate(THREE)}


@pytest.fixture(scope="module")
def crowd() -> Gallery:
    gallery = Gallery()
    for seed in range(1, 21):
        gallery.add(f"r{seed}", person(seed))
    return gallery


def test_somebody_is_found_among_twenty(crowd: Gallery) -> None:
    found = crowd.find(person(7, 15))
    assert [(same.record_id, set(same.fingers)) for same in found] == [("r7", set(THREE))]
    assert found[0].score > BEYOND_DOUBT


def test_nobody_is_found_for_a_stranger(crowd: Gallery) -> None:
    assert crowd.find(person(50)) == []
    assert Gallery().find(person(50)) == []
    assert crowd.find({}) == []


def test_of_one_finger_only_what_is_beyond_doubt_counts(crowd: Gallery) -> None:
    first = {THREE[0]: person(7, 15)[THREE[0]]}
    assert [same.record_id for same in crowd.find(first)] == ["r7"]
    points = scattered(700)
    poor = {THREE[0]: template(np.vstack((points[:11], scattered(9_999, 20))))}
    assert crowd.find(poor) == []


def test_a_finger_under_another_position_is_not_sought(crowd: Gallery) -> None:
    one = person(7)
    assert crowd.find({THREE[0]: one[THREE[1]]}) == []


def test_who_is_no_longer_held_is_forgotten() -> None:
    gallery = Gallery()
    gallery.add("r1", person(1))
    gallery.add("r2", person(2))
    gallery.keep_only({"r2"})
    assert set(gallery.keys) == {"r2"}
    assert gallery.find(person(1)) == []
    assert [same.record_id for same in gallery.find(person(2))] == ["r2"]


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

    monkeypatch.setattr("fieldkit.matching.read_prints.read_print", read)
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
    assert sorted(loaded) == ["r1", "r2"], "what was loaded stays in memory"
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
