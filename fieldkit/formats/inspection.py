"""What a file with a sample says of itself, in words for people and programs."""

from __future__ import annotations

from typing import Any

from fieldkit.domain.errors import InputError
from fieldkit.formats.an2 import broken_rules
from fieldkit.formats.face import FaceRecord, decode_face_record
from fieldkit.formats.finger import MAGIC, FingerRecord, decode_finger_record, decode_minutiae
from fieldkit.formats.images import decode_grey
from fieldkit.formats.iris import IrisRecord, decode_iris_record
from fieldkit.formats.signature import decode_signature

Facts = dict[str, Any]
_IMAGE_STARTS = {
    b"\xff\xa0": "WSQ",
    b"\x89PNG": "PNG",
    b"\xff\xd8": "JPEG",
    b"\0\0\0\x0cjP": "JPEG 2000",
    b"\xffO\xffQ": "JPEG 2000",
}


def inspect(data: bytes) -> Facts:
    """Return the facts of a sample; `fault` is the code of what makes it unusable, "" for a good one.

    Raise `InputError` `sample.unknown` for what is no sample.
    """
    if data[:4] == b"FIR\0":
        return _image(data, "ISO/IEC 19794-4", decode_finger_record)
    if data[:4] == b"FAC\0":
        return _image(data, "ISO/IEC 19794-5", decode_face_record)
    if data[:4] == b"IIR\0":
        return _image(data, "ISO/IEC 19794-6", decode_iris_record)
    if data[:4] == MAGIC:
        return _minutiae(data)
    if data[:2] == b"1.":
        rules = list(broken_rules(data))
        return {"format": "ANSI/NIST-ITL", "bytes": len(data), "rules": rules, "fault": "an2.rule" if rules else ""}
    for start, name in _IMAGE_STARTS.items():
        if data.startswith(start):
            return _picture(data, name)
    if data[:1] == b"{":
        return _strokes(data)
    raise InputError("sample.unknown")


def _image(data: bytes, name: str, decode: Any) -> Facts:
    facts: Facts = {"format": name, "version": data[4:7].decode("ascii", "replace"), "bytes": len(data)}
    try:
        read: FingerRecord | FaceRecord | IrisRecord = decode(data)
        facts |= _described(read)
        read.pixels()
    except InputError as damage:
        return {**facts, "fault": damage.code}
    return {**facts, "fault": ""}


def _described(read: FingerRecord | FaceRecord | IrisRecord) -> Facts:
    quality, device = read.quality, read.device
    facts: Facts = {
        "position": "PORTRAIT" if isinstance(read, FaceRecord) else read.position.value,
        "width": read.width,
        "height": read.height,
        "coding": read.coding.value,
        "image_bytes": len(read.image),
        "captured_at": read.captured_at.isoformat() if read.captured_at else None,
        "device": {"technology": device.technology, "vendor": device.vendor, "model": device.model},
        "quality": None
        if quality is None
        else {"score": quality.score, "vendor": quality.vendor, "algorithm": quality.algorithm},
    }
    if isinstance(read, FingerRecord):
        facts |= {"ppi": read.ppi, "impression": read.impression.name}
    else:
        facts["image_type"] = read.kind.name
    return facts


def _minutiae(data: bytes) -> Facts:
    facts: Facts = {"format": "ISO/IEC 19794-2", "version": data[4:7].decode("ascii", "replace").strip()}
    try:
        read = decode_minutiae(data)
    except InputError as damage:
        return {**facts, "bytes": len(data), "fault": damage.code}
    position = read.position.value if read.position else "unknown finger"
    told = {"position": position, "width": read.width, "height": read.height}
    counted = {"minutiae": len(read.minutiae), "quality": {"score": read.quality}}
    return {**facts, "bytes": len(data), **told, **counted, "fault": ""}


def _picture(data: bytes, name: str) -> Facts:
    facts: Facts = {"format": name, "bytes": len(data)}
    try:
        height, width = decode_grey(data).shape
    except InputError as damage:
        return {**facts, "fault": damage.code}
    return {**facts, "width": int(width), "height": int(height), "fault": ""}


def _strokes(data: bytes) -> Facts:
    facts: Facts = {"format": "strokes", "bytes": len(data)}
    try:
        read = decode_signature(data)
    except InputError as damage:
        return {**facts, "fault": damage.code}
    told = {"strokes": len(read.strokes), "points": sum(map(len, read.strokes))}
    return {**facts, **told, "width_um": read.width_um, "height_um": read.height_um, "fault": ""}
