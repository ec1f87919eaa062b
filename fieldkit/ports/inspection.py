"""What the core asks about samples before it believes them."""

from __future__ import annotations

from typing import Protocol

from fieldkit.ports.devices import CaptureResult


class SampleInspector(Protocol):
    """Looks at what a device delivered while the person is still there."""

    def inspect(self, result: CaptureResult) -> CaptureResult:
        """Return the result with each image decoded and each print measured by the kit itself.

        What cannot be decoded, or is no finger, has become a `SampleFault` that says why.
        """
        ...
