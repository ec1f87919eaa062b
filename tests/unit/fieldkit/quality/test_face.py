from __future__ import annotations

from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from support.portraits import hand_before_mouth, shut

from drivers.simulators.subject import BLUE, ORANGE, RED, SyntheticSubject
from fieldkit.domain.recording.biodata import HINTS, Background
from fieldkit.domain.recording.capture import SampleFormat
from fieldkit.domain.recording.positions import Position
from fieldkit.formats.face import FaceImageKind, decode_face_record, portrait_record
from fieldkit.formats.images import decode_colour, encode_jpeg
from fieldkit.quality.face import PortraitEncoder, PortraitJudge

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def judge() -> PortraitJudge:
    return PortraitJudge(decode_colour, Background.RED)


def bordered(frame: Pixels, high: int, wide: int) -> Pixels:
    return cv2.copyMakeBorder(frame, high, high, wide, wide, cv2.BORDER_REPLICATE).astype(np.uint8)


def turned(frame: Pixels, degrees: float) -> Pixels:
    turn = cv2.getRotationMatrix2D((360, 440), degrees, 1)
    return cv2.warpAffine(frame, turn, (720, 960), borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)


def brighter(frame: Pixels, factor: float | NDArray[np.float64], plus: int = 0) -> Pixels:
    return np.clip(frame * factor + plus, 0, 255).astype(np.uint8)


def grey_wall(frame: Pixels) -> Pixels:
    is_wall = np.abs(frame.astype(int) - RED).sum(axis=2) < 20
    return np.where(is_wall[..., np.newaxis], 190, frame).astype(np.uint8)


def striped_wall(frame: Pixels) -> Pixels:
    stripes = frame.copy()
    stripes[:400, :130] = stripes[:400, :130] // 3
    return stripes


@pytest.mark.parametrize("seed", range(6))
def test_good_portraits_pass_all_checks(judge: PortraitJudge, seed: int) -> None:
    live = judge.score(encode_jpeg(SyntheticSubject(seed).portrait(RED), 90))
    assert live.hints == ()
    assert live.quality >= 60


@pytest.mark.parametrize(
    ("hint", "spoil"),
    [
        ("face.no_face", lambda f: np.full_like(f, RED)),
        ("face.several_faces", lambda f: np.hstack([f, f])),
        ("face.too_far", lambda f: bordered(cv2.resize(f, (300, 400)), 160, 300)),
        ("face.too_close", lambda f: f[250:750, 100:620]),
        ("face.off_centre", lambda f: np.roll(f, 150, 1)),
        ("face.too_high", lambda f: np.roll(f, -120, 0)),
        ("face.too_low", lambda f: np.roll(f, 160, 0)),
        ("face.tilted", lambda f: turned(f, 12)),
        ("face.background_red", grey_wall),
        ("face.backdrop_uneven", striped_wall),
        ("face.light_uneven", lambda f: brighter(f, np.where(np.arange(720) < 360, 0.65, 1.1)[:, np.newaxis])),
        ("face.too_dark", lambda f: brighter(f, 0.3)),
        ("face.too_bright", lambda f: brighter(f, 1.6, 40)),
        ("face.flat", lambda f: brighter(f, 0.2, 120)),
        ("face.blurred", lambda f: cv2.GaussianBlur(f, (0, 0), 4)),
    ],
)  # fmt: skip
def test_each_fault_is_named_and_fails_the_portrait(judge: PortraitJudge, portrait: Pixels, hint: str, spoil) -> None:  # type: ignore[no-untyped-def]  # lambdas of a table
    review = judge.review(np.ascontiguousarray(spoil(portrait)))
    assert hint in review.hints
    assert review.score.value < 60


@pytest.mark.parametrize("shown", [RED, BLUE, ORANGE])
@pytest.mark.parametrize("expected", Background)
def test_background_colours_are_told_apart(shown: tuple[int, int, int], expected: Background) -> None:
    judge = PortraitJudge(decode_colour, expected)
    colours = {Background.RED: RED, Background.BLUE: BLUE, Background.ORANGE: ORANGE}
    hints = judge.review(SyntheticSubject(1).portrait(shown)).hints
    assert (f"face.background_{expected}" in hints) == (colours[expected] != shown)


def test_dimmed_background_keeps_its_colour(judge: PortraitJudge, portrait: Pixels) -> None:
    assert "face.background_red" not in judge.review(brighter(portrait, 0.55)).hints


def test_colour_is_open_when_nothing_is_expected(portrait: Pixels) -> None:
    assert PortraitJudge(decode_colour).review(SyntheticSubject(1).portrait(BLUE)).hints == ()


def test_wide_camera_frame_serves_as_well(judge: PortraitJudge, portrait: Pixels) -> None:
    wide = bordered(cv2.resize(portrait, (540, 720)), 0, 370)
    assert judge.review(wide).hints == ()


def test_every_hint_belongs_to_its_check(judge: PortraitJudge, portrait: Pixels) -> None:
    for result in judge.review(grey_wall(brighter(portrait, 0.3))).results:
        assert not result.is_failed or result.hint in HINTS[result.check]


def test_no_image_is_a_value_error(judge: PortraitJudge) -> None:
    with pytest.raises(ValueError, match="not an image"):
        judge.score(b"\xff\xd8 nothing")


@pytest.mark.parametrize(("hint", "gains"), [("face.too_yellow", (1.15, 1, 0.6)), ("face.too_blue", (0.75, 1, 1.5))])
def test_a_cast_is_said_but_spoils_no_score(judge: PortraitJudge, portrait: Pixels, hint: str, gains) -> None:
    review = judge.review(brighter(portrait, np.array(gains)))
    assert review.advice == (hint,)
    assert hint in review.hints
    assert all(result.hint != hint for result in review.results)


@pytest.mark.parametrize("turns", [1, 3])
def test_a_frame_on_its_side_is_turned(judge: PortraitJudge, portrait: Pixels, turns: int) -> None:
    review = judge.review(np.rot90(portrait, 4 - turns).copy())
    assert review.quarter_turns == turns
    assert review.score == judge.review(portrait).score


@pytest.mark.parametrize("turns", [1, 3])
def test_a_live_frame_on_its_side_is_turned_too(judge: PortraitJudge, portrait: Pixels, turns: int) -> None:
    assert judge.score(encode_jpeg(np.rot90(portrait, 4 - turns), 90)).quality >= 60


def test_a_face_that_fills_the_frame_is_found_in_a_still(judge: PortraitJudge, portrait: Pixels) -> None:
    close = np.ascontiguousarray(portrait[300:640, 230:490])
    assert judge.review(close).hints[0] != "face.no_face"


@pytest.mark.days
def test_eyes_that_cannot_open_are_asked_about(portrait: Pixels) -> None:
    judge = PortraitJudge(decode_colour, Background.RED)
    closed = shut(portrait, (np.array((283.0, 410.0)), np.array((437.0, 410.0))))
    assert judge.review(closed).hints == ("face.eyes_shut",)
    judge.may_be_shut = True
    review = judge.review(closed)
    assert (review.hints, review.looks) == ((), ("face.look.eyes_open",))
    assert review.score.value >= 60


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
