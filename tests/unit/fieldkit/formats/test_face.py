from __future__ import annotations

import struct
from contextlib import suppress
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.errors import InputError
from fieldkit.formats.face import FaceImageKind, FaceRecord, decode_face_record, encode_face_record
from fieldkit.formats.images import encode_jp2_lossless
from fieldkit.formats.iso19794 import DeviceIds, ImageCoding, QualityBlock

PIXELS = np.random.default_rng(5).integers(0, 256, (40, 30, 3), dtype=np.uint8)
RECORD = FaceRecord(
    width=30,
    height=40,
    image=encode_jp2_lossless(PIXELS),
    quality=QualityBlock(88),
    captured_at=datetime(2026, 11, 21, 3, 4, 5, 0, UTC),
    device=DeviceIds(2, 0, 0),
)
CODINGS = (ImageCoding.JPEG, ImageCoding.JP2_LOSSLESS, ImageCoding.JP2_LOSSY, ImageCoding.PNG)

records = st.builds(
    FaceRecord,
    width=st.integers(1, 0xFFFF),
    height=st.integers(1, 0xFFFF),
    image=st.binary(max_size=200),
    coding=st.sampled_from(CODINGS),
    quality=st.none() | st.builds(QualityBlock, st.none() | st.integers(0, 100)),
    kind=st.sampled_from(FaceImageKind),
    captured_at=st.just(None),
    device=st.builds(DeviceIds, st.integers(0, 255), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)),
)


@given(records)
def test_round_trip(record: FaceRecord) -> None:
    assert decode_face_record(encode_face_record(record)) == record


def test_layout_is_that_of_the_standard() -> None:
    data = encode_face_record(RECORD)
    assert data[:8] == b"FAC\x00030\x00"
    assert struct.unpack(">IHBH", data[8:17]) == (len(data), 1, 0, 0)
    information = 17 + 4 + 9 + 5 + 1 + 5 + 17
    assert struct.unpack(">BBHH", data[information : information + 6]) == (1, 2, 30, 40)
    assert struct.unpack(">I", data[information + 11 : information + 15])[0] == len(RECORD.image)
    assert len(data) == information + 15 + len(RECORD.image)


def test_pixels_come_out_of_the_record() -> None:
    assert np.array_equal(decode_face_record(encode_face_record(RECORD)).pixels(), PIXELS)


def test_landmarks_of_others_are_passed_over() -> None:
    data = bytearray(encode_face_record(RECORD))
    information = 17 + 4 + 9 + 5 + 1 + 5
    struct.pack_into(">H", data, information, 2)
    data[information + 17 : information + 17] = bytes(16)
    struct.pack_into(">I", data, 8, len(data))
    struct.pack_into(">I", data, 17, len(data) - 17)
    assert decode_face_record(bytes(data)) == RECORD


@pytest.mark.parametrize(
    ("at", "value", "code"),
    [
        (4, b"010\0", "format.version"),
        (13, b"\x00", "format.representations"),
        (58, b"\x09", "format.field"),  # kind of image
        (59, b"\x09", "format.field"),  # coding
        (60, b"\0\0", "format.field"),  # width 0
        (69, b"\x7f\xff\xff\xff", "format.truncated"),
    ],
)
def test_wrong_field_is_named(at: int, value: bytes, code: str) -> None:
    data = bytearray(encode_face_record(RECORD))
    data[at : at + len(value)] = value
    with pytest.raises(InputError) as refused:
        decode_face_record(bytes(data))
    assert refused.value.code == code


@given(st.data())
def test_damage_raises_nothing_but_input_error(data: st.DataObject) -> None:
    good = encode_face_record(RECORD)
    damaged = bytearray(good[: data.draw(st.integers(0, len(good)))])
    for at in data.draw(st.lists(st.integers(0, max(0, len(damaged) - 1)), max_size=4)):
        damaged[at : at + 1] = data.draw(st.binary(max_size=2))
    with suppress(InputError):
        decode_face_record(bytes(damaged))


@given(st.binary(max_size=100), st.sampled_from([b"", b"FAC\x00030\x00"]))
def test_noise_is_refused(noise: bytes, start: bytes) -> None:
    with pytest.raises(InputError):
        decode_face_record(start + noise)
