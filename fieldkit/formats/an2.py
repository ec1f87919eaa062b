"""An opened record as ANSI/NIST-ITL 1-2011, Update 2015: types 1, 2, 8, 10, 14 and 17, written through nistitl."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import nistitl
import numpy as np

from fieldkit.domain.recording.exception_mark import ExceptionReason
from fieldkit.domain.recording.positions import EYES, FINGERS, Modality, Position
from fieldkit.domain.recording.samples import QualityScore, SampleFormat
from fieldkit.formats.an2_rules import TAGS, demand_rules
from fieldkit.formats.container import OpenedRecord, OpenedSample
from fieldkit.formats.face import decode_face_record
from fieldkit.formats.finger import decode_finger_record
from fieldkit.formats.images import decode_grey
from fieldkit.formats.iris import decode_iris_record
from fieldkit.formats.iso19794 import ImageCoding, QualityBlock, quality_block
from fieldkit.formats.signature import decode_signature, render_signature_png
from fieldkit.formats.stated import Stated, StatedItem, stated_by

VERSION, TRANSACTION = "0502", "KTPEL"
_SIGNATURE_PPI = 500
_CODINGS = {
    ImageCoding.RAW: "NONE",
    ImageCoding.WSQ: "WSQ20",
    ImageCoding.JPEG: "JPEGB",
    ImageCoding.JP2_LOSSY: "JP2",
    ImageCoding.JP2_LOSSLESS: "JP2L",
    ImageCoding.PNG: "PNG",
}
# Fields of type 2 belong to whoever agrees upon them; these are ours, told in docs/formats.md.
_BIODATA = {
    3: "nik", 4: "noKk", 5: "fullName", 6: "placeOfBirth", 7: "dateOfBirth", 8: "gender", 9: "kewarganegaraan",
    10: "agama", 11: "statusKawin", 12: "golonganDarah", 13: "pekerjaan", 14: "pendidikan", 15: "namaIbu",
}  # fmt: skip
_NO_SCALE = {"SLC": "0", "THPS": "1", "TVPS": "1"}  # square pixels
_AMPUTATED = frozenset({ExceptionReason.MISSING_FINGER, ExceptionReason.MISSING_EYE, ExceptionReason.PROSTHESIS})


def an2_file(record: OpenedRecord) -> bytes:
    """Return the transaction of a record, read back and checked. Raise `InputError` `an2.rule` or of a sample."""
    stated = stated_by(record.entries["enrollment.json"])
    message = nistitl.Message()
    _head(message[0], record, stated)
    message += _text(record, stated)
    source = f"FIELDKIT-{record.kit_id}"[:35]
    parts = [*_samples(record, stated, source), *_absent(stated, source)]
    for number, part in enumerate(parts, 1):
        part.IDC = f"{number:02d}" if isinstance(part, nistitl.AsciiRecord) else number
        message += part
    content: bytes = message.NIST
    demand_rules(content)
    return content


def _head(head: Any, record: OpenedRecord, stated: Stated) -> None:
    at = stated.context.finished_at
    head.VER, head.TOT, head.DAT = VERSION, TRANSACTION, f"{at:%Y%m%d}"
    head.DAI, head.ORI, head.TCN = "DUKCAPIL-PUSAT", f"FIELDKIT-{record.kit_id}"[:35], record.record_id
    head.NSR = head.NTR = "00.00"  # there is no type 4, which alone they are for
    head.GMT = f"{at.astimezone(UTC):%Y%m%d%H%M%SZ}"


def _text(record: OpenedRecord, stated: Stated) -> Any:
    text = nistitl.AsciiRecord(2)
    text.IDC = "00"
    for tag, name in _BIODATA.items():
        text += nistitl.Field(2, tag, _latin(stated.biodata.get(name, "")))
    text += nistitl.Field(2, 20, record.record_id)
    text += nistitl.Field(2, 21, ",".join(stated.context.petugas))
    marks = [f"{mark.position.value}={mark.reason.value}" for mark in stated.context.exceptions]
    text += nistitl.Field(2, 22, ",".join(marks))
    return text


def _samples(record: OpenedRecord, stated: Stated, source: str) -> Iterator[Any]:
    makers: Mapping[SampleFormat, Callable[[OpenedSample, StatedItem, datetime, str], Any]] = {
        SampleFormat.ISO_19794_4: _finger,
        SampleFormat.ISO_19794_5: _face,
        SampleFormat.ISO_19794_6: _iris,
    }
    items = {item.sub_kind: item for item in stated.items if item.image}
    for sample in record.samples:
        if sample.format in makers:
            item = items[sample.position.value]
            yield makers[sample.format](sample, item, stated.context.finished_at, source)
        elif not sample.is_confirmation:
            yield _signature(sample.data)


def _finger(sample: OpenedSample, item: StatedItem, finished_at: datetime, source: str) -> Any:
    read = decode_finger_record(sample.data)
    code = str(read.position.finger_code)
    image = _size(read.width, read.height, read.coding)
    scale = {"SLC": "1", "THPS": str(read.ppi), "TVPS": str(read.ppi), "BPX": "8"}
    day = _day(read.captured_at or finished_at)
    told = {"IMP": str(int(read.impression)), "SRC": source, "FCD": day, **image, **scale, "FGP": code}
    return _part(14, told, {"FQM": [[code, *each] for each in _scores(item, read.quality)]}, read.image)


def _face(sample: OpenedSample, item: StatedItem, finished_at: datetime, source: str) -> Any:
    read = decode_face_record(sample.data)
    image = {**_size(read.width, read.height, read.coding), **_NO_SCALE}
    # Of no acquisition profile that somebody checked.
    told = {"IMT": "FACE", "SRC": source, "PHD": _day(read.captured_at or finished_at), "CSP": "SRGB", "SAP": "0"}
    return _part(10, {**told, **image}, {"SQS": _scores(item, read.quality)}, read.image)


def _iris(sample: OpenedSample, item: StatedItem, finished_at: datetime, source: str) -> Any:
    read = decode_iris_record(sample.data)
    image = {**_size(read.width, read.height, read.coding), **_NO_SCALE, "BPX": "8", "CSP": "GRAY"}
    told = {"ELR": _eye(read.position), "SRC": source, "ICD": _day(read.captured_at or finished_at)}
    return _part(17, {**told, **image}, {"IQS": _scores(item, read.quality)}, read.image)


def _signature(strokes: bytes) -> Any:
    """Return the signature of the subject as pixels of one bit, eight in a byte, at the least resolution there is."""
    ink = decode_grey(render_signature_png(decode_signature(strokes), _SIGNATURE_PPI)) < 128
    part = nistitl.BinaryRecord(8)
    height, width = ink.shape
    # Of the subject (0), uncompressed (0), at the minimum scanning resolution (0).
    part.pack("!BBBHH", 0, 0, 0, width, height, np.packbits(ink, 1).tobytes())
    return part


def _absent(stated: Stated, source: str) -> Iterator[Any]:
    """Yield a record without image for each finger and eye that was excepted and never captured."""
    imaged = {item.sub_kind for item in stated.items if item.image}
    for mark in stated.context.exceptions:
        if mark.position.value in imaged or mark.position.modality not in (Modality.FINGER, Modality.IRIS):
            continue
        is_gone = mark.reason in _AMPUTATED
        if mark.position in FINGERS:
            code = str(mark.position.finger_code)
            told = {"IMP": "0", "SRC": source, "FCD": _day(mark.at), "FGP": code}
            yield _part(14, told, {"AMP": [[code, "XX" if is_gone else "UP"]]})
        else:
            told = {"ELR": _eye(mark.position), "SRC": source, "ICD": _day(mark.at)}
            yield _part(17, {**told, "DME": "MA" if is_gone else "UC"}, {})


def _part(kind: int, told: Mapping[str, str], tables: Mapping[str, list[list[str]]], image: bytes = b"") -> Any:
    """Return a record by mnemonics; `tables` are fields of several items, left out where they are empty."""
    part = nistitl.AsciiRecord(kind)
    for name, value in {**told, **{name: rows for name, rows in tables.items() if rows}}.items():
        part += nistitl.Field(kind, TAGS[kind][name], value)
    if image:
        part += nistitl.BinaryField(kind, TAGS[kind]["DATA"], image)
    return part


def _size(width: int, height: int, coding: ImageCoding) -> dict[str, str]:
    return {"HLL": str(width), "VLL": str(height), "CGA": _CODINGS[coding]}


def _eye(position: Position) -> str:
    return str(EYES.index(position) + 1)


def _scores(item: StatedItem, of_device: QualityBlock | None) -> list[list[str]]:
    """Return the score of the kit, then of the device; one whose algorithm has no numbers would say nothing."""
    name, _, version = item.algorithm.rpartition(" ")
    blocks = quality_block(QualityScore(item.quality, name or version)), of_device
    told: dict[tuple[int, int], str] = {}
    for each in blocks:
        if each is not None and each.score is not None and each.vendor and each.algorithm:
            told.setdefault((each.vendor, each.algorithm), str(each.score))
    return [[score, f"{vendor:04X}", str(algorithm)] for (vendor, algorithm), score in told.items()]


def _day(at: datetime) -> str:
    return f"{at:%Y%m%d}"


def _latin(value: object) -> str:
    """Return a text in the eight bits of the traditional encoding, without what separates its fields."""
    text = str(value).encode("latin-1", "replace").decode("latin-1")
    return "".join(" " if ord(letter) < 32 else letter for letter in text)
