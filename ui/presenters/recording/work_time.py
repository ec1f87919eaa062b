"""How long somebody works at a recording: what counts is the time at its screen, not the time since it was opened."""

from __future__ import annotations

import time
from collections.abc import Callable

from fieldkit.domain.errors import Problem
from fieldkit.services.recording.run_session import RunSession
from ui.presenters.tasks import Tasks

IDLE_S = 180  # without a key, a press or an answer of a device nobody works any more
NOTE_EVERY_MS = 10_000
_LONGEST_STEP_S = 5.0  # between two looks; a longer gap is a lid that was closed


class SessionWork:
    """Counts milliseconds of work at one recording while a screen shows it, and notes them every few seconds.

    It stands still while the screen is locked, left, asleep or untouched. A kill costs no more than those seconds.
    """

    def __init__(
        self,
        recording: RunSession,
        tasks: Tasks,
        session_id: str,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        looked: Callable[[], None] = lambda: None,
    ) -> None:
        """`looked` is told every second of the time that is shown."""
        self._recording, self._tasks, self._session_id, self._monotonic = recording, tasks, session_id, monotonic
        self._looked, self._stop_clock = looked, _none
        self._seen_at: float | None = None
        self._touched_at = monotonic()
        self._counted_ms, self._noted_ms = 0.0, 0

    @property
    def counted_ms(self) -> int:
        """Return what was counted since the screen was opened, noted or not."""
        return int(self._counted_ms)

    def run(self) -> None:
        """Begin to count, or go on."""
        self._stop_clock()
        self._stop_clock = self._tasks.every(1_000, self.look)
        self._seen_at = self._touched_at = self._monotonic()

    def rest(self) -> None:
        """Count up to now, stand still and note what was counted."""
        self._stop_clock()
        self._count()
        self._seen_at = None
        self._note()

    def touch(self) -> None:
        """Note that somebody is there; after a rest without a hand on it the count goes on from here."""
        self._count()
        self._touched_at = self._monotonic()

    def look(self) -> None:
        """Count on; called every second while it runs."""
        self._count()
        if self.counted_ms - self._noted_ms >= NOTE_EVERY_MS:
            self._note()
        self._looked()

    def _count(self) -> None:
        if self._seen_at is None:
            return
        before, now = self._seen_at, self._monotonic()
        self._seen_at = now
        until = min(now, self._touched_at + IDLE_S)
        if now - before <= _LONGEST_STEP_S:
            self._counted_ms += max(0.0, until - before) * 1000

    def _note(self) -> None:
        ms = self.counted_ms - self._noted_ms
        if ms:
            self._noted_ms += ms
            self._tasks.write(lambda: self._recording.note_work(self._session_id, ms), _unnoted)


class AtWork:
    """A presenter at whose screen somebody works at a recording; `_work` runs from its start to its stop."""

    _work: SessionWork

    def touch(self) -> None:
        """Note that somebody works here."""
        self._work.touch()

    def rest(self) -> None:
        """Let the timer stand still."""
        self._work.rest()

    def go_on(self) -> None:
        """Let the timer go on."""
        self._work.run()


def _none() -> None:
    """Stop a clock that does not run."""


def _unnoted(_problem: Problem) -> None:
    """Some seconds less on the timer trouble nobody; a disk that takes nothing is told where it matters."""
