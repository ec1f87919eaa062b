"""Iris image records: ISO/IEC 19794-6:2011 ("020")."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import QualityScore
from fieldkit.domain.recording.positions import EYES, Position
from fieldkit.formats.images import Pixels, encode_jp2_lossless
from fieldkit.formats.iso19794 import (
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
)

_MAGIC = b"IIR\0"
_ORIENTATION_BASE = 0b0101  # upright, not mirrored
_UNCOMPRESSED_OR_LOSSLESS, _LOSSY = 1 << 6, 2 << 6
_UNKNOWN_ANGLE = 0xFFFF

# 19794-6:2011, table 4; lossy and lossless JPEG 2000 share a number, the history bits tell them apart.
_CODES = {
    ImageCoding.RAW: 2,
    ImageCoding.JPEG: 6,  # not in the standard, but devices send it
    ImageCoding.JP2_LOSSLESS: 10,
    ImageCoding.JP2_LOSSY: 10,
    ImageCoding.PNG: 14,
}


class IrisImageKind(IntEnum):
    """How much of the eye the image shows (19794-6:2011, table 4)."""

    UNCROPPED = 1
    VGA = 2
    CROPPED = 3
    CROPPED_AND_MASKED = 7


@dataclass(frozen=True, slots=True)
class IrisRecord:
    """One eye, one image of 8 grey bits; width and height in pixels, captured_at to the millisecond."""

    position: Position
    width: int
    height: int
    image: bytes
    coding: ImageCoding = ImageCoding.JP2_LOSSLESS
    quality: QualityBlock | None = None
    kind: IrisImageKind = IrisImageKind.VGA
    captured_at: datetime | None = None
    device: DeviceIds = field(default_factory=DeviceIds)

    def pixels(self) -> Pixels:
        """Return the grey image as (height, width). Raise `InputError` when it cannot be decoded."""
        return decode_pixels(self.coding, self.width, self.height, self.image)


def encode_iris_record(record: IrisRecord) -> bytes:
    """Return the record in version "020"; centre and diameter of the iris are left unstated."""
    history = _LOSSY if record.coding is ImageCoding.JP2_LOSSY else _UNCOMPRESSED_OR_LOSSLESS
    body = pack_capture(record.captured_at, record.device, record.quality) + struct.pack(
        ">HBBBBHHB9HI",
        1,
        EYES.index(record.position) + 1,
        record.kind,
        _CODES[record.coding],
        _ORIENTATION_BASE | history,
        record.width,
        record.height,
        8,
        0,  # range
        _UNKNOWN_ANGLE,
        _UNKNOWN_ANGLE,
        *(0,) * 6,  # centre and diameter
        len(record.image),
    )
    return pack_record(_MAGIC, b"020\0", b"\0\1", body + record.image)


def decode_iris_record(data: bytes) -> IrisRecord:
    """Return the only representation of a record. Raise `InputError`."""
    reader, version = open_record(data, _MAGIC)
    if version != b"020\0":
        raise refuse_version(version)
    check_length(reader.uint(4), data)
    count = reader.uint(2)
    reader.take(2)  # certification flag (no scheme exists) and number of eyes
    body = single_representation(reader, count)
    captured_at, device, quality = read_capture(body)
    body.take(2)
    position = _position(body.uint(1))
    kind = _kind(body.uint(1))
    coding = _coding(body.uint(1), body.uint(1))
    width, height = body.uint(2), body.uint(2)
    if not width or not height:
        raise InputError("format.field", field="size", value=f"{width}x{height}")
    if (depth := body.uint(1)) != 8:
        raise InputError("format.field", field="bit_depth", value=depth)
    body.take(18)  # range, roll, centre and diameter
    image = body.take(body.uint(4))
    return IrisRecord(position, width, height, image, coding, quality, kind, captured_at, device)


def iris_record(pixels: Pixels, position: Position, quality: QualityScore, at: datetime) -> bytes:
    """Return the record of a cropped grey iris, coded without loss, as the kit's own infrared camera makes it."""
    height, width = pixels.shape
    block = quality_block(quality)
    image = encode_jp2_lossless(pixels)
    cropped = IrisImageKind.CROPPED
    return encode_iris_record(IrisRecord(position, width, height, image, quality=block, kind=cropped, captured_at=at))


def _position(label: int) -> Position:
    if label not in (1, 2):  # 0: the device does not know which eye
        raise InputError("format.field", field="eye", value=label)
    return EYES[label - 1]


def _kind(code: int) -> IrisImageKind:
    try:
        return IrisImageKind(code)
    except ValueError as wrong:
        raise InputError("format.field", field="image_type", value=code) from wrong


def _coding(code: int, properties: int) -> ImageCoding:
    if code == _CODES[ImageCoding.JP2_LOSSY]:
        is_lossy = properties >> 6 == _LOSSY >> 6
        return ImageCoding.JP2_LOSSY if is_lossy else ImageCoding.JP2_LOSSLESS
    for coding in (ImageCoding.RAW, ImageCoding.JPEG, ImageCoding.PNG):
        if code == _CODES[coding]:
            return coding
    raise InputError("format.field", field="compression", value=code)
