"""What ANSI/NIST-ITL 1-2011 (Update 2015) demands of the records that this program writes, checked on the bytes."""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import nistitl

from fieldkit.domain.errors import InputError

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
