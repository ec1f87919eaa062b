"""The signature as strokes (JSON of µm and ms) and as a picture of pixels or lines."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import Base64, DetachedJws, detach
from fieldkit.domain.typed import MadeOnce
from fieldkit.formats.images import encode_png
from fieldkit.ports.devices import PenPoint, Signature

# What devices signed, inside a container: each JWS without the sample beside it, the same header only once.

_EXTENSION = ".jws"
_SAMPLES = (".fir", ".fac", ".iir")


class Detached(BaseModel):
    """How a JWS is put together again; the entry itself is `header.claims.signature`, the claims as plain JSON.

    `sample` names the entry whose base64 belongs to byte `at` of the claims, `header` the JWS with the same header when
    it stands there instead.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    sample: str
    at: int = Field(ge=0)
    alphabet: Base64
    header: str | None = None


def detach_signatures(entries: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, Detached]]:
    """Return the entries as a container stores them, and how each shortened one is put together.

    A JWS that does not hold the sample of its name, or in another encoding, stays whole.
    """
    stored, shortened, headers = dict(entries), dict[str, Detached](), dict[bytes, str]()
    for name, jws in sorted(entries.items()):
        stem = name.removesuffix(_EXTENSION)
        sample = next((f"{stem}{each}" for each in _SAMPLES if f"{stem}{each}" in entries), "")
        if not sample or (found := detach(jws, entries[sample])) is None:
            continue
        first = headers.setdefault(found.header, name)
        shortened[name] = Detached(
            sample=sample, at=found.at, alphabet=found.alphabet, header=None if first == name else first
        )
        stored[name] = b".".join((found.header if first == name else b"", found.claims, found.signature))
    return stored, shortened


def attach_signatures(
    stored: Mapping[str, bytes], shortened: Mapping[str, Detached], max_bytes: int
) -> dict[str, bytes]:
    """Return the entries with each JWS whole; that none was shortened otherwise is proven by `detach_signatures`.

    Raise `InputError`: `record.entries_differ`, or `record.too_large` (limit) before anything grows beyond the limit.
    """
    entries = dict(stored)
    size = sum(map(len, stored.values()))
    for name, how in shortened.items():
        if {how.sample, how.header or name} - stored.keys():
            raise InputError("record.entries_differ")
        size += len(stored[how.sample]) * 16 // 9  # base64 within base64
        if size > max_bytes:
            raise InputError("record.too_large", limit=max_bytes)
        header, _, rest = stored[name].partition(b".")
        claims, _, signature = rest.rpartition(b".")
        if how.header:
            header = stored[how.header].partition(b".")[0]
        entries[name] = DetachedJws(header, claims, signature, how.at, how.alphabet).attach(stored[how.sample])
    return entries


MAX_BYTES = 4_000_000
MAX_POINTS = 50_000  # four minutes of ink without a pause
MAX_SIDE_UM = 400_000  # the largest pen display is well below 40 cm
INK_MM = (0.35, 0.85)  # line width at no and at full pressure

_UM_PER_INCH = 25_400
_WIDTH_STEP_UM = 50
_GREY_STEP = 85
_DRAWN = MadeOnce[tuple[Signature, int], bytes](8)  # papers, record and screen show the same ink
_SOFT_PX = 0.75  # OpenCV drew the ink of older records wider by this at each side; theirs must agree with ours

_Side = Annotated[int, Field(gt=0, le=MAX_SIDE_UM)]
_Coordinate = Annotated[int, Field(ge=-MAX_SIDE_UM, le=2 * MAX_SIDE_UM)]
_Pressure = Annotated[float, Field(ge=0, le=1)]
_Time = Annotated[int, Field(ge=0, le=3_600_000)]


