"""A lock by finger whose reader is wherever the test says; the real one stands in `support.fingers`."""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.domain.errors import KnownError
from fieldkit.ports.devices import Cancel, TimedOutError


class FingerReader:
    """What `UnlockByFinger` shows and does; `refusal` is what the next finger meets.

    `impressions` are awaited before a finger is learnt.
    """

    def __init__(self, *, is_learnt: bool = False, has_reader: bool = False, is_ready: bool = False) -> None:
        self.is_learnt, self.has_reader, self.is_ready = is_learnt, has_reader, is_ready
        self.refusal: KnownError | None = None
        self.impressions = 0

    def learn(self, cancel: Cancel, awaits: Callable[[int], None]) -> None:
        self._meet()
        for number in range(1, self.impressions + 1):
            awaits(number)
        if cancel.is_cancelled():
            raise TimedOutError("device.timed_out")
        self.is_learnt = True

    def forget(self) -> None:
        self._meet()
        self.is_learnt = False

    def unlock(self, _cancel: Cancel) -> None:
        self._meet()

    def _meet(self) -> None:
        if self.refusal is not None:
            raise self.refusal
