"""Capture from one device without a session: for trying a device out and for checks of a service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture_policy import CAPTURED_AT, CapturePolicy, StepKind, Verdict
from fieldkit.domain.recording.device_chain import DeviceLink
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.domain.recording.samples import Sample
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.devices import (
    BiometricCaptureDevice,
    Cancel,
    CaptureRequest,
    DeviceError,
    PreviewSink,
    SampleFault,
)
from fieldkit.ports.inspection import SampleInspector

STEPS_OF: dict[Modality, tuple[StepKind, ...]] = {
    Modality.FINGER: (StepKind.RIGHT_FOUR, StepKind.LEFT_FOUR, StepKind.THUMBS),
    Modality.IRIS: (StepKind.IRIS,),
    Modality.FACE: (StepKind.PHOTO,),
}


@dataclass(frozen=True, slots=True)
class CapturedAlone:
    """The best sample of each position, what never came, how many captures it took, the device's last hash.

    `poor` are positions whose best sample is still to be repeated by the policy; `stopped_by` is what a device did
    wrong after some samples were there.
    """

    samples: tuple[Sample, ...]
    faults: tuple[SampleFault, ...]
    captures: int
    last_hash: str
    poor: tuple[Position, ...] = ()
    stopped_by: Problem | None = None
    links: tuple[DeviceLink, ...] = ()  # of the device's hash chain, also of what was discarded


class CaptureAlone:
    """Captures positions with one device, repeating what is too poor."""

    def __init__(
        self,
        device: BiometricCaptureDevice,
        inspector: SampleInspector,
        policy: CapturePolicy,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._device, self._inspector, self._policy = device, inspector, policy
        self._clock, self._ids = clock, ids

    def run(
        self,
        modality: Modality,
        wanted: Sequence[Position],
        exceptions: Sequence[Position],
        previous_hash: str,
        preview: PreviewSink,
        cancel: Cancel,
        timeout_ms: int = 10_000,
    ) -> CapturedAlone:
        """Capture `wanted` but for `exceptions`, slap by slap. Raise a `DeviceError` when no sample came before it.

        A device that may not enrol gives one position at a time, to compare it with another.
        """
        if len(wanted) > 1 and not self._device.capabilities.may_enrol:
            raise DeviceError("device.not_for_enrolment", model=self._device.identity.model)
        best: dict[Position, Sample] = {}
        faults: dict[Position, SampleFault] = {}
        captures, last_hash = 0, previous_hash
        links: list[DeviceLink] = []
        self._inspector.prepare()
        self._device.open(cancel)
        stopped_by: Problem | None = None
        try:
            for step in STEPS_OF[modality]:
                positions = [p for p in CAPTURED_AT[step] if p in wanted and p not in exceptions]
                excepted = tuple(p for p in CAPTURED_AT[step] if p in exceptions)
                for _ in range(self._policy.max_attempts):
                    lacking = [p for p in positions if p not in best or self._is_poor(best[p])]
                    if not lacking:
                        break
                    request = CaptureRequest(
                        transaction_id=self._ids.new(),
                        at=self._clock.now(),
                        modality=modality,
                        positions=tuple(positions),
                        exceptions=excepted,
                        threshold=self._policy.thresholds(modality).good,
                        timeout_ms=timeout_ms,
                        previous_hash=last_hash,
                    )
                    result = self._device.capture(request, preview, cancel)
                    result = self._inspector.inspect(result, tuple(best.values()))
                    captures, last_hash = captures + 1, result.last_hash or last_hash
                    links += result.links
                    for sample in result.samples:
                        before = best.get(sample.position)
                        if sample.position in positions and (
                            before is None or sample.quality.value > before.quality.value
                        ):
                            best[sample.position] = sample
                    faults |= {position: SampleFault(position, "device.not_seen") for position in lacking}
                    faults |= {fault.position: fault for fault in result.faults if fault.position in positions}
        except DeviceError as error:
            if not best:
                raise
            # What was taken before the wire broke is good and stays; the subject need not lay those fingers on again.
            stopped_by = error.problem
            faults = {p: SampleFault(p, error.code) for p in wanted if p not in exceptions} | faults
        missing = tuple(fault for position, fault in faults.items() if position not in best)
        samples = tuple(best[p] for p in Position if p in best)
        poor = tuple(sample.position for sample in samples if self._is_poor(sample))
        return CapturedAlone(samples, missing, captures, last_hash, poor, stopped_by, tuple(links))

    def _is_poor(self, sample: Sample) -> bool:
        return self._policy.verdict(sample.position, sample.quality.value) is Verdict.REPEAT