class _Strokes(BaseModel):
    """The file: a point is [x µm, y µm, pressure 0–1, ms since the first point]."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    version: Literal[1]
    width_um: _Side
    height_um: _Side
    strokes: list[list[tuple[_Coordinate, _Coordinate, _Pressure, _Time]]]


def encode_signature(signature: Signature) -> bytes:
    """Return the strokes as canonical JSON; pressure is kept to a thousandth."""
    strokes = [[[p.x_um, p.y_um, round(p.pressure, 3), p.t_ms] for p in stroke] for stroke in signature.strokes]
    document = {
        "version": 1,
        "width_um": signature.width_um,
        "height_um": signature.height_um,
        "strokes": strokes,
    }
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()


def decode_signature(data: bytes) -> Signature:
    """Return the strokes. Raise `InputError`."""
    if len(data) > MAX_BYTES:
        raise InputError("format.signature_unreadable")
    if data.count(b"[") > MAX_POINTS:
        raise InputError("format.signature_too_large", limit=MAX_POINTS)
    try:
        read = _Strokes.model_validate_json(data)
    except ValidationError as damage:
        raise InputError("format.signature_unreadable") from damage
    strokes = tuple(tuple(PenPoint(*point) for point in stroke) for stroke in read.strokes)
    return Signature(strokes, read.width_um, read.height_um)


def forget_ink() -> None:
    """Forget the ink that was drawn."""
    _DRAWN.clear()


def render_signature_png(signature: Signature, ppi: int = 300) -> bytes:
    """Return black ink on white in the size of the pad, as PNG. The ink of the person in front is drawn once."""
    return _DRAWN.get((signature, ppi), lambda: _rendered(signature, ppi))


def _rendered(signature: Signature, ppi: int) -> bytes:
    px_per_um = ppi / _UM_PER_INCH
    width, height = (max(1, round(side * px_per_um)) for side in (signature.width_um, signature.height_um))
    paper = np.ones((height, width), np.float32)  # 1 white, 0 ink
    for stroke in signature.strokes:
        for start, end in zip(stroke, stroke[1:] or stroke, strict=False):
            half = max(1, round(_ink_um(start, end) * px_per_um)) / 2 + _SOFT_PX
            x, y, to_x, to_y = (um * px_per_um for um in (start.x_um, start.y_um, end.x_um, end.y_um))
            _draw_line(paper, (x, y), (to_x - x, to_y - y), half)
    return encode_png(in_four_greys(np.round(paper * 255).astype(np.uint8)), ppi)


def in_four_greys(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture in black, white and two greys: a soft edge needs no more, and its PNG is half as large."""
    steps = (pixels.astype(np.uint16) + _GREY_STEP // 2) // _GREY_STEP
    return (steps * _GREY_STEP).astype(np.uint8)


def render_signature_svg(signature: Signature) -> bytes:
    """Return black lines without background in the true size of the pad, as SVG; one unit is 1 µm."""
    width, height = signature.width_um, signature.height_um
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" version="1.1"'
        f' width="{width / 1000:g}mm" height="{height / 1000:g}mm" viewBox="0 0 {width} {height}">'
    )
    group = '<g fill="none" stroke="#000" stroke-linecap="round" stroke-linejoin="round">'
    paths = (
        f'<path stroke-width="{ink_um}" d="{_course(points)}"/>'
        for stroke in signature.strokes
        for ink_um, points in _by_width(stroke)
    )
    return "\n".join((head, group, *paths, "</g></svg>", "")).encode()


def _by_width(stroke: Sequence[PenPoint]) -> Iterator[tuple[int, list[PenPoint]]]:
    """Yield the parts of a stroke that are drawn equally wide, in steps of 50 µm; neighbours share a point."""
    ends = list(zip(stroke, stroke[1:] or stroke, strict=False))
    for ink_um, part in groupby(ends, lambda pair: round(_ink_um(*pair) / _WIDTH_STEP_UM) * _WIDTH_STEP_UM):
        pairs = list(part)
        yield ink_um, [pairs[0][0], *(end for _, end in pairs)]


def _course(points: Sequence[PenPoint]) -> str:
    return "M" + "L".join(f"{p.x_um} {p.y_um}" for p in points)


def _ink_um(start: PenPoint, end: PenPoint) -> float:
    return 1000 * (INK_MM[0] + (INK_MM[1] - INK_MM[0]) * (start.pressure + end.pressure) / 2)


def _draw_line(paper: NDArray[np.float32], at: tuple[float, float], way: tuple[float, float], half: float) -> None:
    """Lay a line with round ends over a paper, all in px: what is nearer to it than `half` is ink, edges are soft."""
    reach = half + 1
    spans = [
        slice(max(0, math.floor(min(a, a + d) - reach)), max(0, math.ceil(max(a, a + d) + reach) + 1))
        for a, d in zip(at, way, strict=True)
    ]
    part = paper[spans[1], spans[0]]
    across, down = np.arange(part.shape[1]) + spans[0].start - at[0], np.arange(part.shape[0]) + spans[1].start - at[1]
    along = np.clip((across * way[0] + down[:, None] * way[1]) / (math.hypot(*way) ** 2 or 1), 0, 1)
    far = np.hypot(across - along * way[0], down[:, None] - along * way[1])
    np.minimum(part, np.clip(far - half + 0.5, 0, 1), out=part)


class StrokeCodec:
    """The port `SignatureCodec`; `score` judges the ink."""

    def __init__(self, score: Callable[[Signature], QualityScore]) -> None:
        self._score = score

    def to_sample(self, signature: Signature) -> Sample:
        """Return the strokes as a sample; a line is accepted."""
        data = encode_signature(signature)
        return Sample(Position.SIGNATURE, SampleFormat.SIGNATURE_STROKES, data, self._score(signature))

    def from_sample(self, sample: Sample) -> Signature:
        """Return the strokes of a sample. Raise `InputError`."""
        if sample.format is not SampleFormat.SIGNATURE_STROKES:
            raise InputError("format.other_kind", expected=SampleFormat.SIGNATURE_STROKES.value)
        return decode_signature(sample.data)

    def to_png(self, signature: Signature) -> bytes:
        """Return black ink on white in the size of the pad."""
        return render_signature_png(signature)
