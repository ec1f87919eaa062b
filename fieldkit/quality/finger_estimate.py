"""An estimate of the NFIQ 2.3 score of a print from the measures of ISO/IEC 29794-4, with what would make it better.

How it was calibrated and how far it can be trusted stands in docs/quality.md.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from queue import SimpleQueue
from threading import RLock, Timer
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.ports.devices import GreyImage
from fieldkit.ports.processes import NO_WINDOW
from fieldkit.quality.finger_blocks import (
    BLOCK,
    PPI,
    Blocks,
    Pixels,
    at_500_ppi,
    gradient_products,
    measure_squares,
    orientation_certainty,
    without_white_frame,
)

Reals = NDArray[np.floating[Any]]
ALGORITHM, VERSION = "iso29794-4-estimate", "2"
TOO_REGULAR = "finger.too_regular"  # why a pattern is no finger's
GOOD = 60  # from here on there is nothing to advise
_MOST_PX = 6_000_000  # 155 cm² at 500 ppi; the glass for a whole slap has 62
_BLANK = 6.0  # grey levels of deviation of a whole image that shows nothing
# What real prints never are: of 137 the frequency spreads 0.12 at least (drawings 0.02), the certainty is 0.41 at
# least (weave 0.02) and 0.86 at most (drawn rings 0.99), a single frequency holds 0.68 of a square's power at most
# (photograph, bandage 0.9), and from square to square the direction turns by 0.12 at least (wood, straight lines 0.03).
_LEAST_SPREAD, _LEAST_CERTAINTY, _LEAST_COHERENCE, _MOST_IN_ONE = 0.05, 0.3, 0.15, 0.75
_MOST_CERTAINTY, _LEAST_TURN = 0.96, 0.06
# The width of ridges differs over a print: of a whole one 0.49 of the power at most lies within 5 % of one frequency,
# of any piece of it 0.56; of herringbones, coarse checks and most rings 0.7 and more, whatever noise lies over them.
_SPECTRUM_PX, _MOST_OF_ONE_WIDTH = 512, 0.6
# Change of grey from pixel to pixel against its deviation: 0.4 where ridges are sharp, 0.05 out of focus.
_BLURRED, _SHARP, _SOFT = 0.02, 0.25, 0.3
_FAINT, _STRONG = 2.0, 18.0  # grey levels of deviation inside a square
_SMALL_PX = 55_000  # 142 mm²; one real print in ten is smaller
_WET, _DRY = 110.0, 195.0  # mean grey of the region
_PRESSED = 0.8  # dry ridges are few but dark, those hardly pressed are whole and pale


@dataclass(frozen=True, slots=True)
class FingerReview:
    """The score, all measures by NFIQ 2's names, and message keys of what would make the print better (`ways`)."""

    score: QualityScore
    measures: Mapping[str, float]
    ways: tuple[str, ...] = ()
    refused: str = ""  # why this is no print at all; the score is 0 then

    @property
    def advice(self) -> tuple[str, ...]:
        """Return what to advise by the estimate alone: of a good print nothing."""
        return self.ways if self.score.value < GOOD else ()


@dataclass(frozen=True, slots=True)
class _Table:
    """What `packaging/calibrate_finger_quality.py` wrote: bells over groups of like prints, and trees."""

    names: tuple[str, ...]
    base: float
    trees: Reals  # (trees, 10): measure, limit, then for each side measure, limit, below, above
    counted: NDArray[np.bool_]  # counts of squares: their roots are compared
    middle: Reals
    deviation: Reals
    groups: Reals  # (groups, measures), in deviations from the middle
    weights: Reals
    reach: float
    above: float  # points that the bells may say more than the trees


def review(pixels: Pixels, ppi: int = PPI) -> FingerReview:
    """Judge a grey print (height, width). Raise `ValueError` for pixels that are no grey image."""
    if ppi > 0 and pixels.size * (PPI / ppi) ** 2 > _MOST_PX:  # would take gigabytes
        return _refused({}, "finger.too_large")
    print_ = at_500_ppi(pixels, ppi)
    if float(print_.std()) < _BLANK:
        return _refused({}, "finger.nothing")
    try:
        measures, blocks = measure_squares(print_)
    except ValueError:
        return _refused({}, "finger.small")
    sharpness, deviation = _sharpness(blocks)
    if (reason := no_finger(measures)) is not None:
        return _refused(measures, reason)
    if one_width(print_) > _MOST_OF_ONE_WIDTH:
        return _refused(measures, TOO_REGULAR)
    clear = min(1.0, max(0.0, (sharpness - _BLURRED) / (_SHARP - _BLURRED)))
    strong = min(1.0, max(0.0, (deviation - _FAINT) / (_STRONG - _FAINT)))
    value = round(min(100.0, max(0.0, _estimate(measures))) * clear * strong)
    ways = tuple(_ways(measures, sharpness, strong))
    return FingerReview(QualityScore(value, ALGORITHM, VERSION), measures, ways)


