"""An opened record as ANSI/NIST-ITL 1-2011, Update 2015: types 1, 2, 8, 10, 14 and 17, written through nistitl."""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import nistitl
import numpy as np

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import QualityScore, SampleFormat
from fieldkit.domain.recording.positions import EYES, FINGERS, ExceptionReason, Modality, Position
from fieldkit.formats.container import OpenedRecord, OpenedSample
from fieldkit.formats.face import decode_face_record
from fieldkit.formats.finger import decode_finger_record
from fieldkit.formats.images import decode_grey
from fieldkit.formats.iris import decode_iris_record
from fieldkit.formats.iso19794 import ImageCoding, QualityBlock, quality_block
from fieldkit.formats.signature import decode_signature, render_signature_png
from fieldkit.formats.stated import Stated, StatedItem, stated_by

# What ANSI/NIST-ITL 1-2011 (Update 2015) demands of the records that this program writes, checked on the bytes.

# Per type: mnemonic → what its value must look like. Those of `_IMAGE` stand where there is an image, and only there.
_DAY, _SOURCE = r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", r"[ -~]{9,35}"
_FORMS: Mapping[int, Mapping[str, str]] = {
    1: {
        "VER": r"050[0-2]",
        "TOT": r"[A-Z]{1,16}",
        "DAT": _DAY,
        "DAI": r"[ -~]{9,35}",
        "ORI": r"[ -~]{9,35}",
        "TCN": r"[ -~]{10,40}",
        "NSR": r"00\.00|\d\d\.\d\d",
        "NTR": r"00\.00|\d\d\.\d\d",
        "GMT": r"\d{14}Z",
    },
    2: {},
    10: {"IMT": "FACE", "SRC": _SOURCE, "PHD": _DAY},
    14: {"IMP": r"\d|[12]\d", "SRC": _SOURCE, "FCD": _DAY, "FGP": r"[0-9]|1[0-5]"},
    17: {"ELR": r"[012]", "SRC": _SOURCE, "ICD": _DAY},
}
_SIZE = {"HLL": r"[1-9]\d{1,4}", "VLL": r"[1-9]\d{1,4}", "SLC": r"[012]", "THPS": r"\d{1,5}", "TVPS": r"\d{1,5}"}
_CGA = r"NONE|WSQ20|JPEGB|JPEGL|JP2|JP2L|PNG"
_IMAGE: Mapping[int, Mapping[str, str]] = {
    10: {**_SIZE, "CGA": _CGA, "CSP": r"UNK|GRAY|RGB|SRGB|YCC|SYCC", "SAP": r"\d{1,2}"},
    14: {**_SIZE, "CGA": _CGA, "BPX": r"8|16"},
    17: {**_SIZE, "CGA": _CGA, "BPX": r"8|16|24", "CSP": r"UNK|GRAY|RGB|SRGB|YCC|SYCC"},
}
# What stands in the place of an image.
_ABSENT: Mapping[int, tuple[str, str]] = {14: ("AMP", r"XX|UP"), 17: ("DME", r"MA|UC")}
_PLACED = {"SRC": 4, "HLL": 6, "VLL": 7, "SLC": 8, "THPS": 9, "TVPS": 10, "CGA": 11, "DATA": 999}
# nistitl knows the fields of type 17 by number only.
TAGS: Mapping[int, Mapping[str, int]] = {
    1: {"VER": 2, "TOT": 4, "DAT": 5, "DAI": 7, "ORI": 8, "TCN": 9, "NSR": 11, "NTR": 12, "GMT": 14},
    10: {**_PLACED, "IMT": 3, "PHD": 5, "CSP": 12, "SAP": 13, "SQS": 24},
    14: {**_PLACED, "IMP": 3, "FCD": 5, "BPX": 12, "FGP": 13, "AMP": 18, "FQM": 24},
    17: {**_PLACED, "ELR": 3, "ICD": 5, "BPX": 12, "CSP": 13, "IQS": 24, "DME": 28},
}
_LEAST_PPI = 495  # 19.69 pixels per mm, ± 1 %
_SIGNATURE_HEAD = "!BBBHH"


