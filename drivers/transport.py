"""Waiting that a person can end: shared by all drivers."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from fieldkit.domain.errors import InputError, Recovery
from fieldkit.ports.devices import Cancel, NothingPresentedError

POLL_S = 0.05  # a cancelled call must come back within 0.3 s


def split_url(address: str) -> SplitResult:
    """Return the parts of a URL. Raise `InputError("device.address")` for a host or port that cannot be."""
    try:
        parts = urlsplit(address)
        _ = parts.hostname, parts.port  # these are read, and refused, only when asked for
    except ValueError as error:
        raise InputError("device.address", address=address, reason=str(error)) from error
    return parts


class NeverCancelled:
    """For calls that nobody waits on."""

    def is_cancelled(self) -> bool:
        """Return False."""
        return False


def cancelled() -> NothingPresentedError:
    """Return the error of a call that the person gave up."""
    return NothingPresentedError("device.cancelled", recovery=Recovery.NONE)


def check(cancel: Cancel) -> None:
    """Raise when the person gave up waiting."""
    if cancel.is_cancelled():
        raise cancelled()


def pause(
    seconds: float,
    cancel: Cancel,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Sleep, or return early when the person gave up."""
    deadline = Deadline(seconds, monotonic)
    while not deadline.is_over and not cancel.is_cancelled():
        sleep(min(POLL_S, deadline.remaining_s))


class Deadline:
    """A point on the monotonic clock."""

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ends_at = monotonic() + seconds

    @property
    def remaining_s(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._ends_at - self._monotonic())

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self.remaining_s == 0.0
