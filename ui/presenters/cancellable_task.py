"""One device call at a time for one screen: the newest replaces the one before, and late answers are let go."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fieldkit.domain.errors import Problem
from fieldkit.ports.devices import Cancel, PreviewSink
from fieldkit.ports.recording import FingerSeen, MarkSink
from ui.presenters.tasks import CancelFlag, Tasks

T = TypeVar("T")


class FirstFrame:
    """A `PreviewSink` that tells once when frames come, and hands them on."""

    def __init__(self, inner: PreviewSink, seen: Callable[[], None]) -> None:
        self._inner, self._seen, self._is_first = inner, seen, True

    def offer(self, jpeg: bytes) -> None:
        """Hand a frame on."""
        self._inner.offer(jpeg)
        if self._is_first:
            self._is_first = False
            self._seen()

    def mark(self, fingers: tuple[FingerSeen, ...]) -> None:
        """Hand on what was found in the newest frame."""
        if isinstance(self._inner, MarkSink):
            self._inner.mark(fingers)


class CancellableTask:
    """Holds the cancel flag of the call under way and the next automatic try."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._flag: CancelFlag | None = None
        self._stop_retry: Callable[[], None] | None = None

    @property
    def is_busy(self) -> bool:
        """Return whether a call is under way that nobody took back."""
        return self._flag is not None

    def run(
        self,
        executor: str,
        func: Callable[[Cancel], T],
        done: Callable[[T], None],
        failed: Callable[[Problem], None],
        *,
        keeps_late_result: bool = False,
    ) -> None:
        """Run `func` on a device executor. `failed` is told only while nothing newer replaced it; a late result is
        dropped unless it must be kept (what a device captured is never thrown away).
        """
        self.release()
        flag = self._flag = CancelFlag()

        def finish(result: T) -> None:
            is_current = flag is self._flag
            if is_current:
                self._flag = None
            if is_current or keeps_late_result:
                done(result)

        def fail(problem: Problem) -> None:
            if flag is self._flag:
                self._flag = None
                failed(problem)

        self._tasks.run(executor, lambda: func(flag), finish, fail)

    def retry_in(self, interval_ms: int, again: Callable[[], None]) -> None:
        """Try again by itself, once: a cable that is plugged in shows without a click."""

        def once() -> None:
            self._forget_retry()
            again()

        self._forget_retry()
        self._stop_retry = self._tasks.every(interval_ms, once)

    def release(self) -> None:
        """Cancel the call under way and the next try."""
        if self._flag is not None:
            self._flag.cancel()
            self._flag = None
        self._forget_retry()

    def _forget_retry(self) -> None:
        if self._stop_retry is not None:
            self._stop_retry()
            self._stop_retry = None
