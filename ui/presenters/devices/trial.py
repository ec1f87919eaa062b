"""The self-test of all devices at once, each on its own executor; the results fill the lines of every open list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fieldkit.domain.errors import Problem
from fieldkit.ports.devices import DeviceStatus
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.devices.note_self_tests import to_test
from fieldkit.services.devices.self_test import DeviceVerdict
from ui.presenters.cancel import CancelFlag
from ui.presenters.tasks import Tasks, device_executor

_SCAN = device_executor("scan")


class DeviceTrial:
    """One run at a time. `done` comes after the results were kept."""

    def __init__(
        self, context: AppContext, tasks: Tasks, done: Callable[[], None], failed: Callable[[Problem], None]
    ) -> None:
        self._context, self._tasks, self._done, self._failed = context, tasks, done, failed
        self._cancel: CancelFlag | None = None
        self._verdicts: list[DeviceVerdict] = []
        self._left = 0

    @property
    def is_running(self) -> bool:
        """Return whether a run is under way."""
        return self._cancel is not None

    def begin(self) -> None:
        """Look around and test everything."""
        cancel = self._cancel = CancelFlag()
        self._verdicts = []
        self._tasks.run(
            _SCAN,
            self._context.registry.scan,
            lambda found: self._try_all(found, cancel),
            lambda p: self._end(p, cancel),
        )

    def stop(self) -> None:
        """Let go of the devices; what was found so far is not kept."""
        if self._cancel is not None:
            self._cancel.cancel()
            self._cancel = None

    def _try_all(self, found: Sequence[DeviceStatus], cancel: CancelFlag) -> None:
        if cancel is not self._cancel:
            return
        wanted = to_test(found)
        self._left = len(wanted)
        if not wanted:
            self._keep(cancel)
        for status in wanted:
            self._try_one(status, cancel)

    def _try_one(self, status: DeviceStatus, cancel: CancelFlag) -> None:
        def tried(verdict: DeviceVerdict) -> None:
            if cancel is self._cancel:
                self._verdicts.append(verdict)
                self._left -= 1
                if self._left == 0:
                    self._keep(cancel)

        run = self._context.self_test.run
        self._tasks.run(
            device_executor(status.kind.value), lambda: run(status, cancel), tried, lambda p: self._end(p, cancel)
        )

    def _keep(self, cancel: CancelFlag) -> None:
        verdicts = tuple(self._verdicts)

        def kept(_note: object) -> None:
            if cancel is self._cancel:
                self._cancel = None
                self._done()

        keep = self._context.office.sarpras.tests.keep
        self._tasks.write(lambda: keep(verdicts), lambda problem: self._end(problem, cancel), kept)

    def _end(self, problem: Problem, cancel: CancelFlag) -> None:
        if cancel is self._cancel:
            self.stop()
            self._failed(problem)
