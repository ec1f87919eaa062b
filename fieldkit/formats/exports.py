"""An opened record in files that stand alone: OSIA with the images inside, the ISO/IEC 19794 records as captured."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from fieldkit.domain.recording.samples import SampleFormat
from fieldkit.formats.container import OpenedRecord

_EXTENSIONS = {SampleFormat.ISO_19794_4: "fir", SampleFormat.ISO_19794_5: "fac", SampleFormat.ISO_19794_6: "iir"}


def osia_file(record: OpenedRecord) -> bytes:
    """Return the enrollment as one JSON file: images, papers and ink stand in it instead of being named."""
    told = json.loads(json.dumps(record.enrollment))
    for item in told["biometricData"]:
        _take_in(record, item, "imageRef", "image")
    for document in told.get("documentData", []):
        for part in document["parts"]:
            _take_in(record, part, "dataRef", "data")
    context = told["contextualData"]
    for mark in context["exceptions"]:
        _take_file(record, mark, "photo")
    for ink in context.get("exceptionInks", []):
        _take_file(record, ink, "picture")
        _take_file(record, ink, "strokes")
    return json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n"


def iso_files(record: OpenedRecord) -> Mapping[str, bytes]:
    """Return the finger, face and iris records as the devices gave them, by position."""
    return {
        f"{sample.position.value}.{_EXTENSIONS[sample.format]}": sample.data
        for sample in record.samples
        if sample.format in _EXTENSIONS
    }


def _take_in(record: OpenedRecord, item: dict[str, Any], ref: str, content: str) -> None:
    if ref in item:
        item[content] = base64.b64encode(record.entries[item.pop(ref).partition("#")[2]]).decode()


def _take_file(record: OpenedRecord, told: dict[str, Any], name: str) -> None:
    if name in told:
        told[name] = base64.b64encode(record.entries[told[name]]).decode()
