from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.app_context import PIN, Kit, OpenDoor
from support.fingers import OPERATOR, SOMEBODY, Glass, glass
from support.tasks import SameThread

from fieldkit.domain.errors import Problem, Recovery
from ui.presenters.people.lock import UNLOCK, FingerAtLock, ScreenLock
from ui.presenters.tasks import CancelFlag


@dataclass
class Screen:
    heard: list[object] = field(default_factory=list)
    now: float = 100.0


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def lock(kit: Kit, tasks: SameThread, screen: Screen) -> ScreenLock:
    lock = ScreenLock(
        OpenDoor(kit.context),
        tasks,
        cover=lambda: screen.heard.append("cover"),
        uncover=lambda: screen.heard.append("uncover"),
        refuse=screen.heard.append,
        sign_out=lambda why: screen.heard.append(("sign out", why.code)),
        idle_minutes=5,
        monotonic=lambda: screen.now,
    )
    lock.start()
    return lock


def test_five_idle_minutes_lock_and_a_hand_puts_it_off(lock: ScreenLock, tasks: SameThread, screen: Screen) -> None:
    screen.now += 299
    tasks.tick()
    lock.touch()
    screen.now += 299
    tasks.tick()
    assert screen.heard == []
    screen.now += 1
    tasks.tick()
    tasks.tick()
    assert (screen.heard, lock.is_locked) == (["cover"], True)


def test_the_pin_opens_and_the_idle_time_begins_anew(lock: ScreenLock, tasks: SameThread, screen: Screen) -> None:
    lock.lock()
    screen.now += 1_000
    lock.try_pin(PIN)
    tasks.tick()
    assert (screen.heard, lock.is_locked) == (["cover", "uncover"], False)


def test_a_wrong_pin_says_how_many_are_left_and_a_spent_one_signs_out(lock: ScreenLock, screen: Screen) -> None:
    lock.lock()
    for _ in range(5):
        lock.try_pin("000000")
    problems = [heard for heard in screen.heard if isinstance(heard, Problem)]
    assert [problem.params["left"] for problem in problems] == [4, 3, 2, 1]
    assert screen.heard[-1] == ("sign out", "vault.pin_exhausted")
    assert lock.is_locked


def test_stopping_uncovers_and_the_clock_is_quiet(lock: ScreenLock, tasks: SameThread, screen: Screen) -> None:
    lock.lock()
    lock.stop()
    screen.now += 10_000
    tasks.tick()
    assert screen.heard == ["cover", "uncover"]


@pytest.fixture
def finger(kit: Kit, tmp_path: Path) -> Iterator[Glass]:
    with glass(kit, tmp_path) as there:
        yield there


@pytest.fixture
def finger_lock(kit: Kit, tasks: SameThread, screen: Screen, finger: Glass) -> ScreenLock:
    return ScreenLock(
        OpenDoor(kit.context),
        tasks,
        cover=lambda: screen.heard.append("cover"),
        uncover=lambda: screen.heard.append("uncover"),
        refuse=screen.heard.append,
        sign_out=lambda why: screen.heard.append(("sign out", why.code)),
        finger=FingerAtLock(finger.lock, tasks, offer=screen.heard.append, refuse=screen.heard.append),
    )


def test_the_learnt_finger_opens(finger_lock: ScreenLock, finger: Glass, screen: Screen) -> None:
    finger.lock.learn(CancelFlag())
    finger_lock.lock()
    assert (screen.heard, finger_lock.is_locked) == (["cover", True, "uncover"], False)


def test_a_wrong_finger_is_told_and_the_right_one_opens_after(
    finger_lock: ScreenLock, finger: Glass, screen: Screen, tasks: SameThread
) -> None:
    finger.lock.learn(CancelFlag())
    finger.stage.present(SOMEBODY)
    finger_lock.lock()
    assert screen.heard == ["cover", True, Problem("unlock.wrong_finger", {"left": 2}, Recovery.RETRY)]
    finger.stage.present(OPERATOR)
    tasks.tick()
    assert screen.heard[-1] == "uncover"


def test_three_wrong_fingers_leave_only_the_pin(
    finger_lock: ScreenLock, finger: Glass, screen: Screen, tasks: SameThread
) -> None:
    finger.lock.learn(CancelFlag())
    finger.stage.present(SOMEBODY)
    finger_lock.lock()
    tasks.tick()
    tasks.tick()
    assert isinstance(screen.heard[-1], Problem)
    assert screen.heard[-1].code == "unlock.finger_exhausted"
    finger.stage.present(OPERATOR)
    tasks.tick()
    assert finger_lock.is_locked
    finger_lock.try_pin(PIN)
    assert screen.heard[-1] == "uncover"
    finger_lock.lock()
    assert screen.heard[-2:] == ["cover", False]


def test_nothing_is_offered_without_a_learnt_finger_and_a_late_reader_is_noticed(
    finger_lock: ScreenLock, finger: Glass, screen: Screen, tasks: SameThread
) -> None:
    finger_lock.lock()
    assert screen.heard == ["cover", False]
    finger_lock.try_pin(PIN)
    finger.lock.learn(CancelFlag())
    finger.module.unplug()
    finger.registry.scan()
    finger_lock.lock()
    assert screen.heard[-2:] == ["cover", False]
    finger.module.plug()
    finger.registry.scan()
    tasks.tick()  # the line of before the pull breaks once more
    tasks.tick()
    assert screen.heard[-2:] == [True, "uncover"]


def test_without_a_learnt_finger_nobody_looks_for_a_reader_again(finger: Glass, screen: Screen) -> None:
    tasks = SameThread()
    FingerAtLock(finger.lock, tasks, offer=screen.heard.append, refuse=screen.heard.append).wait(list)
    for _ in range(3):
        tasks.tick()
    assert screen.heard == [False]


def test_what_the_pin_opened_the_finger_does_not_open_again(kit: Kit, finger: Glass, screen: Screen) -> None:
    tasks = SameThread(UNLOCK)
    at_lock = FingerAtLock(finger.lock, tasks, offer=screen.heard.append, refuse=screen.heard.append)
    finger.lock.learn(CancelFlag())
    at_lock.wait(lambda: screen.heard.append("opened"))
    at_lock.stop()
    tasks.release(UNLOCK)
    assert screen.heard == []
