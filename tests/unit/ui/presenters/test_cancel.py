from __future__ import annotations

from fieldkit.ports.devices import CancelTeller
from ui.presenters.cancel import CancelFlag


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
