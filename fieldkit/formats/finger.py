"""Finger image records: ISO/IEC 19794-4:2011 ("020") written and read, 19794-4:2005 ("010") read."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.domain.recording.samples import QualityScore
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
