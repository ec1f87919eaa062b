from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.altered import Altered, Genuine, put
from support.former_records import described, former, zipped
from support.peak import MOST_MB, peak_mb, refused
from support.samples import sample

from drivers.simulators.subject.face import sign
from fieldkit.domain.errors import InputError, KnownError
from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import Base64
from fieldkit.domain.typed import MadeOnce
from fieldkit.formats.container import MAX_BYTES, read_container
from fieldkit.formats.images import Pixels, decode_grey, encode_png
from fieldkit.formats.record_samples import is_drawn_from
from fieldkit.formats.signature import (
    Detached,
    StrokeCodec,
    attach_signatures,
    decode_signature,
    detach_signatures,
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


INDEX = "samples/RIGHT_INDEX"
EYE = "samples/EYE_LEFT"  # the first of the names: it holds the header of all


@dataclass
class Stored:
    """What stands in a container, open to every change."""

    contents: dict[str, Any]
    entries: dict[str, bytes]

    @classmethod
    def of(cls, content: bytes) -> Stored:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
        return cls(json.loads(entries.pop("contents.json")), entries)

    def detached(self, stem: str = INDEX) -> dict[str, Any]:
        return self.contents["entries"][f"{stem}.jws"]["detached"]  # type: ignore[no-any-return]

    def put(self, name: str, data: bytes) -> None:
        self.entries[name] = data
        self.contents["entries"].setdefault(name, {}).update(described(data))

    def content(self) -> bytes:
        return zipped(self.contents, self.entries)


def test_no_sample_stands_twice(genuine: Genuine) -> None:
    stored = Stored.of(genuine.content)
    samples = {name: data for name, data in stored.entries.items() if name.endswith((".fir", ".iir", ".fac"))}
    signed = [name for name in stored.entries if name.endswith(".jws")]
    assert len(signed) == len(samples) == 12
    for name, data in samples.items():
        value = base64.urlsafe_b64encode(data).rstrip(b"=")
        jws = f"{name.rpartition('.')[0]}.jws"
        header, rest = stored.entries[jws].split(b".", 1)
        assert json.loads(rest.rpartition(b".")[0])["bioValue"] == ""
        assert not any(value in each for each in stored.entries.values())
        assert bool(header) is (jws == f"{EYE}.jws"), "the same header stands once"


def test_it_comes_back_as_the_device_signed_it(genuine: Genuine) -> None:
    record = read_container(genuine.content)
    assert record.version == 4
    jws = record.entries[f"{INDEX}.jws"]
    payload = json.loads(base64.urlsafe_b64decode(jws.split(b".")[1] + b"=="))
    assert base64.urlsafe_b64decode(payload["bioValue"] + "==") == record.entries[f"{INDEX}.fir"]
    assert genuine.judged(Altered.of(genuine.content)) == ""


def test_a_record_of_the_form_before_opens(genuine: Genuine) -> None:
    older = former(genuine.content)
    assert len(older) > len(genuine.content)
    record = read_container(older)
    assert (record.version, record.entries) == (2, read_container(genuine.content).entries)
    altered = Altered.of(older)
    altered.version = 2
    assert altered.content() == older
    assert genuine.judged(altered) == ""


def test_what_does_not_come_back_is_kept_whole(genuine: Genuine) -> None:
    altered = Altered.of(genuine.content)
    jws = altered.entries[f"{INDEX}.jws"]
    put(altered, altered.entries["samples/RIGHT_MIDDLE.fir"])
    altered.entries[f"{INDEX}.jws"] = jws  # it speaks of another sample than the one that stands beside
    stored = Stored.of(altered.content())
    assert stored.entries[f"{INDEX}.jws"] == jws
    assert "detached" not in stored.contents["entries"][f"{INDEX}.jws"]
    assert "detached" in stored.contents["entries"]["samples/RIGHT_MIDDLE.jws"]
    assert read_container(altered.content()).entries[f"{INDEX}.jws"] == jws


Change = Callable[[Stored], object]


def other_sample(stored: Stored) -> None:
    stored.put(f"{INDEX}.fir", stored.entries["samples/RIGHT_MIDDLE.fir"])


def other_claims(stored: Stored) -> None:
    stored.put(f"{INDEX}.jws", stored.entries[f"{INDEX}.jws"].replace(b'"Right IndexFinger"', b'"Right RingFinger "'))


def other_header(stored: Stored) -> None:
    stored.put(f"{EYE}.jws", b"e30" + stored.entries[f"{EYE}.jws"])


def elsewhere(stored: Stored) -> None:
    stored.detached()["at"] += 1


def far_away(stored: Stored) -> None:
    stored.detached()["at"] = 10**18


def other_alphabet(stored: Stored) -> None:
    stored.detached()["alphabet"] = "base64"


def header_of_nobody(stored: Stored) -> None:
    stored.detached()["header"] = "samples/LEFT_INDEX.jws"  # which names another one itself


def header_named_by_itself(stored: Stored) -> None:
    stored.detached(EYE)["header"] = f"{EYE}.jws"


def of_another_finger(stored: Stored) -> None:
    stored.detached()["sample"] = "samples/RIGHT_MIDDLE.fir"


def of_nothing(stored: Stored) -> None:
    stored.detached()["sample"] = "samples/nobody.fir"


def header_of_nothing(stored: Stored) -> None:
    stored.detached()["header"] = "samples/nobody.jws"


def of_what_nobody_signs(stored: Stored) -> None:
    told = {"sample": f"{INDEX}.fir", "at": 0, "alphabet": "base64url"}
    stored.contents["entries"]["enrollment.json"]["detached"] = told


def unknown_alphabet(stored: Stored) -> None:
    stored.detached()["alphabet"] = "base32"


def before_the_claims(stored: Stored) -> None:
    stored.detached()["at"] = -1


def said_to_be_older(stored: Stored) -> None:
    stored.contents["version"] = 2


def whole_without_need(stored: Stored) -> None:
    stored.put(f"{INDEX}.jws", read_container(stored.content()).entries[f"{INDEX}.jws"])
    del stored.contents["entries"][f"{INDEX}.jws"]["detached"]


def header_again(stored: Stored) -> None:
    stored.put(f"{INDEX}.jws", stored.entries[f"{EYE}.jws"].split(b".")[0] + stored.entries[f"{INDEX}.jws"])
    stored.detached().pop("header")


def explicit_nothing(stored: Stored) -> None:
    stored.detached(EYE)["header"] = None


ALTERED: dict[Change, str] = {
    other_sample: "position_differs",
    other_claims: "device_signature",
    other_header: "device_signature",
    elsewhere: "device_signature",
    far_away: "not_canonical",
    other_alphabet: "device_signature",
    header_of_nobody: "not_canonical",
    header_named_by_itself: "not_canonical",
    of_another_finger: "not_canonical",
    of_nothing: "entries_differ",
    header_of_nothing: "entries_differ",
    of_what_nobody_signs: "not_canonical",
    unknown_alphabet: "contents_unreadable",
    before_the_claims: "contents_unreadable",
    said_to_be_older: "not_canonical",
    whole_without_need: "not_canonical",
    header_again: "not_canonical",
    explicit_nothing: "not_canonical",
}


@pytest.mark.parametrize(("change", "code"), ALTERED.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_altered_is_refused_by_name(genuine: Genuine, change: Change, code: str) -> None:
    stored = Stored.of(genuine.content)
    assert stored.content() == genuine.content
    change(stored)
    with pytest.raises(KnownError) as caught:
        genuine.judged(Altered.of(genuine.content), content=stored.content())
    assert caught.value.code == f"record.{code}"


@pytest.mark.parametrize(("is_whole", "code"), [(True, "device_content"), (False, "device_signature")])
def test_another_sample_is_not_what_the_device_signed(genuine: Genuine, is_whole: bool, code: str) -> None:
    """Somebody who can seal puts another print there and corrects all that names it but what the device signed."""
    altered = Altered.of(genuine.content)
    put(altered, sample(Position.RIGHT_INDEX, turn=9).data)
    stored, before = Stored.of(altered.content()), Stored.of(genuine.content)
    if is_whole:
        stored.put(f"{INDEX}.jws", read_container(genuine.content).entries[f"{INDEX}.jws"])
        del stored.contents["entries"][f"{INDEX}.jws"]["detached"]
    else:
        stored.put(f"{INDEX}.jws", before.entries[f"{INDEX}.jws"])
        stored.contents["entries"][f"{INDEX}.jws"]["detached"] = before.detached()
    with pytest.raises(KnownError) as caught:
        genuine.judged(altered, content=stored.content())
    assert (caught.value.code, caught.value.problem.params) == (f"record.{code}", {"position": "RIGHT_INDEX"})


@pytest.mark.days
def test_a_small_record_that_claims_to_be_a_large_one_takes_no_room(genuine: Genuine) -> None:
    entries = {f"{INDEX}.fir": bytes(20_000_000)} | {f"samples/{n}.jws": b".{}." for n in ("LEFT_INDEX", "LEFT_THUMB")}
    how = Detached(sample=f"{INDEX}.fir", at=1, alphabet=Base64.URL)

    def unpack() -> None:
        with pytest.raises(InputError) as caught:
            attach_signatures(entries, {name: how for name in entries if name.endswith(".jws")}, MAX_BYTES)
        assert caught.value.code == "record.too_large"

    assert peak_mb(unpack) <= MOST_MB


def test_what_it_grows_to_counts_to_the_byte() -> None:
    value = base64.urlsafe_b64encode(bytes(900))
    jws = b"a." + base64.urlsafe_b64encode(b'"' + value + b'"').rstrip(b"=") + b".c"
    stored, shortened = detach_signatures({f"{INDEX}.fir": bytes(900), f"{INDEX}.jws": jws})
    assert stored[f"{INDEX}.jws"] == b'a."".c'
    most = 900 + len(b'a."".c') + 1600
    assert attach_signatures(stored, shortened, most)[f"{INDEX}.jws"] == jws
    with pytest.raises(InputError):
        attach_signatures(stored, shortened, most - 1)


def test_an_empty_sample_changes_nothing() -> None:
    entries = {f"{INDEX}.fir": b"", f"{INDEX}.jws": b"a.e30.c"}
    stored, shortened = detach_signatures(entries)
    assert attach_signatures(stored, shortened, MAX_BYTES) == entries
