"""Executors without threads, for presenters: work is done at once, or when the test says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from fieldkit.domain.errors import KnownError
from fieldkit.storage.store import SqlStore
from ui.presenters.tasks import STORE, untold

_only_reads = False  # what works on the executor of the store at this moment, by `Tasks.run`


@contextmanager
def _as(only_reads: bool) -> Iterator[None]:
    global _only_reads
    before, _only_reads = _only_reads, only_reads
    try:
        yield
    finally:
        _only_reads = before


def refuse_writes_by_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a write of the store fail that was handed over so that a window closed at once forgets it."""
    write = SqlStore.write

    def guarded(store: SqlStore) -> Any:
        assert not _only_reads, "a shutdown forgets this: hand it over with `Tasks.write`"
        return write(store)

    monkeypatch.setattr(SqlStore, "write", guarded)


class Clockwork:
    """A timer of the test; `tick` rings it."""

    def __init__(self, func: Callable[[], None]) -> None:
        self.func, self.is_stopped = func, False

    def stop(self) -> None:
        self.is_stopped = True


class SameThread:
    """Implements `Tasks`. Executors named in `held` wait for `release`."""

    def __init__(self, *held: str) -> None:
        self._held: dict[str, list[Callable[[], None]]] = {executor: [] for executor in held}
        self.timers: list[Clockwork] = []

    def run(
        self, executor: str, func: Callable[[], Any], done: Callable[[Any], None], failed: Callable[..., None]
    ) -> None:
        self._queue(executor, func, done, failed, only_reads=executor == STORE)

    def _queue(
        self,
        executor: str,
        func: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[..., None],
        *,
        only_reads: bool,
    ) -> None:
        def work() -> None:
            try:
                with _as(only_reads):
                    result = func()
            except KnownError as error:
                failed(error.problem)
            else:
                done(result)

        if executor in self._held:
            self._held[executor].append(work)
        else:
            work()

    def write(self, func: Callable[[], Any], failed: Callable[..., None], done: Callable[[Any], None] = untold) -> None:
        self._queue(STORE, func, done, failed, only_reads=False)

    def post(self, func: Callable[[], None]) -> None:
        func()

    def every(self, interval_ms: int, func: Callable[[], None]) -> Callable[[], None]:
        self.timers.append(Clockwork(func))
        return self.timers[-1].stop

    def hold(self, executor: str) -> None:
        """Let an executor wait from now on."""
        self._held.setdefault(executor, [])

    def release(self, executor: str) -> None:
        while self._held[executor]:
            self._held[executor].pop(0)()

    def tick(self) -> None:
        for timer in tuple(self.timers):
            if not timer.is_stopped:
                timer.func()


class Steps:
    """A `Navigator` that writes down where it was sent."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, ...]] = []

    def push(self, name: str, **params: str) -> None:
        self.taken.append(("push", name, *params.values()))

    def back(self) -> None:
        self.taken.append(("back",))

    def replace(self, name: str, **params: str) -> None:
        self.taken.append(("replace", name, *params.values()))

    def restart(self, name: str, **params: str) -> None:
        self.taken.append(("restart", name, *params.values()))