def _refused(measures: Mapping[str, float], reason: str) -> FingerReview:
    return FingerReview(QualityScore(0, ALGORITHM, VERSION), measures, (reason,), reason)


def no_finger(measures: Mapping[str, float]) -> str | None:
    """Return the message key of why these measures are no finger's, or None."""
    if measures["FDA_Bin10_Mean"] > _MOST_IN_ONE:
        return "finger.no_ridges"
    if measures["OCL_Bin10_Mean"] < _LEAST_CERTAINTY:
        return "finger.no_direction"
    if measures["OrientationMap_ROIFilter_CoherenceRel"] < _LEAST_COHERENCE:
        return "finger.no_direction"
    if measures["FDA_Bin10_StdDev"] < _LEAST_SPREAD or measures["OCL_Bin10_Mean"] > _MOST_CERTAINTY:
        return TOO_REGULAR
    if measures["OF_Bin10_Mean"] < _LEAST_TURN:
        return TOO_REGULAR
    return None


def one_width(pixels: Pixels) -> float:
    """Return the share 0 … 1 of a picture's power that lies within 5 % of one frequency, whatever its direction.

    The power of even noise is left out.
    """
    size = _SPECTRUM_PX
    middle = tuple(slice(max(0, (length - size) // 2), max(0, (length - size) // 2) + size) for length in pixels.shape)
    waves = pixels[middle].astype(np.float32)
    waves -= cv2.blur(waves, (41, 41))
    down, across = (np.hanning(length).astype(np.float32) for length in waves.shape)
    plate = np.zeros((size, size), np.float32)
    plate[: waves.shape[0], : waves.shape[1]] = waves * down[:, None] * across
    # Packed: from the second column on the real and the imaginary part of each frequency stand side by side.
    spectrum = cv2.dft(plate)[:, 1:-1]
    waves = spectrum[:, ::2] ** 2 + spectrum[:, 1::2] ** 2
    radius, count = _radii(size)
    power = np.bincount(radius, waves.ravel(), minlength=size)
    noise = float(np.median((power / count)[round(0.38 * size) : round(0.48 * size)]))
    below = np.concatenate(([0.0], np.cumsum(np.maximum(power - noise * count, 0))))
    whole = below[round(0.45 * size)] - below[size // 30]
    least, most = (np.rint(np.arange(size // 16, size // 4) * by).astype(int) for by in (0.95, 1.05))
    return float((below[most + 1] - below[least]).max() / max(whole, 1e-6))


@cache
def _radii(size: int) -> tuple[NDArray[np.int_], Reals]:
    """Return the whole frequency (cycles a plate) of each place of half a spectrum, and how many places each has. What
    does not change across is left out; the window spreads it over the next column.
    """
    across, down = np.arange(1, size // 2), np.fft.fftfreq(size, 1 / size)
    radius = np.rint(np.hypot(down[:, None], across[None])).astype(int).ravel()
    return radius, np.maximum(np.bincount(radius, minlength=size), 1)


def _sharpness(blocks: Blocks) -> tuple[float, float]:
    """Return the medians over the squares of a print: change of grey against its deviation, and the deviation."""
    power = blocks.power[blocks.skin]
    ratio = blocks.change[blocks.skin] / np.maximum(power, 1)
    return float(np.median(ratio)), float(np.median(np.sqrt(power / BLOCK**2)))


def _ways(measures: Mapping[str, float], sharpness: float, strong: float) -> Iterator[str]:
    is_blurred, before = sharpness < _SOFT, False
    for is_so, key in (
        (measures["SufficientFingerprintForeground"] < _SMALL_PX, "finger.small"),
        (measures["ImgProcROIArea_Mean"] < _WET, "finger.wet"),
        (strong < _PRESSED and not is_blurred, "finger.light"),
        (strong >= _PRESSED and measures["ImgProcROIArea_Mean"] > _DRY, "finger.dry"),
        (is_blurred, "finger.blurred"),
    ):
        if is_so:
            before = True
            yield key
    if not before:
        yield "finger.unclear"


def _estimate(measures: Mapping[str, float]) -> float:
    table = _table()
    have = np.array([measures[name] for name in table.names])
    return min(_by_groups(table, have), _by_trees(table, have) + table.above)


def _by_groups(table: _Table, have: Reals) -> float:
    """Return near the scores of like prints, and their mean where none was seen."""
    even = (np.where(table.counted, np.sqrt(np.abs(have)), have) - table.middle) / table.deviation
    alike = np.exp(-((table.groups - even) ** 2).mean(1) / (2 * table.reach**2))
    return table.base + float(alike @ table.weights)


def _by_trees(table: _Table, have: Reals) -> float:
    root, limit, low, low_at, below, above, high, high_at, under, over = table.trees.T
    left = np.where(have[low.astype(int)] <= low_at, below, above)
    right = np.where(have[high.astype(int)] <= high_at, under, over)
    return table.base + float(np.where(have[root.astype(int)] <= limit, left, right).sum())


@cache
def _table() -> _Table:
    kept = json.loads(files("assets").joinpath("tables/kualitas_jari.json").read_text("utf-8"))
    return _Table(
        names=tuple(kept["names"]),
        base=float(kept["base"]),
        trees=np.array(kept["trees"]),
        counted=np.array(kept["counted"], bool),
        middle=np.array(kept["middle"]),
        deviation=np.array(kept["deviation"]),
        groups=np.array(kept["groups"]),
        weights=np.array(kept["weights"]),
        reach=float(kept["reach"]),
        above=float(kept["above"]),
    )


# Lays out the print of a reader that brings neither score nor record.

WriteRecord = Callable[[Pixels, Position, QualityScore, datetime, int], bytes]


class PrintEncoder:
    """The port `FingerEncoder`; `write_record` lays out (pixels, position, quality, time, ppi)."""

    def __init__(self, write_record: WriteRecord) -> None:
        self._write_record = write_record

    def encode(self, image: GreyImage, position: Position, at: datetime) -> Sample:
        """Return the sample with its quality. Raise `ValueError` for another size than told, or for no finger."""
        if position not in FINGERS:
            raise ValueError(f"{position} is no finger")
        pixels = np.frombuffer(image.pixels, np.uint8).reshape(image.height, image.width)
        found = review(pixels, image.ppi)
        record = self._write_record(pixels, position, found.score, at, image.ppi)
        return Sample(position, SampleFormat.ISO_19794_4, record, found.score, hints=found.advice)


# How many minutiae a print has and on what ground they stand, as NFIQ 2 counts those of its own extractor.

_HALF_PX = 100  # of the square around the middle of all minutiae
_CERTAIN = 0.8


def minutiae_measures(pixels: Pixels, places: NDArray[np.floating[Any]]) -> dict[str, float]:
    """Return count, count near their middle, shares on middling dark and on certain ground; `places` (n, 2…) x, y."""
    if not len(places) or min(pixels.shape) < BLOCK:
        return dict.fromkeys(("Minutiae_Count", "Minutiae_CountCOM", "Minutiae_Mu_2", "Minutiae_OCL_80"), 0.0)
    points = places[:, :2].astype(int)
    near = np.all(np.abs(points - points.mean(0).astype(int)) <= _HALF_PX, axis=1)
    inner = without_white_frame(pixels)
    mean, deviation = float(inner.mean()), max(float(inner.std()), 1e-6)
    squares = [_around(pixels, x, y) for x, y in points]
    darker = np.array([(mean - float(square.mean())) / deviation for square in squares])
    certain = [
        float(found[0]) if len(found := orientation_certainty(gradient_products(square), square.shape)) else 0.0
        for square in squares
    ]
    return {
        "Minutiae_Count": float(len(points)),
        "Minutiae_CountCOM": float(near.sum()),
        "Minutiae_Mu_2": float(((darker > 0) & (darker <= 0.5)).mean()),
        "Minutiae_OCL_80": float((np.array(certain) > _CERTAIN).mean()),
    }


def _around(pixels: Pixels, x: int, y: int) -> Pixels:
    """Return the square around a place, moved inwards at the edge."""
    height, width = pixels.shape
    top = min(max(y - BLOCK // 2, 0), height - BLOCK)
    left = min(max(x - BLOCK // 2, 0), width - BLOCK)
    return pixels[top : top + BLOCK, left : left + BLOCK]


# NIST's NFIQ 2 for captured prints, computed by `nbis-py` in processes of its own.
#
# It is native code: a crash or an endless run of it costs a process and a score, never the recording. A print takes
# some 0.1 s of a processor, so the prints of a slap are shared out.

NFIQ2, NFIQ2_VERSION = "NFIQ2", "2.3"
_STALLED_S = 20.0  # what answers later hangs
_MOST_WORKERS = 4  # the fingers of a slap
# Reads height and width, then grey pixels at 500 ppi; answers with the score, or -1 for what is no print.
_WORKER = """
import struct, sys
import nbis
judge = nbis.new_nbis_extractor(nbis.NbisExtractorSettings(
    min_quality=0.0, get_center=False, check_fingerprint=False, compute_nfiq2=True, ppi=500.0))
read, write = sys.stdin.buffer, sys.stdout.buffer
while head := read.read(8):
    height, width = struct.unpack(">II", head)
    pixels = read.read(height * width)
    try:
        score = judge.extract_minutiae(b"P5 %d %d 255\\n" % (width, height) + pixels).quality().score
    except nbis.NbisError:
        score = -1
    write.write(struct.pack(">i", score))
    write.flush()
"""


class Nfiq2:
    """Scores prints with NIST's algorithm, by workers that run `command`; after `close` a print starts them anew."""

    def __init__(self, command: Sequence[str] = (sys.executable, "-I", "-c", _WORKER), stalled_s: float = _STALLED_S):
        number = min(_MOST_WORKERS, os.cpu_count() or 1)
        self._workers = [_Worker(command, stalled_s) for _ in range(number)]
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(number, "nfiq2")

    def prepare(self) -> None:
        """Start the workers, which takes half a second: somebody is about to lay fingers on a reader."""
        for worker in self._workers:
            worker.start()

    def scores(self, prints: Sequence[tuple[Pixels, int]]) -> list[QualityScore | None]:
        """Return the score of each print (grey pixels and ppi), None where the algorithm gave none."""
        return [score.result() for score in [self.begin(*each) for each in prints]]

    def begin(self, pixels: Pixels, ppi: int) -> Future[QualityScore | None]:
        """Begin to score one print; the result is there when a worker has answered."""
        return self._threads.submit(self._score, pixels, ppi)

    def _score(self, pixels: Pixels, ppi: int) -> QualityScore | None:
        worker = self._idle.get()
        try:
            value = worker.score(at_500_ppi(pixels, ppi))
        except ValueError:  # no grey image
            return None
        finally:
            self._idle.put(worker)
        return None if value is None else QualityScore(value, NFIQ2, NFIQ2_VERSION)

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.end()


class _Worker:
    """One process; it is started when it is needed, and anew after it died."""

    def __init__(self, command: Sequence[str], stalled_s: float) -> None:
        self._command, self._stalled_s = list(command), stalled_s
        self._lock = RLock()  # one thread prepares it while another may score with it
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self.end()
                pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
                self._process = subprocess.Popen(
                    self._command, stdin=pipe, stdout=pipe, stderr=quiet, bufsize=0, creationflags=NO_WINDOW
                )
            return self._process

    def score(self, print_: Pixels) -> int | None:
        """Return 0–100, None where there is none. `print_`: grey pixels (height, width) at 500 ppi."""
        try:
            process = self.start()
        except OSError:
            return None
        assert process.stdin is not None
        assert process.stdout is not None
        watch = Timer(self._stalled_s, process.kill)
        watch.start()
        try:
            process.stdin.write(struct.pack(">II", *print_.shape) + print_.tobytes())
            answer = process.stdout.read(4)
        except (OSError, ValueError):  # it died, or was replaced and its pipes are closed
            answer = b""
        finally:
            watch.cancel()
        if len(answer) != 4:
            self.end()
            return None
        (value,) = struct.unpack(">i", answer)
        return value if 0 <= value <= 100 else None

    def end(self) -> None:
        with self._lock:
            if self._process is None:
                return
            with suppress(OSError):
                self._process.kill()
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe is not None
                with suppress(OSError):
                    pipe.close()
            self._process.wait()
            self._process = None


def installed_nfiq2() -> Nfiq2 | None:
    """Return NIST's algorithm, None where `nbis-py` is not installed."""
    return Nfiq2() if find_spec("nbis") is not None else None
