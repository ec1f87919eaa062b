"""What a device delivered, looked at while the person is still there: decoded, and measured by the kit itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from math import hypot

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.biodata import ALGORITHM as PORTRAIT_ALGORITHM
from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import EYES, LEFT_FOUR, RIGHT_FOUR, THUMBS, Modality, Position
from fieldkit.ports.devices import CaptureResult, SampleFault, Signature
from fieldkit.quality.finger_blocks import Pixels
from fieldkit.quality.finger_estimate import ALGORITHM, GOOD, TOO_REGULAR, review
from fieldkit.quality.iris import (
    ALGORITHM as IRIS_ALGORITHM,
)
from fieldkit.quality.iris import (
    VERSION as IRIS_VERSION,
)
from fieldkit.quality.iris import (
    IrisCode,
    code_of,
    code_of_eye,
    other_eyes,
)
from fieldkit.quality.iris import (
    review as review_eye,
)
from fieldkit.quality.iris_finder import clearest_eye

BROKEN = "sample.broken"
OTHER_POSITION = "sample.other_position"
CLOSED = "iris.closed"
ESTIMATED = "finger.estimated"
_MOST_AT_ONCE = 4  # the fingers of a slap

OpenSample = Callable[[Sample], tuple[Pixels, int]]
BeginScore = Callable[[Pixels, int], Future[QualityScore | None]]
JudgePortrait = Callable[[Pixels], tuple[QualityScore, tuple[str, ...]]]
Opened = tuple[Sample, Pixels, int]
Looked = tuple[Opened | SampleFault, Mapping[Position, Position]]  # with which known print a fresh one is
IsDrawn = Callable[[Sample, Pixels, int], bool]
FindDoubles = Callable[[Sequence[Opened], Sequence[Sample]], Mapping[Position, Position]]


class SampleInspection:
    """The port `SampleInspector`. The samples of one capture are looked at side by side, for somebody waits.

    `open_sample` gives image and ppi, or raises `InputError`. `begin_score` is NFIQ 2 where it is installed; where
    that gives nothing the estimate counts and a hint tells it. `find_doubles` tells which prints are another finger's.
    `judge_portrait` scores a face that its device scored, with hints. `is_drawn` tells what looks like ridges and has
    no minutiae. All are called from several threads.
    """

    def __init__(
        self,
        open_sample: OpenSample,
        begin_score: BeginScore | None = None,
        find_doubles: FindDoubles | None = None,
        judge_portrait: JudgePortrait | None = None,
        is_drawn: IsDrawn = lambda _sample, _pixels, _ppi: False,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        self._open_sample, self._begin_score, self._find_doubles = open_sample, begin_score, find_doubles
        self._judge_portrait, self._is_drawn, self._prepare = judge_portrait, is_drawn, prepare

    def prepare(self) -> None:
        """Start what takes its time to start."""
        self._prepare()

    def inspect(self, result: CaptureResult, known: Sequence[Sample] = ()) -> CaptureResult:
        """Return the result with each image decoded and measured; what is no sample became a fault."""
        with ThreadPoolExecutor(_MOST_AT_ONCE) as threads:
            looked = list(threads.map(lambda sample: self._look(sample, known), result.samples))
            opened = [one for one, _ in looked if not isinstance(one, SampleFault)]
            opened, doubles = self._eyes(opened, known, threads)
        faults = [one for one, _ in looked if isinstance(one, SampleFault)]
        for _, before in looked:
            doubles |= before
        doubles |= self._doubles([one for one in opened if one[0].position not in doubles], ())
        samples = [sample for sample, _, _ in opened]
        faults += [SampleFault(s.position, _reason(s.position, doubles), s) for s in samples if s.position in doubles]
        kept = tuple(sample for sample in samples if sample.position not in doubles)
        return replace(result, samples=kept, faults=(*result.faults, *faults))

    def _eyes(
        self, opened: list[Opened], known: Sequence[Sample], threads: ThreadPoolExecutor
    ) -> tuple[list[Opened], dict[Position, Position]]:
        """Return the samples, each eye with our score and advice, and which eyes are the person's other one."""
        eyes = [one for one in opened if one[0].position in EYES]
        if not eyes:
            return opened, {}
        judged = list(threads.map(_judged_eye, eyes))
        by_position = {eye[0].position: eye for eye, _ in judged}
        fresh = {eye[0].position: code for eye, code in judged}
        before = {one.position: code_of(self._open_sample(one)[0]) for one in known if one.position in EYES}
        return [by_position.get(one[0].position, one) for one in opened], other_eyes(fresh, before)

    def _doubles(self, fresh: Sequence[Opened], known: Sequence[Sample]) -> Mapping[Position, Position]:
        return self._find_doubles(fresh, known) if self._find_doubles else {}

    def _look(self, sample: Sample, known: Sequence[Sample]) -> Looked:
        try:
            pixels, ppi = self._open_sample(sample)
        except InputError as error:
            code = OTHER_POSITION if error.code == "format.other_position" else BROKEN
            return SampleFault(sample.position, code, sample), {}
        if sample.position.modality is Modality.FINGER:
            return self._measured(sample, pixels, ppi, known)
        if sample.format is SampleFormat.ISO_19794_5 and self._judge_portrait and not _is_ours(sample):
            score, hints = self._judge_portrait(pixels)
            sample = replace(sample, quality=score, hints=hints, device_quality=sample.quality)
        return (sample, pixels, ppi), {}

    def _measured(self, sample: Sample, pixels: Pixels, ppi: int, known: Sequence[Sample]) -> Looked:
        """Return a print with the score that counts, the advice that a score below a good one calls for, and which of
        the known prints it is.
        """
        theirs = self._begin_score(pixels, ppi) if self._begin_score else None  # other processes work meanwhile
        try:
            found = review(pixels, ppi)
        except ValueError:  # a line of pixels
            return SampleFault(sample.position, BROKEN, sample), {}
        if found.refused:
            return SampleFault(sample.position, found.refused, sample), {}
        if self._is_drawn(sample, pixels, ppi):
            return SampleFault(sample.position, TOO_REGULAR, sample), {}
        doubles = self._doubles([(sample, pixels, ppi)], known)
        own = sample.device_quality if sample.quality.algorithm == ALGORITHM else sample.quality
        nist = theirs.result() if theirs else None
        score = nist or found.score
        ways = found.ways if score.value < GOOD else ()
        told = (ESTIMATED,) if theirs and not nist else ()
        return (replace(sample, quality=score, hints=(*ways, *told), device_quality=own), pixels, ppi), doubles


