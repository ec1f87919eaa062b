"""An opened record in the formats that others read."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path

from fieldkit.domain.errors import InputError, reason_of
from fieldkit.domain.recording.samples import SampleFormat
from fieldkit.formats.an2 import an2_file
from fieldkit.formats.cbeff import cbeff_file
from fieldkit.formats.container import OpenedRecord, OpenedSample
from fieldkit.formats.exports import iso_files, osia_file
from fieldkit.formats.finger import decode_finger_record
from fieldkit.formats.inspection import Facts, inspect
from fieldkit.formats.minutiae import encode_minutiae, record_of
from fieldkit.formats.stated import stated_by
from fieldkit.media.place import Place

_MOST_BYTES = 64_000_000


class ExportFormat(StrEnum):
    """What others read."""

    OSIA = "osia"
    AN2 = "an2"
    ISO = "iso"
    CBEFF = "cbeff"


def exported(record: OpenedRecord, form: ExportFormat) -> Mapping[str, bytes]:
    """Return the files of a record in a format, by name. Raise `InputError`."""
    return _WRITERS[form](record)


def inspected(file: Path) -> Facts:
    """Return what a file with a sample says of itself. Raise `InputError`."""
    try:
        return inspect(Place.of_file(file).read(_MOST_BYTES))
    except OSError as error:
        if error.errno == errno.E2BIG:
            raise InputError("record.too_large", limit=_MOST_BYTES) from error
        raise InputError("cli.unreadable", file=str(file), detail=reason_of(error)) from error


def _iso(record: OpenedRecord) -> Mapping[str, bytes]:
    """The records as the devices gave them, and the minutiae of each finger with the score that the kit went by."""
    scores = {item.sub_kind: item.quality for item in stated_by(record.entries["enrollment.json"]).items if item.image}
    fingers = [sample for sample in record.samples if sample.format is SampleFormat.ISO_19794_4]
    return {**iso_files(record), **{f"{s.position.value}.fmr": _minutiae(s, scores[s.position.value]) for s in fingers}}


def _minutiae(sample: OpenedSample, score: int) -> bytes:
    from fieldkit.matching.minutiae import find_minutiae
    from fieldkit.matching.ridges import find_ridges

    read = decode_finger_record(sample.data)
    ridges = find_ridges(read.pixels(), read.ppi)
    height, width = ridges.skin.shape
    found = [(float(x), float(y), float(turn)) for x, y, turn in find_minutiae(ridges)]
    return encode_minutiae(record_of(read.position, (width, height), found, score))


_WRITERS: Mapping[ExportFormat, Callable[[OpenedRecord], Mapping[str, bytes]]] = {
    ExportFormat.OSIA: lambda record: {"enrollment.json": osia_file(record)},
    ExportFormat.AN2: lambda record: {"record.an2": an2_file(record)},
    ExportFormat.ISO: _iso,
    ExportFormat.CBEFF: lambda record: {"record.cbeff.xml": cbeff_file(record)},
}
