"""What a device delivered, looked at while the person is still there: decoded, and each print measured by the kit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import Modality
from fieldkit.domain.recording.samples import QualityScore, Sample
from fieldkit.ports.devices import CaptureResult, SampleFault
from fieldkit.quality.finger_blocks import Pixels
from fieldkit.quality.finger_estimate import ALGORITHM, review

BROKEN = "sample.broken"
OTHER_POSITION = "sample.other_position"

OpenSample = Callable[[Sample], tuple[Pixels, int]]
Score = Callable[[Pixels, int], QualityScore | None]


class SampleInspection:
    """The port `SampleInspector`.

    `open_sample` gives image and ppi, or raises `InputError`; `score` is NIST's program where it is installed, and
    where that gives nothing the estimate counts.
    """

    def __init__(self, open_sample: OpenSample, score: Score | None = None) -> None:
        self._open_sample, self._score = open_sample, score

    def inspect(self, result: CaptureResult) -> CaptureResult:
        """Return the result with each image decoded and each print measured; what is no sample became a fault."""
        looked = [self._look(sample) for sample in result.samples]
        samples = tuple(one for one in looked if isinstance(one, Sample))
        faults = tuple(one for one in looked if isinstance(one, SampleFault))
        return replace(result, samples=samples, faults=(*result.faults, *faults))

    def _look(self, sample: Sample) -> Sample | SampleFault:
        try:
            pixels, ppi = self._open_sample(sample)
        except InputError as error:
            code = OTHER_POSITION if error.code == "format.other_position" else BROKEN
            return SampleFault(sample.position, code, sample)
        return self._measured(sample, pixels, ppi) if sample.position.modality is Modality.FINGER else sample

    def _measured(self, sample: Sample, pixels: Pixels, ppi: int) -> Sample | SampleFault:
        try:
            found = review(pixels, ppi)
        except ValueError:  # a line of pixels
            return SampleFault(sample.position, BROKEN, sample)
        if found.refused:
            return SampleFault(sample.position, found.refused, sample)
        quality = (self._score(pixels, ppi) if self._score else None) or found.score
        own = None if sample.quality.algorithm == ALGORITHM else sample.quality
        return replace(sample, quality=quality, hints=found.advice, device_quality=own)
