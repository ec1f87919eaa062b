from __future__ import annotations

import struct
from contextlib import suppress
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import QualityScore
from fieldkit.domain.recording.positions import EYES, Position
from fieldkit.formats.images import encode_png
from fieldkit.formats.iris import IrisImageKind, IrisRecord, decode_iris_record, encode_iris_record, iris_record
from fieldkit.formats.iso19794 import DeviceIds, ImageCoding, QualityBlock

PIXELS = np.random.default_rng(4).integers(0, 256, (48, 64), dtype=np.uint8)
RECORD = IrisRecord(
    position=Position.EYE_LEFT,
    width=64,
    height=48,
    image=encode_png(PIXELS, 500),
    coding=ImageCoding.PNG,
    quality=QualityBlock(70),
    captured_at=datetime(2026, 11, 21, 3, 4, 5, 0, UTC),
    device=DeviceIds(1, 2, 3),
)
CODINGS = (ImageCoding.RAW, ImageCoding.JPEG, ImageCoding.JP2_LOSSLESS, ImageCoding.JP2_LOSSY, ImageCoding.PNG)

records = st.builds(
    IrisRecord,
    position=st.sampled_from(EYES),
    width=st.integers(1, 0xFFFF),
    height=st.integers(1, 0xFFFF),
    image=st.binary(max_size=200),
    coding=st.sampled_from(CODINGS),
    quality=st.none() | st.builds(QualityBlock, st.none() | st.integers(0, 100)),
    kind=st.sampled_from(IrisImageKind),
    captured_at=st.just(None),
    device=st.builds(DeviceIds, st.integers(0, 255), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)),
)


@given(records)
def test_round_trip(record: IrisRecord) -> None:
    assert decode_iris_record(encode_iris_record(record)) == record


def test_layout_is_that_of_the_standard() -> None:
    data = encode_iris_record(RECORD)
    assert data[:8] == b"IIR\x00020\x00"
    assert struct.unpack(">IHBB", data[8:16]) == (len(data), 1, 0, 1)
    information = 16 + 4 + 9 + 5 + 1 + 5 + 2
    assert data[information : information + 4] == bytes([2, 2, 14, 0b0100_0101])
    assert struct.unpack(">HHB", data[information + 4 : information + 9]) == (64, 48, 8)
    assert struct.unpack(">I", data[information + 27 : information + 31])[0] == len(RECORD.image)
    assert len(data) == information + 31 + len(RECORD.image)


def test_pixels_come_out_of_the_record() -> None:
    assert np.array_equal(decode_iris_record(encode_iris_record(RECORD)).pixels(), PIXELS)


@pytest.mark.parametrize(
    ("at", "value", "code"),
    [
        (4, b"010\0", "format.version"),
        (13, b"\x00", "format.representations"),
        (42, b"\x00", "format.field"),  # which eye
        (43, b"\x05", "format.field"),  # kind of image
        (44, b"\x08", "format.field"),  # coding
        (46, b"\0\0", "format.field"),  # width 0
        (50, b"\x10", "format.field"),  # bit depth
        (69, b"\x7f\xff\xff\xff", "format.truncated"),
    ],
)
def test_wrong_field_is_named(at: int, value: bytes, code: str) -> None:
    data = bytearray(encode_iris_record(RECORD))
    data[at : at + len(value)] = value
    with pytest.raises(InputError) as refused:
        decode_iris_record(bytes(data))
    assert refused.value.code == code


@given(st.data())
def test_damage_raises_nothing_but_input_error(data: st.DataObject) -> None:
    good = encode_iris_record(RECORD)
    damaged = bytearray(good[: data.draw(st.integers(0, len(good)))])
    for at in data.draw(st.lists(st.integers(0, max(0, len(damaged) - 1)), max_size=4)):
        damaged[at : at + 1] = data.draw(st.binary(max_size=2))
    with suppress(InputError):
        decode_iris_record(bytes(damaged))


@given(st.binary(max_size=100), st.sampled_from([b"", b"IIR\x00020\x00"]))
def test_noise_is_refused(noise: bytes, start: bytes) -> None:
    with pytest.raises(InputError):
        decode_iris_record(start + noise)


def test_the_kits_own_record_is_cropped_and_lossless() -> None:
    at = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
    record = decode_iris_record(iris_record(PIXELS, Position.EYE_RIGHT, QualityScore(88, "x"), at))
    assert (record.position, record.kind, record.captured_at) == (Position.EYE_RIGHT, IrisImageKind.CROPPED, at)
    assert record.coding is ImageCoding.JP2_LOSSLESS
    assert record.quality is not None
    assert record.quality.score == 88
    assert (record.pixels() == PIXELS).all()
