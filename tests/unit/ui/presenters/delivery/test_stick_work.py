from __future__ import annotations

import pytest
from support.app_context import Kit
from support.tasks import SameThread, Steps

from fieldkit.ports.backups import Drive
from ui.presenters.cancel import CancelFlag
from ui.presenters.delivery.stick_work import (
    DRIVE,
    PLACE,
    StickWorkPresenter,
    drive_words,
    place_of,
    stick_fields,
    with_text,
)
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


KINGSTON, OTHER = Drive("/media/KINGSTON", "KINGSTON", 14_000_000_000), Drive("/media/LAIN", "LAIN", None)


def test_the_first_stick_is_chosen_and_a_chosen_one_stays_by_what_it_is() -> None:
    fields = stick_fields((KINGSTON, OTHER), (), (), "hint")
    assert [(field.name, field.text) for field in fields] == [(DRIVE, "0"), (PLACE, "")]
    fields = with_text(fields, DRIVE, "1")
    turned = stick_fields((OTHER, KINGSTON), fields, (KINGSTON, OTHER), "hint")
    assert place_of(turned, (OTHER, KINGSTON)) == "/media/LAIN"
    assert place_of(stick_fields((KINGSTON,), turned, (OTHER, KINGSTON), ""), (KINGSTON,)) == "/media/KINGSTON"


def test_a_folder_that_was_typed_goes_before_until_a_stick_is_chosen() -> None:
    fields = with_text(stick_fields((KINGSTON,), (), (), ""), PLACE, " /mnt/nas ")
    assert place_of(fields, (KINGSTON,)) == "/mnt/nas"
    assert place_of(with_text(fields, DRIVE, "0"), (KINGSTON,)) == "/media/KINGSTON"


def test_without_a_stick_the_field_says_what_to_do() -> None:
    (field,) = stick_fields((), (), (), "hint")
    assert (field.name, field.hint) == (PLACE, message("cadangan.none_plugged"))
    assert place_of((field,), ()) == ""


def test_a_stick_says_its_room_where_it_knows_it() -> None:
    assert drive_words(KINGSTON) == message("cadangan.drive", name="KINGSTON", whole=14, tenth=0)
    assert drive_words(OTHER) == "LAIN"
