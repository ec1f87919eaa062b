"""What the ISO/IEC 19794 image records (parts 4, 5 and 6) have in common."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import QualityScore
from fieldkit.formats.images import Pixels, decode_grey


class ImageCoding(StrEnum):
    """How the image inside a record is coded; each part of the standard numbers them differently."""

    RAW = "raw"
    WSQ = "wsq"
    JPEG = "jpeg"
    JP2_LOSSY = "jp2-lossy"
    JP2_LOSSLESS = "jp2-lossless"
    PNG = "png"


@dataclass(frozen=True, slots=True)
class DeviceIds:
    """Registered numbers of the capture device; 0 means not stated."""

    technology: int = 0
    vendor: int = 0
    model: int = 0


@dataclass(frozen=True, slots=True)
class QualityBlock:
    """A score 0–100 with the registered numbers of its algorithm; `score` None says that computing it failed (255)."""

    score: int | None
    vendor: int = 0
    algorithm: int = 0


# Vendor and algorithm of a score. NFIQ 2.3's are registered (vendor: ISO/IEC JTC 1/SC 37). Ours are not, and stand for
# this program only: docs/quality.md.
_UNREGISTERED = 0xF1E1
_QUALITY_IDS = {
    "NFIQ2": (0x0101, 0x0039),
    "iso29794-4-estimate": (_UNREGISTERED, 1),
    "fieldkit-iris": (_UNREGISTERED, 2),
    "fieldkit-portrait": (_UNREGISTERED, 3),
}


def quality_block(score: QualityScore) -> QualityBlock:
    """Return the block of a score; 0 for both numbers says that nobody stated the algorithm."""
    return QualityBlock(score.value, *_QUALITY_IDS.get(score.algorithm, (0, 0)))


class ByteReader:
    """Reads big-endian fields and never beyond the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def remaining(self) -> int:
        """Return how many bytes are left."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """Return the next bytes. Raise `InputError` when there are fewer."""
        if count > self.remaining:
            raise InputError("format.truncated", missing=count - self.remaining)
        self._at += count
        return self._data[self._at - count : self._at]

    def uint(self, size: int) -> int:
        """Return the next unsigned number of `size` bytes."""
        return int.from_bytes(self.take(size), "big")

    def sub(self, count: int) -> ByteReader:
        """Return a reader bound to the next bytes."""
        return ByteReader(self.take(count))


def open_record(data: bytes, magic: bytes) -> tuple[ByteReader, bytes]:
    """Return a reader behind the version field, and the version. Raise `InputError` for another kind of record."""
    reader = ByteReader(data)
    if reader.take(4) != magic:
        raise InputError("format.other_kind", expected=magic[:3].decode())
    return reader, reader.take(4)


def refuse_version(version: bytes) -> InputError:
    """Return the error for a version that this program does not read."""
    return InputError("format.version", version=version[:3].decode("ascii", "replace"))


def check_length(declared: int, data: bytes) -> None:
    """Raise `InputError` unless a record is exactly as long as it says."""
    if declared != len(data):
        raise InputError("format.length", declared=declared, actual=len(data))


def single_representation(reader: ByteReader, count: int) -> ByteReader:
    """Return a reader bound to the only representation, behind its length field. Raise `InputError` for more."""
    if count != 1:
        raise InputError("format.representations", count=count)
    length = reader.uint(4)
    if length < 4:
        raise InputError("format.length", declared=length, actual=reader.remaining + 4)
    body = reader.sub(length - 4)
    if reader.remaining:
        raise InputError("format.length", declared=length, actual=length + reader.remaining)
    return body


def pack_record(magic: bytes, version: bytes, general: bytes, representation: bytes) -> bytes:
    """Return a record of one representation; `general` is the general header after the number of representations."""
    length = 4 + len(representation)
    header = magic + version + struct.pack(">IH", 14 + len(general) + length, 1) + general
    return header + struct.pack(">I", length) + representation


def pack_capture(captured_at: datetime | None, device: DeviceIds, quality: QualityBlock | None) -> bytes:
    """Return the common start of a representation header: date, device, quality blocks."""
    date = b"\xff" * 9
    if captured_at is not None:
        utc = captured_at.astimezone(UTC)
        clock = (utc.month, utc.day, utc.hour, utc.minute, utc.second)
        date = struct.pack(">H5BH", utc.year, *clock, utc.microsecond // 1000)
    packed = date + struct.pack(">BHH", device.technology, device.vendor, device.model)
    if quality is None:
        return packed + b"\0"
    score = 255 if quality.score is None else quality.score
    return packed + struct.pack(">BBHH", 1, score, quality.vendor, quality.algorithm)


def read_capture(reader: ByteReader) -> tuple[datetime | None, DeviceIds, QualityBlock | None]:
    """Return date, device and the first quality block of a representation header."""
    captured_at = _date(reader.take(9))
    device = DeviceIds(reader.uint(1), reader.uint(2), reader.uint(2))
    blocks = [_quality(reader) for _ in range(reader.uint(1))]
    return captured_at, device, blocks[0] if blocks else None


def skip_certification(reader: ByteReader, is_certified: int) -> None:
    """Pass over the certification blocks that stand there only when the record's flag is 1."""
    if is_certified == 1:
        reader.take(3 * reader.uint(1))


def decode_pixels(coding: ImageCoding, width: int, height: int, image: bytes) -> Pixels:
    """Return the grey image of a record as (height, width) uint8. Raise `InputError` when the sizes disagree."""
    if coding is ImageCoding.RAW:
        if len(image) != width * height:
            raise InputError("format.length", declared=width * height, actual=len(image))
        return np.frombuffer(image, np.uint8).reshape(height, width)
    pixels = decode_grey(image)
    if pixels.shape != (height, width):
        raise InputError("format.size_differs", width=width, height=height)
    return pixels


def _quality(reader: ByteReader) -> QualityBlock:
    score = reader.uint(1)
    if 100 < score < 255:
        raise InputError("format.field", field="quality", value=score)
    return QualityBlock(None if score == 255 else score, reader.uint(2), reader.uint(2))


def _date(field: bytes) -> datetime | None:
    year, month, day, hour, minute, second, millisecond = struct.unpack(">H5BH", field)
    if year in (0, 0xFFFF):  # 0: seen from devices without a clock
        return None
    try:
        return datetime(year, month, day, hour, minute, second, millisecond * 1000, UTC)
    except ValueError as wrong:
        raise InputError("format.field", field="capture_date", value=field.hex()) from wrong
