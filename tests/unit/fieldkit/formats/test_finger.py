from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import QualityScore
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.formats.finger import (
    FingerRecord,
    Impression,
    decode_finger_record,
    encode_finger_record,
    print_record,
)
from fieldkit.formats.images import encode_jp2_lossless
from fieldkit.formats.iso19794 import DeviceIds, ImageCoding, QualityBlock

PIXELS = np.random.default_rng(3).integers(0, 256, (24, 16), dtype=np.uint8)
RECORD = FingerRecord(
    position=Position.LEFT_INDEX,
    width=16,
    height=24,
    image=encode_jp2_lossless(PIXELS),
    quality=QualityBlock(61, 5, 6),
    captured_at=datetime(2026, 11, 21, 3, 4, 5, 678_000, UTC),
    device=DeviceIds(2, 0x1111, 0x2222),
)

moments = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000))
words = st.integers(0, 0xFFFF)
devices = st.builds(DeviceIds, st.integers(0, 255), words, words)
qualities = st.builds(QualityBlock, st.none() | st.integers(0, 100), words, words)
records = st.builds(
    FingerRecord,
    position=st.sampled_from(FINGERS),
    width=st.integers(1, 0xFFFF),
    height=st.integers(1, 0xFFFF),
    image=st.binary(max_size=200),
    coding=st.sampled_from(ImageCoding),
    ppi=st.integers(1, 0xFFFF),
    quality=st.none() | qualities,
    impression=st.sampled_from(Impression),
    captured_at=st.none() | moments,
    device=devices,
)


@given(records)
def test_round_trip(record: FingerRecord) -> None:
    assert decode_finger_record(encode_finger_record(record)) == record


def test_layout_is_that_of_the_standard() -> None:
    data = encode_finger_record(RECORD)
    assert data[:8] == b"FIR\0" + b"020\0"
    assert struct.unpack(">IHBB", data[8:16]) == (len(data), 1, 0, 1)
    assert struct.unpack(">I", data[16:20])[0] == len(data) - 16
    behind_quality = 16 + 4 + 9 + 5 + 1 + 5
    assert data[behind_quality : behind_quality + 3] == bytes([7, 0, 1])
    assert struct.unpack(">4H", data[behind_quality + 3 : behind_quality + 11]) == (500, 500, 500, 500)
    assert data[behind_quality + 11 : behind_quality + 14] == bytes([8, 5, 0])
    assert struct.unpack(">HHI", data[behind_quality + 14 : behind_quality + 22]) == (16, 24, len(RECORD.image))
    assert data.endswith(RECORD.image)


def test_pixels_come_out_of_the_record() -> None:
    assert np.array_equal(decode_finger_record(encode_finger_record(RECORD)).pixels(), PIXELS)


def test_a_single_print_is_laid_out_without_loss() -> None:
    pixels = np.arange(64 * 48, dtype=np.uint8).reshape(64, 48)
    at = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
    record = decode_finger_record(print_record(pixels, Position.LEFT_INDEX, QualityScore(61, "any"), at, 508))
    assert (record.position, record.ppi, record.captured_at, record.quality.score) == (Position.LEFT_INDEX, 508, at, 61)
    assert np.array_equal(record.pixels(), pixels)


def test_centimetres_become_inches() -> None:
    data = bytearray(encode_finger_record(replace(RECORD, ppi=197)))
    data[16 + 4 + 9 + 5 + 1 + 5 + 2] = 2
    assert decode_finger_record(bytes(data)).ppi == 500


def test_certification_blocks_are_passed_over() -> None:
    data = bytearray(encode_finger_record(RECORD))
    data[14] = 1
    data[16 + 24 : 16 + 24] = b"\x02" + b"abcdef"
    struct.pack_into(">I", data, 8, len(data))
    struct.pack_into(">I", data, 16, len(data) - 16)
    assert decode_finger_record(bytes(data)) == RECORD


def old_record(length: int | None = None, block: int | None = None, image: bytes = bytes(16 * 24)) -> bytes:
    total = 32 + 14 + len(image)
    header = b"FIR\x00010\x00" + (total if length is None else length).to_bytes(6, "big")
    header += struct.pack(">HHBBHHHHBBH", 9, 31, 1, 1, 500, 500, 500, 500, 8, 0, 0)
    size = 14 + len(image) if block is None else block
    return header + struct.pack(">IBBBBBHHB", size, 2, 1, 1, 80, 0, 16, 24, 0) + image


@pytest.mark.parametrize("lengths", [(None, None), (0, None), (0, 0)])
def test_record_of_2005_is_read_even_without_lengths(lengths: tuple[int | None, int | None]) -> None:
    record = decode_finger_record(old_record(*lengths))
    assert (record.position, record.ppi, record.coding) == (Position.RIGHT_INDEX, 500, ImageCoding.RAW)
    assert record.quality == QualityBlock(80)
    assert record.pixels().shape == (24, 16)


@pytest.mark.parametrize("lengths", [(7, None), (None, 7), (0, 60_000)])
def test_record_of_2005_with_wrong_lengths_is_refused(lengths: tuple[int | None, int | None]) -> None:
    with pytest.raises(InputError, match=r"format\.length"):
        decode_finger_record(old_record(*lengths))


@pytest.mark.parametrize(
    ("at", "value", "code"),
    [
        (0, b"IIR\0", "format.other_kind"),
        (4, b"999\0", "format.version"),
        (11, b"\x00", "format.length"),
        (13, b"\x02", "format.representations"),
        (40, b"\x0d", "format.field"),  # position 13, a slap
        (51, b"\x10", "format.field"),  # 16 bits
        (52, b"\x63", "format.field"),  # coding
        (54, b"\0\0", "format.field"),  # width 0
        (58, b"\x7f\xff\xff\xff", "format.truncated"),
    ],
)
def test_wrong_field_is_named(at: int, value: bytes, code: str) -> None:
    data = bytearray(encode_finger_record(RECORD))
    data[at : at + len(value)] = value
    with pytest.raises(InputError) as refused:
        decode_finger_record(bytes(data))
    assert refused.value.code == code


@given(st.data())
def test_damage_raises_nothing_but_input_error(data: st.DataObject) -> None:
    good = data.draw(st.sampled_from([encode_finger_record(RECORD), old_record()]))
    damaged = bytearray(good[: data.draw(st.integers(0, len(good)))])
    for at in data.draw(st.lists(st.integers(0, max(0, len(damaged) - 1)), max_size=4)):
        damaged[at : at + 1] = data.draw(st.binary(max_size=2))
    with suppress(InputError):
        decode_finger_record(bytes(damaged))


@given(st.binary(max_size=100), st.sampled_from([b"", b"FIR\x00020\x00", b"FIR\x00010\x00"]))
def test_noise_is_refused(noise: bytes, start: bytes) -> None:
    with pytest.raises(InputError):
        decode_finger_record(start + noise)
