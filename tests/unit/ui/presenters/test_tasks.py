from __future__ import annotations

from collections.abc import Callable

from support.tasks import SameThread

from ui.presenters.tasks import COMPUTE, STORE, SYNC, Changes, device_executor


def test_every_device_has_a_executor_of_its_own_beside_the_fixed_ones() -> None:
    executors = {STORE, SYNC, COMPUTE, device_executor("3F-20817"), device_executor("IR-1174")}
    assert len(executors) == 5


class Later(SameThread):
    """A window that is busy until `run_posted`."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: list[Callable[[], None]] = []

    def post(self, func: Callable[[], None]) -> None:
        self.posted.append(func)


def test_several_writes_are_told_at_once_and_then_anew() -> None:
    tasks, told = Later(), list[frozenset[str]]()
    changes = Changes(tasks, told.append)
    changes.note(frozenset({"plan"}))
    changes.note(frozenset({"record"}))
    assert len(tasks.posted) == 1
    tasks.posted.pop()()
    assert told == [{"plan", "record"}]
    changes.note(frozenset({"plan"}))
    tasks.posted.pop()()
    assert told[1:] == [{"plan"}]
