from __future__ import annotations

from dataclasses import replace

import pytest
from support.altered import Genuine

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import Position
from fieldkit.formats.an2 import an2_file
from fieldkit.formats.container import read_container
from fieldkit.formats.finger import FingerMinutia, FingerRecord, MinutiaeRecord, encode_finger_record, encode_minutiae
from fieldkit.formats.inspection import inspect


def test_each_kind_of_sample_says_what_it_is(genuine: Genuine) -> None:
    record = read_container(genuine.content)
    finger = inspect(record.entries["samples/RIGHT_INDEX.fir"])
    assert (finger["format"], finger["version"], finger["position"]) == ("ISO/IEC 19794-4", "020", "RIGHT_INDEX")
    assert (finger["width"], finger["height"], finger["ppi"], finger["coding"]) == (64, 48, 500, "jp2-lossless")
    assert (finger["fault"], finger["captured_at"]) == ("", "2026-11-21T03:00:00+00:00")
    assert inspect(record.entries["samples/EYE_LEFT.iir"])["position"] == "EYE_LEFT"
    assert inspect(record.entries["samples/PORTRAIT.fac"])["image_type"] == "FULL_FRONTAL"
    assert inspect(record.entries["samples/SIGNATURE.json"])["strokes"] == 1
    assert inspect(record.entries["samples/SIGNATURE.png"])["format"] == "PNG"
    assert inspect(an2_file(record)) | {"bytes": 0} == {"format": "ANSI/NIST-ITL", "bytes": 0, "rules": [], "fault": ""}
    minutiae = MinutiaeRecord(Position.LEFT_RING, 9, 9, (FingerMinutia(1, 1, 0),), 60)
    told = inspect(encode_minutiae(minutiae))
    assert (told["format"], told["position"], told["minutiae"]) == ("ISO/IEC 19794-2", "LEFT_RING", 1)
    assert inspect(encode_minutiae(replace(minutiae, position=None)))["position"] == "unknown finger"


def test_a_record_with_a_broken_picture_tells_all_but_its_pixels() -> None:
    told = inspect(encode_finger_record(FingerRecord(Position.RIGHT_INDEX, 64, 48, b"no picture")))
    assert (told["position"], told["fault"]) == ("RIGHT_INDEX", "format.image_unreadable")


@pytest.mark.parametrize("start", [b"FIR\0", b"FAC\0", b"IIR\0", b"FMR\0", b"\xff\xa0", b"\x89PNG", b"{", b"1.001:"])
def test_a_cut_sample_has_its_fault(start: bytes) -> None:
    assert inspect(start)["fault"]


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"\0" * 40])
def test_what_is_no_sample_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"sample\.unknown"):
        inspect(data)
