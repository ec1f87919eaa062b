"""Finger minutiae records: ISO/IEC 19794-2:2005 (" 20"), record format, written and read."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.formats.iso19794 import ByteReader, check_length, open_record, refuse_version

MAGIC, _VERSION = b"FMR\0", b" 20\0"
PX_PER_CM = 197  # 500 ppi
MOST = 255  # one byte counts them
_HEAD_BYTES, _POINT_BYTES = 28, 6
_UNKNOWN = 0  # the code of a finger that nobody named
_TURN = 256  # an angle is a byte: 360/256 degrees a step


class MinutiaKind(IntEnum):
    """What a minutia is (19794-2:2005, 6.4.2)."""

    OTHER = 0
    ENDING = 1
    BIFURCATION = 2


@dataclass(frozen=True, slots=True)
class FingerMinutia:
    """A point in px from the upper left, its angle in degrees counter-clockwise from the right; quality 0 = unsaid."""

    x: int
    y: int
    angle_deg: float
    kind: MinutiaKind = MinutiaKind.OTHER
    quality: int = 0


@dataclass(frozen=True, slots=True)
class MinutiaeRecord:
    """The minutiae of one plain print; width and height in px, quality of the finger 0–100.

    `position` is None where the record says "unknown finger" (19794-2:2005, table 2).
    """

    position: Position | None
    width: int
    height: int
    minutiae: tuple[FingerMinutia, ...]
    quality: int
    px_per_cm: int = PX_PER_CM


def encode_minutiae(record: MinutiaeRecord) -> bytes:
    """Return the record. Raise `InputError` for more minutiae than a view may have, or for a point outside."""
    points = record.minutiae
    if len(points) > MOST or not all(0 <= p.x < record.width and 0 <= p.y < record.height for p in points):
        raise InputError("format.field", field="minutiae", value=len(points))
    resolution = record.px_per_cm, record.px_per_cm
    length = _HEAD_BYTES + _POINT_BYTES * len(points) + 2
    head = struct.pack(">IH4HBB", length, 0, record.width, record.height, *resolution, 1, 0)
    code = record.position.finger_code if record.position else _UNKNOWN
    view = struct.pack(">4B", code, 0, record.quality, len(points))
    body = b"".join(
        struct.pack(">HHBB", p.kind << 14 | p.x, p.y, round(p.angle_deg * _TURN / 360) % _TURN, p.quality)
        for p in points
    )
    return MAGIC + _VERSION + head + view + body + bytes(2)  # no extended data


def decode_minutiae(data: bytes) -> MinutiaeRecord:
    """Return the only view of a record. Raise `InputError`."""
    reader, version = open_record(data, MAGIC)
    if version != _VERSION:
        raise refuse_version(version)
    check_length(reader.uint(4), data)
    reader.take(2)  # certification and id of the device
    width, height, px_per_cm = reader.uint(2), reader.uint(2), reader.uint(2)
    reader.take(2)
    if (views := reader.uint(1)) != 1:
        raise InputError("format.representations", count=views)
    reader.take(1)
    code = reader.uint(1)
    if code > len(FINGERS):
        raise InputError("format.field", field="finger_position", value=code)
    reader.take(1)  # number of the view, impression
    quality, count = reader.uint(1), reader.uint(1)
    points = tuple(_point(reader) for _ in range(count))
    reader.take(reader.uint(2))  # extended data
    if reader.remaining:
        raise InputError("format.length", declared=len(data) - reader.remaining, actual=len(data))
    position = None if code == _UNKNOWN else FINGERS[code - 1]
    return MinutiaeRecord(position, width, height, points, quality, px_per_cm)


def record_of(
    position: Position, size: tuple[int, int], found: Sequence[tuple[float, float, float]], quality: int
) -> MinutiaeRecord:
    """Make a record of points as our extractor finds them: x, y in px at 500 ppi, radians with y downwards."""
    width, height = size
    points = tuple(
        FingerMinutia(min(max(round(x), 0), width - 1), min(max(round(y), 0), height - 1), math.degrees(-turn) % 360)
        for x, y, turn in found[:MOST]
    )
    return MinutiaeRecord(position, width, height, points, quality)


def _point(reader: ByteReader) -> FingerMinutia:
    across, down, angle, quality = reader.uint(2), reader.uint(2), reader.uint(1), reader.uint(1)
    kind = across >> 14
    if kind not in tuple(MinutiaKind):
        raise InputError("format.field", field="minutia_type", value=kind)
    return FingerMinutia(across & 0x3FFF, down & 0x3FFF, angle * 360 / _TURN, MinutiaKind(kind), quality)
