from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import QualityScore
from fieldkit.formats.images import encode_png
from fieldkit.formats.iso19794 import (
    ByteReader,
    DeviceIds,
    ImageCoding,
    QualityBlock,
    decode_pixels,
    pack_capture,
    quality_block,
    read_capture,
)
from fieldkit.quality import finger_estimate, iris
from fieldkit.quality.face import ALGORITHM as PORTRAIT


def test_reader_stops_at_the_end() -> None:
    reader = ByteReader(b"\x01\x02\x03")
    assert reader.uint(2) == 0x0102
    with pytest.raises(InputError) as refused:
        reader.take(2)
    assert refused.value.problem.params == {"missing": 1}
    assert reader.remaining == 1


def test_each_algorithm_of_this_program_has_its_numbers() -> None:
    """A new algorithm that forgets its number would say "not stated" in every record."""
    names = (finger_estimate.NFIQ2, finger_estimate.ALGORITHM, iris.ALGORITHM, PORTRAIT)
    blocks = [quality_block(QualityScore(50, name)) for name in names]
    assert blocks[0] == QualityBlock(50, 0x0101, 57)  # registered for NFIQ 2.3
    assert len({(block.vendor, block.algorithm) for block in blocks}) == 4
    assert all(block.vendor and block.algorithm for block in blocks)
    assert quality_block(QualityScore(81, "SBI:Acme S4")) == QualityBlock(81, 0, 0)


def test_capture_header_has_the_standard_layout() -> None:
    at = datetime(2026, 11, 21, 12, 0, 5, 250_000, timezone(timedelta(hours=7)))
    packed = pack_capture(at, DeviceIds(1, 0x0203, 0x0405), QualityBlock(77, 0x0102, 0x0304))
    assert packed.hex() == "07ea0b15050005" + "00fa" + "01" + "0203" + "0405" + "01" + "4d" + "0102" + "0304"
    assert read_capture(ByteReader(packed)) == (
        at.astimezone(UTC),
        DeviceIds(1, 0x0203, 0x0405),
        QualityBlock(77, 0x0102, 0x0304),
    )


def test_first_quality_block_counts_and_failed_score_is_none() -> None:
    packed = pack_capture(None, DeviceIds(), None)[:-1] + b"\x02\xff\0\0\0\0\x32\0\0\0\0"
    assert read_capture(ByteReader(packed)) == (None, DeviceIds(), QualityBlock(None))


def test_impossible_date_is_named() -> None:
    with pytest.raises(InputError) as refused:
        read_capture(ByteReader(b"\x07\xea\x0d" + bytes(12)))
    assert refused.value.problem.params["field"] == "capture_date"


def test_pixels_must_match_the_stated_size() -> None:
    pixels = np.zeros((4, 6), np.uint8)
    assert decode_pixels(ImageCoding.RAW, 6, 4, bytes(24)).shape == (4, 6)
    with pytest.raises(InputError, match=r"format\.length"):
        decode_pixels(ImageCoding.RAW, 6, 4, bytes(23))
    with pytest.raises(InputError, match=r"format\.size_differs"):
        decode_pixels(ImageCoding.PNG, 4, 6, encode_png(pixels, 500))