def _is_ours(sample: Sample) -> bool:
    """Return whether the kit scored a sample already, from the frame that it was cut out of."""
    return sample.quality.algorithm in (IRIS_ALGORITHM, PORTRAIT_ALGORITHM)


def _judged_eye(opened: Opened) -> tuple[Opened, IrisCode | None]:
    """Return the sample of an eye with our score, and its code; an eye that is not open scores 0 and has no code."""
    sample, pixels, ppi = opened
    eye = clearest_eye(pixels)
    hints = sample.hints
    if not _is_ours(sample):
        found = None if eye is None else review_eye(pixels, eye)
        score = found.score if found else QualityScore(0, IRIS_ALGORITHM, IRIS_VERSION)
        hints = found.hints if found else ()
        sample = replace(sample, quality=score, device_quality=sample.quality)
    if eye is None:
        return (replace(sample, hints=(CLOSED, *hints)), pixels, ppi), None
    return (replace(sample, hints=hints), pixels, ppi), code_of_eye(pixels, eye)


def _reason(position: Position, doubles: Mapping[Position, Position]) -> str:
    """Return the message key of which one it is: swapped eyes and thumbs and the other hand are said as such."""
    if position in EYES:
        return "iris.swapped" if len(doubles) > 1 else "iris.same_eye"
    if all(doubles.get(thumb) in THUMBS for thumb in THUMBS) and position in THUMBS:
        return "finger.thumbs_swapped"
    for hand, other in ((RIGHT_FOUR, LEFT_FOUR), (LEFT_FOUR, RIGHT_FOUR)):
        if position in hand and sum(at in hand and is_ in other for at, is_ in doubles.items()) > 1:
            return "finger.other_hand"
    return f"finger.is.{doubles[position].value.lower()}"


# How much ink a signature holds. A line is accepted (a subject who cannot write draws one), so its length decides.

SIGNATURE_ALGORITHM = "ink-length"
VERSION = "1"
LINE_MM = 15  # a deliberate line; from here on the signature is good
GOOD_SCORE = 60


def score_signature(signature: Signature) -> QualityScore:
    """Return 60 for ink as long as a short line, 100 from three times that on, less for a dot."""
    length = ink_length_mm(signature)
    if length < LINE_MM:
        value = GOOD_SCORE * length / LINE_MM
    else:
        value = GOOD_SCORE + (100 - GOOD_SCORE) * min(1.0, (length - LINE_MM) / (2 * LINE_MM))
    return QualityScore(int(value), SIGNATURE_ALGORITHM, VERSION)


def ink_length_mm(signature: Signature) -> float:
    """Return how far the pen travelled while it was down."""
    steps = (pair for stroke in signature.strokes for pair in pairwise(stroke))
    return sum(hypot(b.x_um - a.x_um, b.y_um - a.y_um) for a, b in steps) / 1000
