from __future__ import annotations

from dataclasses import replace

import nistitl
import pytest
from support.altered import Altered, Genuine

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.formats.an2 import an2_file, broken_rules
from fieldkit.formats.container import OpenedRecord, read_container
from fieldkit.formats.finger import FingerRecord, decode_finger_record, encode_finger_record
from fieldkit.formats.images import decode_grey
from fieldkit.formats.iso19794 import QualityBlock


@pytest.fixture(scope="module")
def record(genuine: Genuine) -> OpenedRecord:
    return read_container(genuine.content)


def parsed(content: bytes) -> nistitl.Message:
    message = nistitl.Message()
    message.parse(content)
    return message


def fields(part: nistitl.AsciiRecord) -> dict[int, object]:
    return {field.tag: field.value for field in part._fields}


def test_another_hand_reads_every_record_back(record: OpenedRecord) -> None:
    content = an2_file(record)
    message = parsed(content)
    assert list(broken_rules(content)) == []
    assert [part.type for part in message] == [1, 2, *[14] * 9, 17, 17, 10, 8, 14]
    assert ("0502", "KTPEL", record.record_id) == (message[0].VER, message[0].TOT, message[0].TCN)
    assert fields(message[1])[3] == record.nik


def test_the_images_are_those_of_the_samples(record: OpenedRecord) -> None:
    prints = [fields(part) for part in parsed(an2_file(record)) if part.type == 14]
    for told in prints:
        if 999 not in told:
            continue
        sample = decode_finger_record(record.entries[f"samples/{FINGERS[int(str(told[13])) - 1]}.fir"])
        assert told[999] == sample.image
        assert (told[6], told[7], told[9], told[11]) == ("64", "48", "500", "JP2L")
        assert decode_grey(sample.image).shape == (48, 64)


def test_a_bandaged_finger_stands_without_an_image(record: OpenedRecord) -> None:
    (absent,) = (part for part in parsed(an2_file(record)) if part.type == 14 and 999 not in fields(part))
    assert (fields(absent)[13], fields(absent)[18]) == ("9", [["9", "UP"]])


def test_the_signature_is_one_bit_a_pixel(record: OpenedRecord) -> None:
    (part,) = (part for part in parsed(an2_file(record)) if part.type == 8)
    *_, width, height, pixels = part.unpack("!BBBHH")
    assert len(pixels) == (width + 7) // 8 * height
    assert any(pixels)


@pytest.mark.parametrize(("block", "scores"), [(QualityBlock(71, 0x1A, 7), [["2", "71", "001A", "7"]]), (None, None)])
def test_a_score_stands_where_its_algorithm_is_registered(
    record: OpenedRecord, block: QualityBlock | None, scores: object
) -> None:
    name = "samples/RIGHT_INDEX.fir"
    sample = decode_finger_record(record.entries[name])
    other = replace(record, entries={**record.entries, name: encode_finger_record(replace(sample, quality=block))})
    index = next(part for part in parsed(an2_file(other)) if part.type == 14 and fields(part)[13] == "2")
    assert fields(index).get(24) == scores


def test_our_score_stands_before_that_of_the_device(record: OpenedRecord, genuine: Genuine) -> None:
    altered = Altered.of(genuine.content)
    for position, algorithm in (("RIGHT_INDEX", "iso29794-4-estimate 1"), ("EYE_LEFT", "fieldkit-iris 1")):
        altered.item(position).update(quality=62, algorithm=algorithm)
    name = "samples/RIGHT_INDEX.fir"
    block = QualityBlock(90, 0x1A, 7)
    signed = encode_finger_record(replace(decode_finger_record(record.entries[name]), quality=block))
    ours = replace(record, entries={**record.entries, "enrollment.json": _json(altered), name: signed})
    parts = [fields(part) for part in parsed(an2_file(ours)) if part.type in (14, 17)]
    index = next(told for told in parts if told[13] == "2")
    assert index[24] == [["2", "62", "F1E1", "1"], ["2", "90", "001A", "7"]]
    assert next(told for told in parts if told[3] == "2")[24] == [["62", "F1E1", "2"]]


def test_a_name_beyond_latin_letters_breaks_nothing(record: OpenedRecord, genuine: Genuine) -> None:
    altered = Altered.of(genuine.content)
    altered.enrollment["biographicData"]["fullName"] = "ŠITI\x1cX ☂"
    spelled = replace(record, entries={**record.entries, "enrollment.json": _json(altered)})
    assert fields(parsed(an2_file(spelled))[1])[5] == "?ITI X ?"


def test_a_record_that_the_standard_refuses_is_not_written(record: OpenedRecord) -> None:
    sample = decode_finger_record(record.entries["samples/RIGHT_INDEX.fir"])
    coarse = FingerRecord(Position.RIGHT_INDEX, sample.width, sample.height, sample.image, ppi=250)
    entries = {**record.entries, "samples/RIGHT_INDEX.fir": encode_finger_record(coarse)}
    with pytest.raises(InputError) as caught:
        an2_file(replace(record, entries=entries))
    assert caught.value.problem.params == {"rule": "14.THPS 250"}


def _json(altered: Altered) -> bytes:
    import json

    return json.dumps(altered.enrollment).encode()
