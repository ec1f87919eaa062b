from __future__ import annotations

import json
from contextlib import suppress
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.peak import peak_mb, refused

from drivers.simulators.subject.handwriting import sign
from fieldkit.domain.errors import InputError
from fieldkit.domain.made_once import MadeOnce
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.samples import QualityScore, Sample, SampleFormat
from fieldkit.formats.images import Pixels, decode_grey, encode_png
from fieldkit.formats.record_samples import is_drawn_from
from fieldkit.formats.signature import (
    StrokeCodec,
    decode_signature,
    encode_signature,
    in_four_greys,
    render_signature_png,
    render_signature_svg,
)
from fieldkit.ports.devices import PenPoint, Signature

points = st.builds(
    PenPoint,
    st.integers(0, 90_000),
    st.integers(0, 40_000),
    st.integers(0, 1000).map(lambda thousandths: thousandths / 1000),
    st.integers(0, 60_000),
)
signatures = st.builds(
    Signature,
    st.lists(st.lists(points, max_size=6).map(tuple), max_size=4).map(tuple),
    st.integers(1, 300_000),
    st.integers(1, 300_000),
)
LINE = Signature(
    ((PenPoint(10_000, 20_000, 0.2, 0), PenPoint(60_000, 20_000, 0.9, 800)), (PenPoint(70_000, 10_000, 1, 900),)),
    90_000,
    40_000,
)


@given(signatures)
def test_round_trip(signature: Signature) -> None:
    assert decode_signature(encode_signature(signature)) == signature


def test_picture_shows_the_ink_in_the_size_of_the_pad() -> None:
    pixels = decode_grey(render_signature_png(LINE, ppi=300))
    assert pixels.shape == (472, 1063)
    row = pixels[round(20 / 25.4 * 300)]
    assert row[round(30 / 25.4 * 300)] < 30
    assert row[round(75 / 25.4 * 300)] == 255
    thickness = [int((pixels[:, round(x / 25.4 * 300)] < 128).sum()) for x in (15, 55)]
    assert thickness[0] >= 4
    assert pixels[round(10 / 25.4 * 300), round(70 / 25.4 * 300)] < 30  # a dot is ink as well


def test_same_ink_gives_the_same_picture() -> None:
    assert render_signature_png(LINE) == render_signature_png(LINE)


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"[]",
        b'{"version":2,"width_um":1,"height_um":1,"strokes":[]}',
        b'{"version":1,"width_um":0,"height_um":1,"strokes":[]}',
        b'{"version":1,"width_um":9999999,"height_um":1,"strokes":[]}',
        b'{"version":1,"width_um":1,"height_um":1,"strokes":[[[1,2]]]}',
        b'{"version":1,"width_um":1,"height_um":1,"strokes":[[[1,2,NaN,4]]]}',
        b'{"version":1,"width_um":1,"height_um":1,"strokes":[[[1,2,7,4]]]}',
        b'{"version":1,"width_um":1,"height_um":1,"strokes":' + b"[" * 5000,
        b" " * 4_000_001,
    ],
)
def test_wrong_files_are_refused(wrong: bytes) -> None:
    with pytest.raises(InputError, match="signature_unreadable"):
        decode_signature(wrong)


@pytest.mark.days
def test_more_ink_than_a_person_writes_takes_little_and_is_named() -> None:
    points = b"[0,0,0,0]," * 390_000
    bomb = b'{"version":1,"width_um":1,"height_um":1,"strokes":[[' + points[:-1] + b"]]}"
    assert peak_mb(lambda: refused(lambda: decode_signature(bomb), "format.signature_too_large")) < 20


@given(st.data())
def test_damage_raises_nothing_but_input_error(data: st.DataObject) -> None:
    damaged = bytearray(encode_signature(LINE))
    for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=4)):
        damaged[at : at + 1] = data.draw(st.binary(max_size=2))
    with suppress(InputError):
        decode_signature(bytes(damaged))


def test_codec_carries_the_score_and_gives_the_ink_back() -> None:
    codec = StrokeCodec(lambda signature: QualityScore(len(signature.strokes), "count"))
    sample = codec.to_sample(LINE)
    assert (sample.position, sample.format, sample.quality.value) == (
        Position.SIGNATURE,
        SampleFormat.SIGNATURE_STROKES,
        2,
    )
    assert json.loads(sample.data)["width_um"] == 90_000
    assert codec.from_sample(sample) == LINE


def test_codec_refuses_another_kind_of_sample() -> None:
    codec = StrokeCodec(lambda _: QualityScore(0, "none"))
    with pytest.raises(InputError, match="other_kind"):
        codec.from_sample(Sample(Position.PORTRAIT, SampleFormat.ISO_19794_5, b"", QualityScore(1, "x")))


