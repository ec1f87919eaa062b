"""The Perangkat screen with a simulated module on its pty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import Kit
from support.fingers import Glass, glass
from support.tasks import SameThread, Steps

from ui.presenters.devices import DevicesPresenter
from ui.presenters.parts import Stage
from ui.presenters.people.lock import UNLOCK
from ui.presenters.presenter import message


@pytest.fixture
def finger(kit: Kit, tmp_path: Path) -> Iterator[Glass]:
    with glass(kit, tmp_path) as there:
        yield there


def opened(kit: Kit, finger: Glass, tasks: SameThread) -> tuple[DevicesPresenter, Steps]:
    steps = Steps()
    presenter = DevicesPresenter(replace(kit.context, registry=finger.registry, finger_lock=finger.lock), tasks, steps)
    presenter.start()
    return presenter, steps


def words(presenter: DevicesPresenter) -> list[object]:
    return [action.words for action in presenter.state.bar.actions if action.name == "finger"]


def test_a_finger_is_learnt_then_forgotten(kit: Kit, finger: Glass, tasks: SameThread) -> None:
    presenter, _ = opened(kit, finger, tasks)
    assert words(presenter) == [message("perangkat.finger_learn")]
    presenter.finger()
    assert finger.lock.is_learnt
    assert presenter.state.toast.words == message("perangkat.finger_learnt")
    assert words(presenter) == [message("perangkat.finger_forget")]
    presenter.finger()
    assert not finger.lock.is_learnt
    assert presenter.state.toast.words == message("perangkat.finger_forgotten")


def test_while_it_waits_it_says_so_and_back_gives_up(kit: Kit, finger: Glass) -> None:
    tasks = SameThread(UNLOCK)
    presenter, steps = opened(kit, finger, tasks)
    presenter.finger()
    assert presenter.state.stage is Stage.BUSY
    assert presenter.state.progress.title == message("perangkat.finger_lay")
    presenter.back()
    assert (presenter.state.stage, steps.taken) == (Stage.CONTENT, [])
    tasks.release(UNLOCK)
    assert not finger.lock.is_learnt
    presenter.back()
    assert steps.taken == [("back",)]


def test_leaving_waits_for_no_finger(kit: Kit, finger: Glass) -> None:
    tasks = SameThread(UNLOCK)
    presenter, _ = opened(kit, finger, tasks)
    presenter.finger()
    presenter.stop()
    tasks.release(UNLOCK)
    assert not finger.lock.is_learnt


def test_what_went_wrong_stands_above_the_list(kit: Kit, finger: Glass, tasks: SameThread) -> None:
    presenter, _ = opened(kit, finger, tasks)
    finger.module.unplug()
    presenter.finger()
    assert presenter.state.stage is Stage.CONTENT
    assert presenter.state.problem is not None


def test_without_a_reader_nothing_is_offered(kit: Kit, finger: Glass, tasks: SameThread) -> None:
    finger.module.unplug()
    presenter, _ = opened(kit, finger, tasks)
    assert words(presenter) == []
