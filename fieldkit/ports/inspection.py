"""What the core asks about samples before it believes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fieldkit.domain.recording.samples import Sample
from fieldkit.ports.devices import CaptureResult


class SampleInspector(Protocol):
    """Looks at what a device delivered while the person is still there."""

    def inspect(self, result: CaptureResult, known: Sequence[Sample] = ()) -> CaptureResult:
        """Return the result with each image decoded and each print measured by the kit itself.

        What cannot be decoded, is no finger, or is another finger of the same person, of whom `known` are the prints so
        far, has become a `SampleFault` that says why.
        """
        ...
