from __future__ import annotations

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.samples import QualityScore, Sample, SampleFormat
from fieldkit.matching.read_prints import ReadPrints
from fieldkit.matching.ridges import Pixels
from fieldkit.matching.template import Template
from tests.unit.fieldkit.matching.scattered import scattered, template


def sample(data: bytes) -> Sample:
    return Sample(Position.RIGHT_INDEX, SampleFormat.ISO_19794_4, data, QualityScore(80, "uji"))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was decoded, one entry a time."""

    def found(image: tuple[Pixels, int]) -> Template:
        if image[1] == 0:
            raise ValueError("no grey image of a print")
        return template(scattered(image[1]))

    monkeypatch.setattr("fieldkit.matching.read_prints.read_print", found)
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
