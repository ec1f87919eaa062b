"""What tests of waiting use instead of seconds: somebody who gives up by a fact, a clock that runs by a fact."""

from __future__ import annotations

from collections.abc import Callable

_ON_THE_WAY_OUT = 3  # a call, what it calls and a pause in between may each ask once more


def never() -> bool:
    return False


class Flag:
    """A `Cancel` that turns on when set, after so many questions, or once something is so; it counts the questions."""

    def __init__(self, after: int | None = None, once: Callable[[], object] = never) -> None:
        self.is_set = False
        self.asked = self.answered_yes = 0
        self._after, self._once = after, once

    def is_cancelled(self) -> bool:
        self.is_set = self.is_set or self.asked == self._after or bool(self._once())
        self.asked += 1
        self.answered_yes += self.is_set
        return self.is_set

    @property
    def was_heeded(self) -> bool:
        """Whether the call ended with the yes, and did not go on asking."""
        return 0 < self.answered_yes <= _ON_THE_WAY_OUT


class FactClock:
    """Seconds of a driver: a thousandth passes with each look, and a tenth once something is so."""

    def __init__(self, runs: Callable[[], object] = lambda: True, step_s: float = 0.1) -> None:
        self.runs, self._step_s, self._now = runs, step_s, 100.0
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        self._now += self._step_s if self.runs() else 0.001
        return self._now

    def pass_s(self, seconds: float) -> None:
        """Let time pass at once."""
        self._now += seconds
