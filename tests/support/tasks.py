"""Executors without threads, for presenters: work is done at once, or when the test says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fieldkit.domain.errors import KnownError
from ui.presenters.tasks import STORE, untold


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
        def work() -> None:
            try:
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
        self.run(STORE, func, done, failed)

    def post(self, func: Callable[[], None]) -> None:
        func()

    def every(self, interval_ms: int, func: Callable[[], None]) -> Callable[[], None]:
        self.timers.append(Clockwork(func))
        return self.timers[-1].stop

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
