from __future__ import annotations

from collections.abc import Callable

from support.tasks import SameThread

from fieldkit.domain.errors import KnownError, Problem
from fieldkit.ports.devices import Cancel
from fieldkit.ports.recording import FingerSeen
from ui.presenters.cancellable_task import CancellableTask, FirstFrame


class Marked:
    fingers: tuple[FingerSeen, ...] = ()

    def offer(self, jpeg: bytes) -> None: ...

    def mark(self, fingers: tuple[FingerSeen, ...]) -> None:
        self.fingers = fingers


class Told:
    def __init__(self) -> None:
        self.done: list[str] = []
        self.failed: list[str] = []

    def fail(self, problem: Problem) -> None:
        self.failed.append(problem.code)


def broken(_cancel: Cancel) -> str:
    raise KnownError("device.busy")


def saying(word: str) -> Callable[[Cancel], str]:
    return lambda cancel: f"{word}{' cancelled' if cancel.is_cancelled() else ''}"


def test_the_newest_call_cancels_the_one_before_and_alone_is_heard() -> None:
    tasks, told = SameThread("d"), Told()
    task = CancellableTask(tasks)
    task.run("d", saying("old"), told.done.append, told.fail)
    task.run("d", saying("new"), told.done.append, told.fail)
    assert task.is_busy
    tasks.release("d")
    assert told.done == ["new"]
    assert not task.is_busy


def test_a_late_result_is_kept_when_it_must_be_and_a_late_failure_never() -> None:
    tasks, told = SameThread("d"), Told()
    task = CancellableTask(tasks)
    task.run("d", saying("late"), told.done.append, told.fail, keeps_late_result=True)
    task.run("d", broken, told.done.append, told.fail, keeps_late_result=True)
    task.release()
    tasks.release("d")
    assert told.done == ["late cancelled"]
    assert told.failed == []


def test_a_failure_of_the_call_under_way_is_told() -> None:
    told = Told()
    CancellableTask(SameThread()).run("d", broken, told.done.append, told.fail)
    assert told.failed == ["device.busy"]


def test_a_try_again_comes_once_and_is_forgotten_on_release() -> None:
    tasks, tries = SameThread(), []
    task = CancellableTask(tasks)
    task.retry_in(100, lambda: tries.append(1))
    tasks.tick()
    tasks.tick()
    assert tries == [1]
    task.retry_in(100, lambda: tries.append(2))
    task.release()
    tasks.tick()
    assert tries == [1]


def test_the_first_frame_is_told_once_and_every_frame_handed_on() -> None:
    frames: list[bytes] = []
    seen: list[int] = []

    class Sink:
        def offer(self, jpeg: bytes) -> None:
            frames.append(jpeg)

    first = FirstFrame(Sink(), lambda: seen.append(len(frames)))
    first.offer(b"1")
    first.offer(b"2")
    assert frames == [b"1", b"2"]
    assert seen == [1]
    first.mark((FingerSeen(1, 2, 3, 4, 70),))  # this sink shows none
    marked = Marked()
    FirstFrame(marked, lambda: None).mark((FingerSeen(1, 2, 3, 4, 70),))
    assert marked.fingers[0].clarity == 70


def test_a_later_try_takes_the_place_of_an_earlier_one() -> None:
    tasks, tries = SameThread(), []
    task = CancellableTask(tasks)
    task.retry_in(100, lambda: tries.append("old"))
    task.retry_in(100, lambda: tries.append("new"))
    tasks.tick()
    assert tries == ["new"]
    task.retry_in(100, lambda: tries.append("late"))
    task.run("d", saying("now"), tries.append, lambda _: None)
    tasks.tick()
    assert tries == ["new", "now"]


def test_a_call_that_failed_is_over() -> None:
    told = Told()
    task = CancellableTask(SameThread())
    task.run("d", broken, told.done.append, told.fail)
    assert not task.is_busy
    task.release()
    task.release()
