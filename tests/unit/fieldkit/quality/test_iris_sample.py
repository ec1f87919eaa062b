from __future__ import annotations

from datetime import UTC, datetime

import pytest

from drivers.simulators.infrared import both_eyes
from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.recording.positions import EYES, Position
from fieldkit.domain.recording.samples import SampleFormat
from fieldkit.formats.images import decode_grey, encode_png
from fieldkit.formats.iris import IrisImageKind, decode_iris_record, iris_record
from fieldkit.quality.iris import IrisJudge
from fieldkit.quality.iris_finder import find_eyes
from fieldkit.quality.iris_metrics import crop
from fieldkit.quality.iris_sample import IrisEncoder

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
ENCODER = IrisEncoder(IrisJudge(decode_grey), iris_record)


@pytest.mark.parametrize("position", EYES)
def test_each_eye_of_a_frame_becomes_its_own_record(position: Position) -> None:
    face = both_eyes(SyntheticSubject(7))
    sample = ENCODER.encode(encode_png(face, 500), position, AT)
    assert sample.format is SampleFormat.ISO_19794_6
    assert sample.position is position
    assert sample.quality.value >= 60
    record = decode_iris_record(sample.data)
    assert (record.position, record.kind, record.captured_at) == (position, IrisImageKind.CROPPED, AT)
    assert record.quality is not None
    assert record.quality.score == sample.quality.value
    expected = crop(face, find_eyes(face)[EYES.index(position)].iris)
    assert (record.pixels() == expected).all()
    assert record.width > record.height > 200


def test_what_is_not_seen_is_refused() -> None:
    closed = both_eyes(SyntheticSubject(7, conditions={Position.EYE_LEFT: Condition.BANDAGED}))
    frame = encode_png(closed, 500)
    with pytest.raises(ValueError, match="EYE_LEFT is not seen"):
        ENCODER.encode(frame, Position.EYE_LEFT, AT)
    with pytest.raises(ValueError, match="no eye"):
        ENCODER.encode(frame, Position.PORTRAIT, AT)
    with pytest.raises(ValueError, match="not an image"):
        ENCODER.encode(b"", Position.EYE_LEFT, AT)
