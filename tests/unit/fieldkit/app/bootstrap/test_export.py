from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from support.altered import genuine_record

from drivers.simulators.subject import SyntheticSubject
from fieldkit.app.bootstrap.export import ExportFormat, exported, inspected
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import Position
from fieldkit.formats.container import OpenedRecord, read_container
from fieldkit.formats.finger import FingerRecord, encode_finger_record
from fieldkit.formats.images import encode_jp2_lossless
from fieldkit.formats.minutiae import decode_minutiae


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> OpenedRecord:
    return read_container(genuine_record(tmp_path_factory.mktemp("kit")).content)


def test_an_enrollment_carries_its_images(record: OpenedRecord) -> None:
    (content,) = exported(record, ExportFormat.OSIA).values()
    items = json.loads(content)["biometricData"]
    finger = next(item for item in items if item.get("biometricSubType") == "RIGHT_INDEX")
    assert base64.b64decode(finger["image"]) == record.entries["samples/RIGHT_INDEX.fir"]
    assert not any("imageRef" in item for item in items)


def test_iso_records_go_along_with_minutiae_of_every_finger(record: OpenedRecord) -> None:
    files = exported(record, ExportFormat.ISO)
    assert files["EYE_LEFT.iir"] == record.entries["samples/EYE_LEFT.iir"]
    assert sorted(name for name in files if name.endswith(".fmr")) == sorted(
        name.replace(".fir", ".fmr") for name in files if name.endswith(".fir")
    )
    thumb = decode_minutiae(files["LEFT_THUMB.fmr"])
    told = next(item for item in record.enrollment["biometricData"] if item.get("biometricSubType") == "LEFT_THUMB")
    assert (thumb.position, thumb.quality) == (Position.LEFT_THUMB, told["quality"])


def test_a_print_has_minutiae_where_it_shows_ridges(record: OpenedRecord) -> None:
    pixels = SyntheticSubject(3).finger(Position.RIGHT_INDEX)
    image = encode_jp2_lossless(pixels)
    print_ = FingerRecord(Position.RIGHT_INDEX, pixels.shape[1], pixels.shape[0], image)
    entries = {**record.entries, "samples/RIGHT_INDEX.fir": encode_finger_record(print_)}
    other = OpenedRecord(record.record_id, record.kit_id, record.link, record.enrollment, entries)
    found = decode_minutiae(exported(other, ExportFormat.ISO)["RIGHT_INDEX.fmr"])
    assert 15 <= len(found.minutiae) <= 120
    assert (found.width, found.height) == (pixels.shape[1], pixels.shape[0])


@pytest.mark.parametrize(("form", "name"), [(ExportFormat.AN2, "record.an2"), (ExportFormat.CBEFF, "record.cbeff.xml")])
def test_one_file_holds_the_whole_record(record: OpenedRecord, form: ExportFormat, name: str) -> None:
    assert list(exported(record, form)) == [name]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cli\.unreadable"):
        inspected(tmp_path / "nothing")
