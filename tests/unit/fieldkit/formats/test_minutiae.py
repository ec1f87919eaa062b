from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.formats.finger import (
    FingerMinutia,
    MinutiaeRecord,
    MinutiaKind,
    decode_minutiae,
    encode_minutiae,
    record_of,
)

POINT = st.builds(
    FingerMinutia,
    st.integers(0, 399),
    st.integers(0, 499),
    st.integers(0, 255).map(lambda step: step * 360 / 256),
    st.sampled_from(MinutiaKind),
    st.integers(0, 100),
)
RECORD = st.builds(
    MinutiaeRecord,
    st.sampled_from([None, *FINGERS]),
    st.just(400),
    st.just(500),
    st.lists(POINT, max_size=255).map(tuple),
    st.integers(0, 100),
)


@given(RECORD)
def test_what_is_written_is_read(record: MinutiaeRecord) -> None:
    assert decode_minutiae(encode_minutiae(record)) == record


def test_the_bytes_stand_where_the_standard_has_them() -> None:
    point = FingerMinutia(300, 200, 90.0, MinutiaKind.BIFURCATION, 55)
    data = encode_minutiae(MinutiaeRecord(Position.LEFT_THUMB, 400, 500, (point,), 71))
    assert data[:8] == b"FMR\0 20\0"
    assert struct.unpack(">IHHHHHBB", data[8:24]) == (36, 0, 400, 500, 197, 197, 1, 0)
    assert list(data[24:28]) == [6, 0, 71, 1]
    assert struct.unpack(">HHBB", data[28:34]) == (2 << 14 | 300, 200, 64, 55)
    assert data[34:] == b"\0\0"
    assert encode_minutiae(MinutiaeRecord(None, 400, 500, (), 71))[24] == 0  # "unknown finger"


def test_our_extractors_points_turn_the_other_way_round() -> None:
    record = record_of(Position.RIGHT_INDEX, (100, 100), [(10.4, 20.6, -math.pi / 2), (-1.0, 120.0, 0.0)], 60)
    assert record.minutiae == (FingerMinutia(10, 21, 90.0), FingerMinutia(0, 99, 0.0))


@pytest.mark.parametrize(
    "points", [(FingerMinutia(400, 0, 0),), (FingerMinutia(0, 500, 0),), (FingerMinutia(1, 1, 0),) * 256]
)
def test_points_outside_and_too_many_are_refused(points: tuple[FingerMinutia, ...]) -> None:
    with pytest.raises(InputError):
        encode_minutiae(MinutiaeRecord(Position.RIGHT_INDEX, 400, 500, points, 60))


@given(RECORD, st.data())
def test_a_cut_record_is_refused(record: MinutiaeRecord, data: st.DataObject) -> None:
    whole = encode_minutiae(record)
    with pytest.raises(InputError):
        decode_minutiae(whole[: data.draw(st.integers(0, len(whole) - 1))])


@pytest.mark.parametrize(("place", "value"), [(5, 0x33), (22, 2), (24, 11), (28, 0xC0)])
def test_a_field_that_means_nothing_is_refused(place: int, value: int) -> None:
    whole = bytearray(encode_minutiae(MinutiaeRecord(Position.RIGHT_INDEX, 9, 9, (FingerMinutia(1, 1, 0),), 60)))
    whole[place] = value
    with pytest.raises(InputError):
        decode_minutiae(bytes(whole))
