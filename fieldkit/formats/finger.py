"""Finger image records: ISO/IEC 19794-4:2011 ("020") written and read, 19794-4:2005 ("010") read."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import QualityScore
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.formats.images import Pixels, encode_jp2_lossless
from fieldkit.formats.iso19794 import (
    ByteReader,
    DeviceIds,
    ImageCoding,
    QualityBlock,
    check_length,
    decode_pixels,
    open_record,
    pack_capture,
    pack_record,
    quality_block,
    read_capture,
    refuse_version,
    single_representation,
    skip_certification,
)

_MAGIC = b"FIR\0"
_PER_INCH, _PER_CM = 1, 2

# 19794-4:2011, table 9; bit-packed pixels (1) are of no use at 8 bits.
_CODINGS_2011 = {
    0: ImageCoding.RAW,
    2: ImageCoding.WSQ,
    3: ImageCoding.JPEG,
    4: ImageCoding.JP2_LOSSY,
    5: ImageCoding.JP2_LOSSLESS,
    6: ImageCoding.PNG,
}
_CODINGS_2005 = {
    0: ImageCoding.RAW,
    2: ImageCoding.WSQ,
    3: ImageCoding.JPEG,
    4: ImageCoding.JP2_LOSSY,
    5: ImageCoding.PNG,
}
_CODES_2011 = {coding: code for code, coding in _CODINGS_2011.items()}


class Impression(IntEnum):
    """How the print was taken (19794-4:2011, table 10); latents are not a field kit's work."""

    LIVE_SCAN_PLAIN = 0
    LIVE_SCAN_ROLLED = 1
    NONLIVE_SCAN_PLAIN = 2
    NONLIVE_SCAN_ROLLED = 3
    LIVE_SCAN_SWIPE = 8
    LIVE_SCAN_OPTICAL_CONTACTLESS_PLAIN = 24
    OTHER = 28
    UNKNOWN = 29


@dataclass(frozen=True, slots=True)
class FingerRecord:
    """One finger, one image of 8 grey bits; width and height in pixels, captured_at to the millisecond."""

    position: Position
    width: int
    height: int
    image: bytes
    coding: ImageCoding = ImageCoding.JP2_LOSSLESS
    ppi: int = 500
    quality: QualityBlock | None = None
    impression: Impression = Impression.LIVE_SCAN_PLAIN
    captured_at: datetime | None = None
    device: DeviceIds = field(default_factory=DeviceIds)

    def pixels(self) -> Pixels:
        """Return the grey image as (height, width). Raise `InputError` when it cannot be decoded."""
        return decode_pixels(self.coding, self.width, self.height, self.image)


def encode_finger_record(record: FingerRecord) -> bytes:
    """Return the record in version "020"."""
    body = pack_capture(record.captured_at, record.device, record.quality) + struct.pack(
        ">BBB4HBBBHHI",
        record.position.finger_code,
        0,  # number of this representation
        _PER_INCH,
        record.ppi,
        record.ppi,
        record.ppi,
        record.ppi,
        8,
        _CODES_2011[record.coding],
        record.impression,
        record.width,
        record.height,
        len(record.image),
    )
    return pack_record(_MAGIC, b"020\0", b"\0\1", body + record.image)


def print_record(pixels: Pixels, position: Position, quality: QualityScore, at: datetime, ppi: int) -> bytes:
    """Return the record of one plain print, coded without loss, as a reader without records of its own gives it."""
    height, width = pixels.shape
    image = encode_jp2_lossless(pixels)
    block = quality_block(quality)
    return encode_finger_record(FingerRecord(position, width, height, image, ppi=ppi, quality=block, captured_at=at))


def decode_finger_record(data: bytes) -> FingerRecord:
    """Return the only representation of a record. Raise `InputError`."""
    reader, version = open_record(data, _MAGIC)
    if version == b"020\0":
        return _read_2011(reader, data)
    if version == b"010\0":
        return _read_2005(reader, data)
    raise refuse_version(version)


def _read_2011(reader: ByteReader, data: bytes) -> FingerRecord:
    check_length(reader.uint(4), data)
    count, is_certified = reader.uint(2), reader.uint(1)
    reader.take(1)  # number of different positions: follows from the representations
    body = single_representation(reader, count)
    captured_at, device, quality = read_capture(body)
    skip_certification(body, is_certified)
    position = _position(body.uint(1))
    body.take(1)
    unit = body.uint(1)
    body.take(4)  # what the device can do; the image's own rate counts
    ppi = _ppi(unit, body.uint(2))
    body.take(2)
    _check_depth(body.uint(1))
    coding = _coding(_CODINGS_2011, body.uint(1))
    impression = _impression(body.uint(1))
    width, height = _size(body)
    image = body.take(body.uint(4))  # annotations may follow inside the representation; nobody here reads them
    return FingerRecord(position, width, height, image, coding, ppi, quality, impression, captured_at, device)


def _read_2005(reader: ByteReader, data: bytes) -> FingerRecord:
    length = reader.uint(6)
    if length:  # some vendors leave it 0
        check_length(length, data)
    device = DeviceIds(model=reader.uint(2))
    reader.take(2)  # image acquisition level
    if (count := reader.uint(1)) != 1:
        raise InputError("format.representations", count=count)
    unit = reader.uint(1)
    reader.take(4)
    ppi = _ppi(unit, reader.uint(2))
    reader.take(2)
    _check_depth(reader.uint(1))
    coding = _coding(_CODINGS_2005, reader.uint(1))
    reader.take(2)
    block = reader.uint(4)
    position = _position(reader.uint(1))
    if (views := reader.uint(1)) != 1:
        raise InputError("format.representations", count=views)
    reader.take(1)
    score = reader.uint(1)
    quality = QualityBlock(score) if score <= 100 else None
    impression = _impression(reader.uint(1))
    width, height = _size(reader)
    reader.take(1)
    if block and block != 14 + reader.remaining:
        raise InputError("format.length", declared=block, actual=14 + reader.remaining)
    image = reader.take(reader.remaining)
    return FingerRecord(position, width, height, image, coding, ppi, quality, impression, None, device)


def _position(code: int) -> Position:
    if not 1 <= code <= len(FINGERS):
        raise InputError("format.field", field="finger_position", value=code)
    return FINGERS[code - 1]


def _ppi(unit: int, rate: int) -> int:
    if unit not in (_PER_INCH, _PER_CM) or not rate:
        raise InputError("format.field", field="resolution", value=rate)
    return rate if unit == _PER_INCH else round(rate * 2.54)


def _check_depth(bits: int) -> None:
    if bits != 8:
        raise InputError("format.field", field="bit_depth", value=bits)


def _coding(codings: dict[int, ImageCoding], code: int) -> ImageCoding:
    if code not in codings:
        raise InputError("format.field", field="compression", value=code)
    return codings[code]


def _impression(code: int) -> Impression:
    return Impression(code) if code in Impression.__members__.values() else Impression.UNKNOWN


def _size(reader: ByteReader) -> tuple[int, int]:
    width, height = reader.uint(2), reader.uint(2)
    if not width or not height:
        raise InputError("format.field", field="size", value=f"{width}x{height}")
    return width, height


# Finger minutiae records: ISO/IEC 19794-2:2005 (" 20"), record format, written and read.

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
