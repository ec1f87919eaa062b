from __future__ import annotations

from collections.abc import Callable

from support.tasks import SameThread

from ui.presenters.changes import Changes


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