def demand_rules(content: bytes) -> None:
    """Raise `InputError` `an2.rule` (rule) for the first rule that a transaction breaks."""
    for rule in broken_rules(content):
        raise InputError("an2.rule", rule=rule)


def broken_rules(content: bytes) -> Iterator[str]:
    """Read a transaction with nistitl and yield the rules that it breaks, as `type.mnemonic value`."""
    message = nistitl.Message()
    try:
        message.parse(content)
    except (nistitl.NistException, struct.error, ValueError, LookupError, UnicodeDecodeError) as damage:
        yield f"unreadable {type(damage).__name__}"
        return
    records = list(message)
    if records[0].type != 1:
        yield "1.LEN first"
    yield from _counted(records)
    for part in records:
        yield from _binary(part) if part.type == 8 else _fields(part)
    fingers = [str(_value(part, "FGP", 14)) for part in records if part.type == 14]
    yield from (f"14.FGP {code} twice" for code, count in Counter(fingers).items() if count > 1)


def _counted(records: list[Any]) -> Iterator[str]:
    """The head counts every record by type and number; a number names one record."""
    numbers = [int(part.IDC) for part in records[1:]]
    if numbers != list(range(len(numbers))):
        yield f"IDC {numbers}"
    if len(records[0]["CNT"]) != len(records):
        yield "1.CNT"


def _fields(part: Any) -> Iterator[str]:
    kind = part.type
    if kind not in _FORMS:
        yield f"{kind} unknown"
        return
    has_image = _value(part, "DATA", kind) is not None
    forms = {**_FORMS[kind], **(_IMAGE.get(kind, {}) if has_image else {})}
    missed = False
    for name, form in forms.items():
        value = _value(part, name, kind)
        if value is None or not re.fullmatch(form, str(value)):
            missed = True
            yield f"{kind}.{name} {value}"
    if kind in _ABSENT and not has_image:
        name, form = _ABSENT[kind]
        value = code = _value(part, name, kind)
        while isinstance(code, list) and code:
            code = code[-1]
        if not re.fullmatch(form, str(code)):
            yield f"{kind}.{name} {value}"
    elif has_image and not missed:
        yield from _data(part, kind)


def _data(part: Any, kind: int) -> Iterator[str]:
    data, coding = bytes(_value(part, "DATA", kind)), str(_value(part, "CGA", kind))
    starts = {"WSQ20": (b"\xff\xa0",), "JP2": _JP2, "JP2L": _JP2, "PNG": (b"\x89PNG",), "JPEGB": (b"\xff\xd8",)}
    if coding in starts and not data.startswith(starts[coding]):
        yield f"{kind}.CGA {coding} is another image"
    if coding == "NONE" and len(data) != int(_value(part, "HLL", kind)) * int(_value(part, "VLL", kind)):
        yield f"{kind}.DATA {len(data)}"
    if kind == 14 and str(_value(part, "SLC", kind)) == "1" and int(_value(part, "THPS", kind)) < _LEAST_PPI:
        yield f"14.THPS {_value(part, 'THPS', kind)}"


_JP2 = (b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")


def _binary(part: Any) -> Iterator[str]:
    """Type 8: whose signature, its coding and resolution, width, height, and as many bits."""
    *head, width, height, pixels = part.unpack(_SIGNATURE_HEAD)
    if any(code not in (0, 1) for code in head) or len(pixels) != (width + 7) // 8 * height or not len(pixels):
        yield f"8.DATA {len(pixels)}"


def _value(part: Any, name: str, kind: int) -> Any:
    tag = TAGS.get(kind, {}).get(name)
    field = next((field for field in part._fields if field.tag == tag), None)
    return None if field is None else field.value


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
