"""Face image records: ISO/IEC 19794-5:2011 ("030")."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.biodata import Preparation
from fieldkit.domain.recording.capture import QualityScore
from fieldkit.formats.images import Pixels, decode_colour, encode_jp2_lossless
from fieldkit.formats.iso19794 import (
    DeviceIds,
    ImageCoding,
    QualityBlock,
    check_length,
    open_record,
    pack_capture,
    pack_record,
    quality_block,
    read_capture,
    refuse_version,
    single_representation,
    skip_certification,
)

_MAGIC = b"FAC\0"
_RGB24 = 1
_ROTATED, _CROPPED, _REDUCED = 0x0001, 0x0002, 0x0004  # what was done after the shot, 19794-5:2011
_LANDMARK_BYTES = 8

# 19794-5:2011, table 17.
_CODINGS = {0: ImageCoding.JPEG, 1: ImageCoding.JP2_LOSSY, 2: ImageCoding.JP2_LOSSLESS, 3: ImageCoding.PNG}
_CODES = {coding: code for code, coding in _CODINGS.items()}


class FaceImageKind(IntEnum):
    """What the image promises (19794-5:2011, table 16)."""

    BASIC = 0
    FULL_FRONTAL = 1
    TOKEN_FRONTAL = 2


@dataclass(frozen=True, slots=True)
class FaceRecord:
    """One portrait in 24-bit RGB; width and height in pixels, captured_at to the millisecond."""

    width: int
    height: int
    image: bytes
    coding: ImageCoding = ImageCoding.JP2_LOSSLESS
    quality: QualityBlock | None = None
    kind: FaceImageKind = FaceImageKind.FULL_FRONTAL
    processing: int = _CROPPED
    captured_at: datetime | None = None
    device: DeviceIds = field(default_factory=DeviceIds)

    def pixels(self) -> Pixels:
        """Return the image as (height, width, 3) RGB. Raise `InputError` when it cannot be decoded."""
        pixels = decode_colour(self.image)
        if pixels.shape[:2] != (self.height, self.width):
            raise InputError("format.size_differs", width=self.width, height=self.height)
        return pixels


def encode_face_record(record: FaceRecord) -> bytes:
    """Return the record in version "030"; sex, colours and pose stay unstated: the biodata holds what is needed."""
    body = (
        pack_capture(record.captured_at, record.device, record.quality)
        + bytes(17)  # facial information: no landmarks, everything unspecified
        + struct.pack(">BBHHB", record.kind, _CODES[record.coding], record.width, record.height, 0)
        + struct.pack(">HBBI", record.processing, 0, _RGB24, len(record.image))
    )
    return pack_record(_MAGIC, b"030\0", bytes(3), body + record.image)


def decode_face_record(data: bytes) -> FaceRecord:
    """Return the only representation of a record. Raise `InputError`."""
    reader, version = open_record(data, _MAGIC)
    if version != b"030\0":
        raise refuse_version(version)
    check_length(reader.uint(4), data)
    count, is_certified = reader.uint(2), reader.uint(1)
    reader.take(2)  # temporal semantics: of one representation there are none
    body = single_representation(reader, count)
    captured_at, device, quality = read_capture(body)
    skip_certification(body, is_certified)
    landmarks = body.uint(2)
    body.take(15 + landmarks * _LANDMARK_BYTES)
    kind = _kind(body.uint(1))
    coding = _coding(body.uint(1))
    width, height = body.uint(2), body.uint(2)
    if not width or not height:
        raise InputError("format.field", field="size", value=f"{width}x{height}")
    body.take(1)  # sampling level
    processing = body.uint(2)
    body.take(2)  # cross reference, colour space
    image = body.take(body.uint(4))
    return FaceRecord(width, height, image, coding, quality, kind, processing, captured_at, device)


def _kind(code: int) -> FaceImageKind:
    try:
        return FaceImageKind(code)
    except ValueError as wrong:
        raise InputError("format.field", field="image_type", value=code) from wrong


def _coding(code: int) -> ImageCoding:
    if code not in _CODINGS:
        raise InputError("format.field", field="compression", value=code)
    return _CODINGS[code]


def portrait_record(pixels: Pixels, quality: QualityScore, at: datetime, made: Preparation) -> bytes:
    """Return the record of an RGB portrait, coded without loss, as the kit's own camera makes it.

    It says full frontal only where everything that this promises was measured, and what was done to the picture.
    """
    height, width = pixels.shape[:2]
    image = encode_jp2_lossless(pixels)
    kind = FaceImageKind.FULL_FRONTAL if made.is_full_frontal else FaceImageKind.BASIC
    done = _CROPPED | (_ROTATED if made.is_rotated else 0) | (_REDUCED if made.is_reduced else 0)
    block = quality_block(quality)
    return encode_face_record(
        FaceRecord(width, height, image, quality=block, kind=kind, processing=done, captured_at=at)
    )
