from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from support.portraits import hand_before_mouth, shut

from drivers.simulators.subject import RED
from fieldkit.domain.recording.portrait import Background
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.samples import SampleFormat
from fieldkit.formats.face import FaceImageKind, decode_face_record, portrait_record
from fieldkit.formats.images import decode_colour, encode_jpeg
from fieldkit.quality.face import PortraitJudge
from fieldkit.quality.portrait import PortraitEncoder

Pixels = NDArray[np.uint8]
AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def encoder() -> PortraitEncoder:
    return PortraitEncoder(PortraitJudge(decode_colour, Background.RED), portrait_record)


def test_sample_is_a_face_record_of_an_upright_portrait(encoder: PortraitEncoder, portrait: Pixels) -> None:
    sample = encoder.encode(encode_jpeg(portrait, 92), Position.PORTRAIT, AT)
    assert sample.format is SampleFormat.ISO_19794_5
    assert sample.quality.value >= 60
    assert sample.hints == ()
    record = decode_face_record(sample.data)
    assert record.kind is FaceImageKind.FULL_FRONTAL
    assert record.processing == 0x0001 | 0x0002
    assert record.captured_at == AT
    assert record.quality is not None
    assert record.quality.score == sample.quality.value
    height, width = record.pixels().shape[:2]
    assert width * 4 == height * 3
    assert 540 < width <= 720


def test_large_frame_is_brought_down_to_720(encoder: PortraitEncoder, portrait: Pixels) -> None:
    large = np.repeat(np.repeat(portrait, 2, axis=0), 2, axis=1)
    record = decode_face_record(encoder.encode(encode_jpeg(large, 90), Position.PORTRAIT, AT).data)
    assert record.width == 720
    assert record.processing == 0x0001 | 0x0002 | 0x0004


def test_frame_without_a_face_gives_its_middle(encoder: PortraitEncoder) -> None:
    wall = np.full((720, 1280, 3), RED, np.uint8)
    sample = encoder.encode(encode_jpeg(wall, 90), Position.PORTRAIT, AT)
    assert sample.quality.value == 0
    assert sample.hints == ("face.no_face",)
    record = decode_face_record(sample.data)
    assert record.pixels().shape == (720, 540, 3)
    assert (record.kind, record.processing) == (FaceImageKind.BASIC, 0x0002)


def test_other_positions_and_other_bytes_are_refused(encoder: PortraitEncoder, portrait: Pixels) -> None:
    with pytest.raises(ValueError, match="no portrait"):
        encoder.encode(encode_jpeg(portrait, 90), Position.EYE_LEFT, AT)
    with pytest.raises(ValueError, match="not an image"):
        encoder.encode(b"GIF89a", Position.PORTRAIT, AT)


@pytest.mark.days
@pytest.mark.parametrize("turns", [1, 3])
def test_a_frame_on_its_side_becomes_an_upright_portrait(
    encoder: PortraitEncoder, portrait: Pixels, turns: int
) -> None:
    upright = encoder.encode(encode_jpeg(portrait, 95), Position.PORTRAIT, AT)
    side = encoder.encode(encode_jpeg(np.rot90(portrait, turns), 95), Position.PORTRAIT, AT)
    assert side.quality.value == pytest.approx(upright.quality.value, abs=4)
    expected, pixels = (decode_face_record(s.data).pixels() for s in (upright, side))
    assert pixels.shape[0] * 3 == pixels.shape[1] * 4
    # JPEG moves the eyes that the finder sees by a pixel or two.
    same_size = np.asarray(Image.fromarray(pixels).resize(expected.shape[1::-1])).astype(int)
    assert np.abs(same_size - expected).mean() < 8


@pytest.mark.days
def test_a_record_is_full_frontal_only_when_everything_it_promises_holds(portrait: Pixels) -> None:
    eyes = (np.array((283.0, 410.0)), np.array((437.0, 410.0)))
    for picture, kind in (
        (portrait, FaceImageKind.FULL_FRONTAL),
        (shut(portrait, eyes), FaceImageKind.BASIC),
        (hand_before_mouth(portrait, eyes), FaceImageKind.BASIC),  # asked about, so not promised
    ):
        judge = PortraitJudge(decode_colour, Background.BLUE)  # the wall is no part of it
        sample = PortraitEncoder(judge, portrait_record).encode(encode_jpeg(picture, 92), Position.PORTRAIT, AT)
        assert decode_face_record(sample.data).kind is kind
