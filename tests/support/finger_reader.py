"""A lock by finger whose reader is wherever the test says; the real one stands in `support.fingers`."""

from __future__ import annotations

from fieldkit.domain.errors import KnownError
from fieldkit.ports.devices import Cancel, TimedOutError


class FingerReader:
    """What `UnlockByFinger` shows and does; `refusal` is what the next finger meets."""

    def __init__(self, *, is_learnt: bool = False, has_reader: bool = False, is_ready: bool = False) -> None:
        self.is_learnt, self.has_reader, self.is_ready = is_learnt, has_reader, is_ready
        self.refusal: KnownError | None = None

    def learn(self, cancel: Cancel) -> None:
        self._meet()
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
