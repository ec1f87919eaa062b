from __future__ import annotations

import pytest
from support.app_context import Kit
from support.tasks import SameThread, Steps

from ui.presenters.cancel import CancelFlag
from ui.presenters.delivery.drives import DRIVE
from ui.presenters.delivery.stick_work import StickWorkPresenter
from ui.presenters.form import FormState
from ui.presenters.messages import Message, message
from ui.presenters.parts import Progress, Stage


class Counting(StickWorkPresenter[FormState, int]):
    """Work that begins and goes on until the test ends it."""

    place = ""

    def read_hints(self) -> tuple[Message, Message]:
        return "above", "below"

    def work(self, place: str, flag: CancelFlag) -> None:
        self.place, self.flag = place, flag
        self._show_progress(Progress("begins"))

    def shown(self, step: int) -> Progress:
        return Progress("goes on", step, 9)

    def end(self) -> None:
        self._ended(hint="over")


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def presenter(kit: Kit, tasks: SameThread, steps: Steps) -> Counting:
    presenter = Counting(FormState(title="work"), "go", kit.context, tasks, steps)
    presenter.start()
    return presenter


def test_it_works_with_the_chosen_stick_and_shows_how_far_it_is(presenter: Counting) -> None:
    assert (presenter.state.hint, presenter.state.bar.actions[-1].words) == ("above", "go")
    presenter.accept()
    assert (presenter.place, presenter.state.stage) == ("/media/rina/KINGSTON", Stage.BUSY)
    presenter.offer(4)
    assert presenter.state.progress is not None
    assert (presenter.state.progress.title, presenter.state.progress.done) == ("goes on", 4)
    presenter.end()
    assert (presenter.state.stage, presenter.state.progress, presenter.state.hint) == (Stage.CONTENT, None, "over")


def test_nobody_leaves_work_under_way_and_what_comes_after_a_stop_is_not_shown(
    presenter: Counting, steps: Steps
) -> None:
    presenter.accept()
    presenter.back()
    assert steps.taken == []
    presenter.stop()
    assert presenter.flag.is_cancelled()
    presenter.offer(5)
    assert presenter.state.progress == Progress(message("cadangan.stopping"))
    presenter.end()
    presenter.back()
    assert steps.taken == [("back",)]


def test_sticks_that_are_found_meanwhile_do_not_end_the_work(presenter: Counting) -> None:
    presenter.accept()
    presenter.refresh()
    assert presenter.state.stage is Stage.BUSY
    assert presenter.state.fields[0].name == DRIVE
