"""Watches live frames of a slap scanner on their way to the screen."""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.domain.errors import InputError
from fieldkit.ports.devices import PreviewSink
from fieldkit.ports.inspection import SlapFinder, SlapSeen


class SlapSink:
    """A `PreviewSink` that passes every frame on and tells which fingers lie there, once two frames agree."""

    def __init__(self, inner: PreviewSink, finder: SlapFinder, tell: Callable[[SlapSeen], None]) -> None:
        self._inner, self._finder, self._tell = inner, finder, tell
        self._last: SlapSeen | None = None
        self._told: SlapSeen | None = None

    def offer(self, jpeg: bytes) -> None:
        """Show the frame, then look at it."""
        self._inner.offer(jpeg)
        try:
            seen = self._finder.look(jpeg)
        except InputError:  # the next frame is looked at
            return
        if seen == self._last and seen != self._told:
            self._told = seen
            self._tell(seen)
        self._last = seen
