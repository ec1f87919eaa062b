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


class WorkTime:
    """Counts milliseconds while it runs. It stands still while the screen is locked, left, asleep or untouched."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen_at: float | None = None
        self._touched_at = monotonic()
        self._counted_ms = 0.0

    def run(self) -> None:
        """Begin to count, or go on."""
        self._seen_at = self._touched_at = self._monotonic()

    def rest(self) -> None:
        """Count up to now and stand still."""
        self.look()
        self._seen_at = None

    def touch(self) -> None:
        """Note that somebody is there; after a rest without a hand on it the count goes on from here."""
        self.look()
        self._touched_at = self._monotonic()

    def look(self) -> None:
        """Count the time since the last look. Call it every second or so."""
        if self._seen_at is None:
            return
        before, now = self._seen_at, self._monotonic()
        self._seen_at = now
        until = min(now, self._touched_at + IDLE_S)
        if now - before <= _LONGEST_STEP_S:
            self._counted_ms += max(0.0, until - before) * 1000

    @property
    def counted_ms(self) -> int:
        """Return what was counted so far."""
        return int(self._counted_ms)


class SessionWork:
    """Counts the work at one recording while a screen shows it and notes it every few seconds: a kill costs no more."""

    def __init__(
        self,
        recording: RunSession,
        tasks: Tasks,
        session_id: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recording, self._tasks, self._session_id = recording, tasks, session_id
        self._time, self._noted_ms = WorkTime(monotonic), 0

    @property
    def counted_ms(self) -> int:
        """Return what was counted since the screen was opened, noted or not."""
        return self._time.counted_ms

    def run(self) -> None:
        """Begin to count, or go on."""
        self._time.run()

    def rest(self) -> None:
        """Stand still and note what was counted."""
        self._time.rest()
        self._note()

    def touch(self) -> None:
        """Note that somebody is there."""
        self._time.touch()

    def look(self) -> None:
        """Count on. Call it every second."""
        self._time.look()
        if self._time.counted_ms - self._noted_ms >= NOTE_EVERY_MS:
            self._note()

    def _note(self) -> None:
        ms = self._time.counted_ms - self._noted_ms
        if ms:
            self._noted_ms += ms
            self._tasks.write(lambda: self._recording.note_work(self._session_id, ms), _unnoted)


def _unnoted(_problem: Problem) -> None:
    """Some seconds less on the timer trouble nobody; a disk that takes nothing is told where it matters."""
