"""Watches live frames on their way to the screen: what they show is told, and when everything rests it is captured."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import Position
from fieldkit.ports.devices import FrameScorer, IrisScorer, LiveScore, PreviewSink
from fieldkit.ports.inspection import FingerSeen, Hand, MarkSink, SlapFinder, SlapSeen

REST_S = 0.5
STRAYS = 15  # thousandths of the picture by which a finger at rest may move
STEADY_LOOKS = 2  # at a face or at eyes, one after the other
HOLD_S = 0.8  # a reason can be read before the next one takes its place

Look = Callable[[bytes], bool]  # at a frame; tells whether anybody is in it


@dataclass(frozen=True, slots=True)
class Pace:
    """How often frames are looked at: a share of the time, not before `every_s`, or `empty_s` when nobody is there."""

    share: float
    every_s: float = 0.0
    empty_s: float = 0.0

    def rest_s(self, took_s: float, *, is_empty: bool) -> float:
        """Return how long to rest after a look that took so long."""
        least = (self.empty_s if is_empty else self.every_s) - took_s
        return max(least, took_s * (1 - self.share) / self.share)


FACES = Pace(0.1, every_s=0.2, empty_s=0.5)  # a person moves slowly, and the laptop runs on its battery
EYES = Pace(0.7)


class Rest:
    """Knows when the wanted number of fingers rests; says so once, and again only after they were lifted."""

    def __init__(
        self,
        wanted: int,
        *,
        must_lift: bool = False,
        other: Hand = Hand.UNKNOWN,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`must_lift`: what lies there already was captured. `other` is the hand that is not asked for."""
        self._wanted, self._is_spent, self._other, self._monotonic = wanted, must_lift, other, monotonic
        self._since = 0.0
        self._at: tuple[tuple[float, float], ...] = ()

    def is_reached(self, seen: SlapSeen) -> bool:
        """Return whether with this frame the fingers have rested long enough."""
        is_other = self._other is not Hand.UNKNOWN and seen.hand is self._other
        if seen.count != self._wanted or is_other:
            self._is_spent = self._is_spent and seen.count >= self._wanted
            self._at = ()
            return False
        at = tuple((finger.left + finger.width / 2, finger.top + finger.height / 2) for finger in seen.fingers)
        if (
            not at
            or len(at) != len(self._at)
            or any(abs(x - x0) > STRAYS or abs(y - y0) > STRAYS for (x, y), (x0, y0) in zip(at, self._at, strict=True))
        ):
            self._since, self._at = self._monotonic(), at
            return False
        if self._is_spent or self._monotonic() - self._since < REST_S:
            return False
        self._is_spent = True
        return True


class SlapSink:
    """A `PreviewSink` that passes every frame on and tells which fingers lie there, once two frames agree."""

    def __init__(
        self,
        inner: PreviewSink,
        finder: SlapFinder,
        tell: Callable[[SlapSeen], None],
        rest: Rest | None = None,
        rested: Callable[[], None] = lambda: None,
    ) -> None:
        self._inner, self._finder, self._tell, self._rest, self._rested = inner, finder, tell, rest, rested
        self._last: SlapSeen | None = None
        self._told: SlapSeen | None = None

    def offer(self, jpeg: bytes) -> None:
        """Show the frame, then look at it."""
        self._inner.offer(jpeg)
        try:
            seen = self._finder.look(jpeg)
        except InputError:  # the next frame is looked at
            return
        _mark(self._inner, seen.fingers)
        if seen == self._last and seen != self._told:
            self._told = seen
            self._tell(seen)
        self._last = seen
        if self._rest is not None and self._rest.is_reached(seen):
            self._rested()


class AsideSink:
    """A `PreviewSink` whose looks take their time: they happen beside it, at the newest frame, while it is entered."""

    def __init__(
        self, inner: PreviewSink, look: Look, pace: Pace = EYES, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._inner, self._look, self._pace, self._monotonic = inner, look, pace, monotonic
        self._room = threading.Condition()
        self._frame: bytes | None = None
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="live-look", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._room:
            self._is_open = False
            self._room.notify()
        self._thread.join()

    def offer(self, jpeg: bytes) -> None:
        """Show the frame at once; it is looked at when there is time."""
        self._inner.offer(jpeg)
        with self._room:
            self._frame = jpeg
            self._room.notify()

    def _run(self) -> None:
        while True:
            with self._room:
                self._room.wait_for(lambda: self._frame is not None or not self._is_open)
                if not self._is_open:
                    return
                frame, self._frame = self._frame, None
            assert frame is not None  # or it would be closed
            begun, is_empty = self._monotonic(), False
            with suppress(ValueError, InputError):  # a torn frame: the next one comes; damage is told by the capture
                is_empty = not self._look(frame)
            rest = self._pace.rest_s(self._monotonic() - begun, is_empty=is_empty)
            with self._room:  # drawing needs the processor too
                self._room.wait_for(lambda: not self._is_open, timeout=rest)


class Steady:
    """Looks at faces or eyes: tells the first hint once looks in a row agree, and once when they are good.

    What was told stands for a while: a reason that comes and goes with each frame cannot be read.
    """

    def __init__(
        self,
        judge: Callable[[bytes], tuple[bool, LiveScore]],
        tell: Callable[[LiveScore], None],
        rested: Callable[[], None],
        *,
        must_leave: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`must_leave`: what is seen already was captured, and fires only after it was gone or was not good."""
        self._judge, self._tell, self._rested, self._is_spent = judge, tell, rested, must_leave
        self._monotonic = monotonic
        self._good = self._alike = 0
        self._last: tuple[str, ...] | None = None
        self._told: tuple[str, ...] | None = None
        self._told_at = 0.0

    def look(self, jpeg: bytes) -> bool:
        """Judge a frame and return whether anybody is in it. Raise `ValueError` when it is no image."""
        is_good, live = self._judge(jpeg)
        hint = live.hints[:1]
        self._alike, self._last = (self._alike + 1 if hint == self._last else 1), hint
        if hint != self._told and self._alike >= STEADY_LOOKS and self._may_change():
            self._told, self._told_at = hint, self._monotonic()
            self._tell(live)
        self._good = self._good + 1 if is_good else 0
        self._is_spent = self._is_spent and is_good
        if self._good >= STEADY_LOOKS and not self._is_spent:
            self._is_spent = True
            self._rested()
        return live.quality > 0

    def _may_change(self) -> bool:
        return self._told is None or self._monotonic() - self._told_at >= HOLD_S


def face_judge(scorer: FrameScorer, threshold: int) -> Callable[[bytes], tuple[bool, LiveScore]]:
    """Return what says of a frame whether its face is good enough."""

    def judge(jpeg: bytes) -> tuple[bool, LiveScore]:
        live = scorer.score(jpeg)
        return live.quality >= threshold, live

    return judge


def eyes_judge(scorer: IrisScorer, wanted: Sequence[Position]) -> Callable[[bytes], tuple[bool, LiveScore]]:
    """Return what says of a frame whether all wanted eyes are open in it: how good they are, the camera knows."""

    def judge(jpeg: bytes) -> tuple[bool, LiveScore]:
        seen = scorer.score_eyes(jpeg, wanted)
        worst = min(seen.values(), key=lambda live: live.quality, default=LiveScore(0))
        is_whole = all(position in seen for position in wanted)
        return is_whole, worst if is_whole else LiveScore(0, ("rekam.eye_not_open",))

    return judge


def _mark(sink: PreviewSink, fingers: tuple[FingerSeen, ...]) -> None:
    if isinstance(sink, MarkSink):
        sink.mark(fingers)
