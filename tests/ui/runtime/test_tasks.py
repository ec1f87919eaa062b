from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from fieldkit.domain.errors import InputError, Problem
from ui.presenters.tasks import COMPUTE, STORE, device_executor
from ui.runtime.tasks import ExecutorTasks


@pytest.fixture
def bugs() -> list[BaseException]:
    return []


@pytest.fixture
def tasks(qtbot: QtBot, bugs: list[BaseException]) -> Iterator[ExecutorTasks]:
    tasks = ExecutorTasks(bugs.append)
    yield tasks
    tasks.shutdown()


def refuse(problem: Problem) -> None:
    raise AssertionError(problem)


def test_work_runs_on_its_executor_and_the_result_comes_to_the_window(qtbot: QtBot, tasks: ExecutorTasks) -> None:
    got: list[tuple[str, str]] = []

    def done(worker: str) -> None:
        got.append((worker, threading.current_thread().name))

    tasks.run(device_executor("3F"), lambda: threading.current_thread().name, done, refuse)
    assert got == []  # never inside the call
    qtbot.waitUntil(lambda: bool(got))
    assert got[0][0].startswith("device:3F")
    assert got[0][1] == threading.main_thread().name


def test_a_executor_keeps_its_order_and_executors_do_not_wait_for_each_other(
    qtbot: QtBot, tasks: ExecutorTasks
) -> None:
    order: list[int] = []
    gate = threading.Event()
    tasks.run(STORE, lambda: gate.wait(), lambda _: order.append(0), refuse)
    for n in range(1, 20):
        tasks.run(STORE, partial(int, n), order.append, refuse)
    tasks.run(COMPUTE, lambda: 99, order.append, refuse)
    qtbot.waitUntil(lambda: order == [99])
    gate.set()
    qtbot.waitUntil(lambda: len(order) == 21)
    assert order == [99, *range(20)]


def test_a_known_error_becomes_its_problem(qtbot: QtBot, tasks: ExecutorTasks, bugs: list[BaseException]) -> None:
    problems: list[Problem] = []

    def work() -> None:
        raise InputError("nik.not_16_digits", given=15)

    tasks.run(STORE, work, refuse, problems.append)  # type: ignore[arg-type]  # done must not be called at all
    qtbot.waitUntil(lambda: bool(problems))
    assert problems == [InputError("nik.not_16_digits", given=15).problem]
    assert bugs == []


def test_a_full_disk_is_a_problem_and_no_bug(qtbot: QtBot, tasks: ExecutorTasks, bugs: list[BaseException]) -> None:
    problems: list[Problem] = []

    def work() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    tasks.run(STORE, work, refuse, problems.append)
    qtbot.waitUntil(lambda: bool(problems))
    assert [problem.code for problem in problems] == ["store.disk_full"]
    assert bugs == []


def test_any_other_exception_is_a_bug_wherever_it_happens(
    qtbot: QtBot, tasks: ExecutorTasks, bugs: list[BaseException]
) -> None:
    def work() -> None:
        raise ZeroDivisionError

    def done(_: int) -> None:
        raise LookupError

    tasks.run(STORE, work, lambda _: refuse(Problem("x.y")), refuse)
    tasks.run(STORE, lambda: 1, done, refuse)
    qtbot.waitUntil(lambda: len(bugs) == 2)
    assert [type(bug) for bug in bugs] == [ZeroDivisionError, LookupError]


def test_progress_is_posted_from_within_a_executor(qtbot: QtBot, tasks: ExecutorTasks) -> None:
    seen: list[int] = []

    def work() -> int:
        for n in range(3):
            tasks.post(partial(seen.append, n))
        return 3

    tasks.run(STORE, work, seen.append, refuse)
    qtbot.waitUntil(lambda: seen == [0, 1, 2, 3])


def test_a_clock_ticks_until_it_is_stopped(qtbot: QtBot, tasks: ExecutorTasks) -> None:
    ticks: list[int] = []
    stop = tasks.every(5, lambda: ticks.append(1))
    qtbot.waitUntil(lambda: len(ticks) >= 3)
    stop()
    count = len(ticks)
    qtbot.wait(40)
    assert len(ticks) == count
    stop()  # a screen that comes back to the front stops what it had


def test_shutdown_waits_for_what_runs_and_forgets_the_rest(qtbot: QtBot, bugs: list[BaseException]) -> None:
    tasks = ExecutorTasks(bugs.append)
    ran: list[str] = []
    begun, gate = threading.Event(), threading.Event()

    def first() -> None:
        begun.set()
        gate.wait()
        ran.append("first")

    delivered: list[object] = []
    tasks.run(STORE, first, delivered.append, refuse)
    tasks.run(STORE, lambda: ran.append("second"), delivered.append, refuse)
    assert begun.wait()
    threading.Timer(0.05, gate.set).start()
    tasks.shutdown()
    qtbot.wait(20)
    assert ran == ["first"]
    assert delivered == []
    with pytest.raises(RuntimeError):
        tasks.run(STORE, lambda: None, delivered.append, refuse)


class Screen:
    """Something that may only die where it lives."""

    def __init__(self, died: list[str]) -> None:
        self._died = died

    def __del__(self) -> None:
        self._died.append(threading.current_thread().name)


def test_what_work_holds_on_to_dies_on_the_thread_of_the_window(qtbot: QtBot, tasks: ExecutorTasks) -> None:
    died: list[str] = []
    for _ in range(200):
        screen = Screen(died)
        tasks.run(STORE, partial(id, screen), lambda _, screen=screen: None, refuse)
        del screen
    qtbot.waitUntil(lambda: len(died) == 200)
    assert set(died) == {threading.main_thread().name}


def test_what_never_began_dies_there_too(qtbot: QtBot, bugs: list[BaseException]) -> None:
    tasks, died, gate = ExecutorTasks(bugs.append), list[str](), threading.Event()
    tasks.run(STORE, gate.wait, lambda _: None, refuse)
    for _ in range(20):
        tasks.run(STORE, partial(id, Screen(died)), lambda _: None, refuse)
    threading.Timer(0.05, gate.set).start()
    tasks.shutdown()
    qtbot.waitUntil(lambda: len(died) == 20)
    assert set(died) == {threading.main_thread().name}


def test_what_was_written_is_told_to_whoever_asks(qtbot: QtBot, bugs: list[BaseException]) -> None:
    tasks, heard = ExecutorTasks(bugs.append), list[str]()
    tasks.write(lambda: "written", refuse, heard.append)
    qtbot.waitUntil(lambda: heard == ["written"])
    tasks.shutdown()


def test_a_shutdown_waits_for_writes_and_forgets_the_rest(qtbot: QtBot, bugs: list[BaseException]) -> None:
    tasks, order, gate = ExecutorTasks(bugs.append), list[str](), threading.Event()
    tasks.run(STORE, lambda: gate.wait(), lambda _: None, refuse)
    tasks.run(STORE, lambda: order.append("read"), lambda _: None, refuse)
    tasks.write(lambda: order.append("written"), refuse)
    threading.Timer(0.1, gate.set).start()
    tasks.shutdown()
    assert order == ["written"]
