"""Keeps so many worker processes serving: starts them, replaces dead ones, renews them one after the other.

All accept from one listening socket that this process holds: what waits there is served by whoever is free, and a
worker that dies or is renewed refuses nobody. A worker ends with its standard input, so it never outlives this process.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from fieldkit.domain.errors import KnownError

_log = logging.getLogger(__name__)
_STOP, _RENEW, _LOOK = "stop", "renew", "look"
_QUICK_DEATH_S = 5.0
_LONGEST_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: until a worker serves, until it has finished what is under way, between looks at what is due."""

    start_s: float = 120.0  # a machine that begins as well is slow; whoever dies is noticed at once
    stop_s: float = 15.0
    look_s: float = 3600.0


class Worker:
    """One process. It prints a line once it serves, and ends by itself after SIGTERM or when its input closes."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], listening: int) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(listening,),
            env={**os.environ, **environment},
        )
        self._began = time.monotonic()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def ended(self) -> int | None:
        """How it ended, None while it lives."""
        return self._process.poll()

    @property
    def age_s(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._began

    def is_serving(self, patience_s: float) -> bool:
        """Wait for its line."""
        assert self._process.stdout is not None
        deadline = self._began + patience_s
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self._process.stdout], [], [], left)[0]:
                return bool(self._process.stdout.readline())
        return False

    def tell_to_stop(self) -> None:
        """Let it finish what is under way."""
        self._process.terminate()

    def wait(self, patience_s: float) -> None:
        """Wait until it has ended; kill it when it takes too long."""
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


class Supervisor:
    """`begin(slot)` starts the worker of a slot, 0 … count - 1; `is_renewal_due` is asked now and then."""

    def __init__(
        self, begin: Callable[[int], Worker], count: int, is_renewal_due: Callable[[], bool], patience: Patience
    ) -> None:
        self._begin = begin
        self._count = count
        self._is_renewal_due = is_renewal_due
        self._patience = patience
        self._workers: dict[int, Worker] = {}
        self._deaths: dict[int, int] = {}  # in a row, each soon after its start
        self._due: dict[int, float] = {}  # when a dead one is replaced

    def run(self, ready: Callable[[], None]) -> None:
        """Work until SIGTERM or SIGINT; SIGHUP renews all workers, one after the other. Only for the main thread.

        Raise `KnownError` `gateway.workers_not_started` when not all serve at the beginning.
        """
        words: SimpleQueue[str] = SimpleQueue()
        with _told(words):
            try:
                self._workers = {slot: self._begin(slot) for slot in range(self._count)}
                if not all(each.is_serving(self._patience.start_s) for each in self._workers.values()):
                    raise KnownError("gateway.workers_not_started", count=self._count)
                ready()
                while (word := self._next(words)) != _STOP:
                    if word == _RENEW:
                        self._renew_all()
                    self._replace_dead()
            finally:
                self._stop(list(self._workers.values()))

    def _next(self, words: SimpleQueue[str]) -> str:
        now = time.monotonic()
        wait = min([self._patience.look_s, *(max(0.0, at - now) for at in self._due.values())])
        try:
            return words.get(timeout=wait)
        except Empty:
            return _RENEW if wait == self._patience.look_s and self._is_renewal_due() else _LOOK

    def _replace_dead(self) -> None:
        now = time.monotonic()
        for slot, worker in list(self._workers.items()):
            if worker.ended is None:
                continue
            worker.wait(0)
            del self._workers[slot]
            deaths = self._deaths[slot] = self._deaths.get(slot, 0) + 1 if worker.age_s < _QUICK_DEATH_S else 0
            _log.warning("worker %d ended (%s); another takes its place", slot, worker.ended)
            self._due[slot] = now + min(2.0**deaths - 1, _LONGEST_WAIT_S)
        for slot, at in list(self._due.items()):
            if at <= now:
                del self._due[slot]
                self._workers[slot] = self._begin(slot)

    def _renew_all(self) -> None:
        for slot, old in list(self._workers.items()):
            new = self._begin(slot)
            if not new.is_serving(self._patience.start_s):
                _log.error("a new worker %d does not serve; the old ones go on", slot)
                self._stop([new])
                return
            self._workers[slot] = new
            self._stop([old])

    def _stop(self, workers: Sequence[Worker]) -> None:
        for worker in workers:
            worker.tell_to_stop()
        for worker in workers:
            worker.wait(self._patience.stop_s)


@contextmanager
def _told(words: SimpleQueue[str]) -> Iterator[None]:
    """Turn signals into words; the queue is one that a signal's handler may put into."""
    meanings: dict[int, str] = {signal.SIGTERM: _STOP, signal.SIGINT: _STOP}
    if sys.platform != "win32":
        meanings |= {signal.SIGHUP: _RENEW, signal.SIGCHLD: _LOOK}
    before = {number: signal.signal(number, lambda at, _frame: words.put(meanings[at])) for number in meanings}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