def test_large_ink_is_drawn_within_its_sheet() -> None:
    outside = Signature(((PenPoint(-5_000, 0, 1, 0), PenPoint(200_000, 50_000, 1, 9)),), 90_000, 40_000)
    assert np.any(decode_grey(render_signature_png(outside)) < 30)


def test_the_same_ink_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers, record and screen show it, each from the file of the strokes."""
    file, drawn = encode_signature(sign(np.random.default_rng(70))), []

    def noted(pixels: Pixels, ppi: int) -> bytes:
        drawn.append(ppi)
        return encode_png(pixels, ppi)

    monkeypatch.setattr("fieldkit.formats.signature.encode_png", noted)
    assert render_signature_png(decode_signature(file)) == render_signature_png(decode_signature(file))
    assert render_signature_png(decode_signature(file), 500) != render_signature_png(decode_signature(file))
    assert drawn == [300, 500]


def test_older_records_whose_ink_opencv_drew_agree() -> None:
    signature = sign(np.random.default_rng(7))
    ours, scale = decode_grey(render_signature_png(signature)), 300 / 25_400
    theirs = np.full_like(ours, 255)
    for stroke in signature.strokes:
        for start, end in zip(stroke, stroke[1:] or stroke, strict=False):
            width = max(1, round((0.35 + 0.25 * (start.pressure + end.pressure)) * 300 / 25.4))
            ends = [(round(p.x_um * scale * 16), round(p.y_um * scale * 16)) for p in (start, end)]
            cv2.line(theirs, ends[0], ends[1], 0, width, cv2.LINE_AA, 4)
    assert np.mean(np.abs(ours.astype(int) - in_four_greys(theirs))) < 0.5  # the data center allows 2


def test_dense_ink_that_was_drawn_in_all_greys_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the program before drew it: on a scribble every tenth pixel is an edge."""
    scribble = Signature(
        tuple((PenPoint(0, y, 0, 0), PenPoint(20_000, y + 400, 0, 9)) for y in range(0, 10_000, 610)), 20_000, 10_000
    )
    strokes = encode_signature(scribble)
    with monkeypatch.context() as before:
        before.setattr("fieldkit.formats.signature._DRAWN", MadeOnce(1))
        before.setattr("fieldkit.formats.signature.in_four_greys", lambda pixels: pixels.astype(np.uint8))
        drawn = decode_grey(render_signature_png(scribble))
    ours = decode_grey(render_signature_png(scribble))
    assert np.mean(np.abs(ours.astype(int) - drawn)) > 2, "what the data center allows"
    assert is_drawn_from(drawn, strokes)
    assert set(np.unique(ours)) == {0, 85, 170, 255}


SVG = "{http://www.w3.org/2000/svg}"


def test_lines_keep_size_place_and_width() -> None:
    drawn = ElementTree.fromstring(render_signature_svg(LINE))
    assert (drawn.get("width"), drawn.get("height"), drawn.get("viewBox")) == ("90mm", "40mm", "0 0 90000 40000")
    line, dot = drawn.iter(f"{SVG}path")
    assert line.get("d") == "M10000 20000L60000 20000"
    assert dot.get("d") == "M70000 10000L70000 10000"  # with round ends a dot
    assert [int(path.get("stroke-width")) for path in (line, dot)] == [600, 850]


def test_a_stroke_breaks_only_where_its_width_changes() -> None:
    pressures = (0.2, 0.2, 0.2, 0.9, 0.9)
    stroke = tuple(PenPoint(1000 * n, 0, force, n) for n, force in enumerate(pressures))
    paths = list(ElementTree.fromstring(render_signature_svg(Signature((stroke,), 9000, 9000))).iter(f"{SVG}path"))
    courses = [path.get("d") for path in paths]
    assert courses == ["M0 0L1000 0L2000 0", "M2000 0L3000 0", "M3000 0L4000 0"]
    widths = [int(path.get("stroke-width")) for path in paths]
    assert widths == sorted(widths)


@given(signatures)
def test_lines_of_any_signature_are_sound(signature: Signature) -> None:
    drawn = ElementTree.fromstring(render_signature_svg(signature))
    assert len(list(drawn.iter(f"{SVG}path"))) >= sum(bool(stroke) for stroke in signature.strokes)


def test_another_hand_paints_the_lines_where_the_pixels_are() -> None:
    svg = pytest.importorskip("PySide6.QtSvg", reason="no Qt with SVG")
    from PySide6.QtGui import QImage, QPainter

    ours = decode_grey(render_signature_png(LINE))
    image = QImage(ours.shape[1], ours.shape[0], QImage.Format.Format_Grayscale8)
    image.fill(255)
    painter = QPainter(image)
    svg.QSvgRenderer(render_signature_svg(LINE)).render(painter)
    painter.end()
    theirs = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    inked, painted = ours < 128, theirs[:, : ours.shape[1]] < 128
    assert (inked & painted).sum() > 0.8 * inked.sum()
    assert (painted & ~inked).sum() < 0.2 * painted.sum()
