"""Ink of any pad: points in µm and ms become strokes, until the pen rests."""

from __future__ import annotations

from collections.abc import Callable

from drivers.transport import cancelled
from fieldkit.ports.devices import Cancel, NothingPresentedError, PenPoint, Signature, StrokeSink

MAX_POINTS = 200_000  # an hour of ink at the pads' rate: a stuck line does not fill the memory


class Ink:
    """Strokes as they grow on a surface of a size in µm."""

    def __init__(self, width_um: int, height_um: int, monotonic: Callable[[], float]) -> None:
        self._width_um, self._height_um = width_um, height_um
        self._monotonic = monotonic
        self._strokes: list[list[PenPoint]] = []
        self._is_down = False
        self._began_at = self._first_at = self._last_at = monotonic()
        self._points = 0
        self._has_changed = False

    @property
    def is_empty(self) -> bool:
        """Whether no stroke began."""
        return not self._strokes

    @property
    def is_full(self) -> bool:
        """Whether no more points are taken."""
        return self._points >= MAX_POINTS

    @property
    def waited_ms(self) -> int:
        """Time since the ink was awaited."""
        return round((self._monotonic() - self._began_at) * 1000)

    @property
    def rested_ms(self) -> int:
        """Time since the pen last drew; a pad whose pen went away says nothing more."""
        return round((self._monotonic() - self._last_at) * 1000)

    @property
    def has_changed(self) -> bool:
        """Whether points came since the last `signature()`."""
        return self._has_changed

    def draw(self, x_um: int, y_um: int, pressure: float) -> None:
        """Take a point of the pen on the surface; what lies beyond the edge is drawn on the edge."""
        if self.is_full:
            return
        now = self._monotonic()
        if not self._strokes:
            self._first_at = now
        if not self._is_down:
            self._strokes.append([])
        self._is_down = self._has_changed = True
        self._last_at = now
        self._points += 1
        x_um, y_um = min(max(x_um, 0), self._width_um), min(max(y_um, 0), self._height_um)
        point = PenPoint(x_um, y_um, min(max(pressure, 0.0), 1.0), round((now - self._first_at) * 1000))
        self._strokes[-1].append(point)

    def lift(self) -> None:
        """End the stroke."""
        self._is_down = False

    def signature(self) -> Signature:
        """Return the ink so far."""
        self._has_changed = False
        return Signature(tuple(tuple(s) for s in self._strokes), self._width_um, self._height_um)


def until_rest(
    ink: Ink,
    listen: Callable[[], None],
    preview: StrokeSink,
    cancel: Cancel,
    idle_ms: int,
    timeout_ms: int,
) -> Signature:
    """Call `listen`, which waits a moment for the pen and adds what it did, until the pen rests.

    Raise `NothingPresentedError` when no stroke began in time, or when cancelled without ink.
    """
    while True:
        listen()
        if ink.has_changed:
            preview.offer_signature(ink.signature())
        if cancel.is_cancelled():
            break
        if ink.is_empty and ink.waited_ms >= timeout_ms:
            raise NothingPresentedError("device.no_ink")
        if not ink.is_empty and (ink.rested_ms >= idle_ms or ink.is_full):
            break
    if ink.is_empty:
        raise cancelled()
    return ink.signature()
