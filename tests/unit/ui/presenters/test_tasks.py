from __future__ import annotations

from collections.abc import Callable

from support.tasks import SameThread

from fieldkit.ports.devices import CancelTeller
from ui.presenters.tasks import COMPUTE, STORE, SYNC, CancelFlag, Changes, device_executor


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


def test_it_is_set_once_and_for_all() -> None:
    flag = CancelFlag()
    assert isinstance(flag, CancelTeller)
    assert not flag.is_cancelled()
    flag.cancel()
    assert flag.is_cancelled()


def test_whoever_waits_is_called_once_and_not_after_going_away() -> None:
    flag = CancelFlag()
    called: list[str] = []
    flag.when_cancelled(lambda: called.append("waits"))
    flag.when_cancelled(lambda: called.append("went"))()
    assert called == []
    flag.cancel()
    flag.cancel()
    assert called == ["waits"]


def test_whoever_comes_too_late_is_called_at_once() -> None:
    flag = CancelFlag()
    called: list[str] = []
    flag.cancel()
    flag.when_cancelled(lambda: called.append("late"))()
    assert called == ["late"]
