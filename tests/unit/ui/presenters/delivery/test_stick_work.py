from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.app_context import PENGURUS, TARGETS, Kit
from support.kits import Told
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import RuleError, StoreError
from fieldkit.ports.exchange import CopyProgress, Drive
from ui.presenters.delivery.queue import Sending
from ui.presenters.delivery.stick_work import (
    DRIVE,
    PLACE,
    HandInPresenter,
    StickPresenter,
    StickWorkPresenter,
    drive_words,
    place_of,
    stick_fields,
    with_text,
)
from ui.presenters.form import FormState
from ui.presenters.parts import Progress, Stage, Tone
from ui.presenters.presenter import Message, message
from ui.presenters.tasks import STICK, CancelFlag


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


def test_work_begins_once_and_only_what_comes_while_it_goes_on_is_shown(kit: Kit, steps: Steps) -> None:
    posted: list[Callable[[], None]] = []

    class LateTasks(SameThread):
        def post(self, func: Callable[[], None]) -> None:
            posted.append(func)

    presenter = Counting(FormState(title="work"), "go", kit.context, LateTasks(), steps)
    presenter.accept()
    presenter.stop()
    assert (presenter.place, presenter.state.progress) == ("", None), "nothing is read yet"
    presenter.start()
    presenter.accept()
    flag = presenter.flag
    presenter.accept()
    assert presenter.flag is flag
    presenter.offer(4)
    presenter.offer(5)
    assert len(posted) == 1
    for _ in range(2):
        posted[0]()
    assert presenter.state.progress is not None
    assert (presenter.state.progress.title, presenter.state.progress.done) == ("goes on", 5)
    presenter.offer(6)
    presenter.end()
    posted[1]()
    assert (presenter.state.stage, presenter.state.progress) == (Stage.CONTENT, None)


def test_a_problem_stays_while_sticks_are_looked_for_and_goes_when_they_are_read(
    kit: Kit, presenter: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.sticks.listed.clear()
    presenter.refresh()
    presenter.accept()
    presenter.refresh()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "stick.none"

    def unreadable() -> tuple[Message, Message]:
        raise StoreError("store.unreadable")

    with monkeypatch.context() as patch:
        patch.setattr(presenter, "read_hints", unreadable)
        presenter.refresh()
    assert (presenter.state.stage, presenter.state.retry is not None) == (Stage.ERROR, True)
    presenter.refresh()
    assert (presenter.state.stage, presenter.state.problem, presenter.state.retry) == (Stage.CONTENT, None, None)


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
    assert place_of(with_text(fields, DRIVE, "1"), (KINGSTON,)) == ""  # that stick was pulled out


def test_without_a_stick_the_field_says_what_to_do() -> None:
    (field,) = stick_fields((), (), (), "hint")
    assert (field.name, field.hint) == (PLACE, message("cadangan.none_plugged"))
    assert place_of((field,), ()) == ""


def test_a_stick_says_its_room_where_it_knows_it() -> None:
    assert drive_words(KINGSTON) == message("cadangan.drive", name="KINGSTON", whole=14, tenth=0)
    assert drive_words(OTHER) == "LAIN"


AT = "/media/rina/KINGSTON"


def opened(kit: Kit, tasks: SameThread, record_id: str = "", steps: Steps | None = None) -> StickPresenter:
    presenter = StickPresenter(kit.context, tasks, steps or Steps(), record_id)
    presenter.start()
    return presenter


def texts(state: FormState) -> dict[str, str]:
    return {field.name: field.text for field in state.fields}


def test_the_first_stick_is_chosen_and_enter_backs_up_to_it(kit: Kit, tasks: SameThread) -> None:
    kit.seal(1, TARGETS[0])
    kit.sticks.listed.append(Drive("/media/rina/USB DISK", "USB DISK", None))
    presenter = opened(kit, tasks)
    assert texts(presenter.state) == {DRIVE: "0", PLACE: ""}
    words = [choice.words for choice in presenter.state.fields[0].choices]
    assert words == [message("cadangan.drive", name="KINGSTON", whole=14, tenth=0), "USB DISK"]
    assert presenter.state.hint == message("cadangan.never", count=1)
    presenter.accept()
    folder = f"{AT}/fieldkit/KIT-07/backup-20261121T030000Z"
    assert presenter.state.hint == message("cadangan.done", records=3, where=folder)
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("cadangan.toast")
    assert not kit.context.backups.standing().is_due
    presenter.type(DRIVE, "1")
    presenter.accept()
    assert [place for place, _ in kit.sticks.backed_up] == [AT, "/media/rina/USB DISK"]


def test_a_folder_that_was_typed_goes_before_a_stick(kit: Kit, tasks: SameThread) -> None:
    presenter = opened(kit, tasks)
    presenter.type(PLACE, " /mnt/nas ")
    presenter.accept()
    assert kit.sticks.backed_up[0][0] == "/mnt/nas"
    presenter.type(DRIVE, "0")
    assert texts(presenter.state)[PLACE] == ""


def test_sticks_are_looked_for_again_and_the_choice_stays(kit: Kit, tasks: SameThread) -> None:
    kit.sticks.listed.append(Drive("/media/rina/LAIN", "LAIN", 1))
    presenter = opened(kit, tasks)
    presenter.type(DRIVE, "1")
    del kit.sticks.listed[0]
    presenter.refresh()
    assert texts(presenter.state)[DRIVE] == "0"
    presenter.accept()
    assert kit.sticks.backed_up[0][0] == "/media/rina/LAIN"


def test_without_a_stick_the_screen_says_what_to_do(kit: Kit, tasks: SameThread) -> None:
    kit.sticks.listed.clear()
    presenter = opened(kit, tasks)
    assert [field.name for field in presenter.state.fields] == [PLACE]
    assert presenter.state.fields[0].hint == message("cadangan.none_plugged")
    presenter.accept()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "stick.none"


def test_progress_is_shown_and_stops(kit: Kit) -> None:
    tasks = SameThread(STICK)
    presenter = StickPresenter(kit.context, tasks, Steps())
    presenter.start()
    tasks.release(STICK)
    seen: list[FormState] = []
    presenter.listen(seen.append)
    presenter.accept()
    assert presenter.state.stage is Stage.BUSY
    presenter.back()  # nobody leaves a copy by accident
    presenter.stop()
    kit.sticks.refusal = RuleError("backup.stopped")
    tasks.release(STICK)
    assert (presenter.state.stage, presenter.state.problem) == (Stage.CONTENT, None)
    assert presenter.state.toast is not None
    assert presenter.state.toast.tone is Tone.CAUTION
    kit.sticks.refusal = None
    presenter.accept()
    tasks.release(STICK)
    titles = [state.progress.title for state in seen if state.progress is not None]
    assert message("cadangan.copied_of", whole=15, tenth=0, of_whole=30, of_tenth=0) in titles


def test_a_stick_that_is_too_small_is_told_and_another_can_be_tried(kit: Kit, tasks: SameThread) -> None:
    kit.sticks.refusal = StoreError("stick.full", needed=9, free=1)
    presenter = opened(kit, tasks)
    presenter.accept()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "stick.full"
    kit.sticks.refusal = None
    presenter.accept()
    assert presenter.state.problem is None


@pytest.mark.parametrize(
    ("done", "seconds", "left"),
    [
        (0, 10, ""),
        (20_000_000, 1, ""),
        (20_000_000, 2, message("amount.seconds_left", count=4)),
        (60_000_000, 10, message("amount.seconds_left", count=1)),
    ],
)
def test_the_time_left_is_told_once_it_can_be_known(
    kit: Kit, tasks: SameThread, done: int, seconds: int, left: Message
) -> None:
    presenter = opened(kit, tasks)
    kit.clock.advance(seconds=seconds)
    assert presenter.shown(CopyProgress(done, 60_000_000)).detail == left


def test_when_the_last_backup_was_made_is_said_and_where_the_newest_is(kit: Kit, tasks: SameThread) -> None:
    kit.context.backups.make(AT, Told(), Told())
    presenter = opened(kit, tasks)
    assert presenter.state.hint == message("cadangan.last", at="21-11-2026 09.00", count=0)
    presenter.accept()
    presenter.refresh()
    assert presenter.state.hint != message("cadangan.last", at="21-11-2026 09.00", count=0)
    record = opened(kit, tasks, kit.seal(1, TARGETS[0]))
    assert record.state.hint == message("cadangan.record_hint")
    record.accept()
    assert record.state.toast is not None
    assert record.state.toast.words == message("cadangan.record_toast")


def test_one_record_goes_to_the_stick(kit: Kit, tasks: SameThread) -> None:
    record_id, steps = kit.seal(1, TARGETS[0]), Steps()
    presenter = opened(kit, tasks, record_id, steps)
    assert presenter.state.title == message("cadangan.record_title")
    presenter.accept()
    assert kit.sticks.carried == [(AT, (record_id,))]
    assert presenter.state.hint == message("cadangan.handed_over", where=f"{AT}/fieldkit/KIT-07/records")
    presenter.back()
    assert steps.taken == [("back",)]


def test_who_may_not_send_is_told_why(kit: Kit, tasks: SameThread) -> None:
    presenter = StickPresenter(kit.context_of(PENGURUS), tasks, Steps())
    presenter.start()
    assert presenter.state.bar.actions[-1] == replace(
        presenter.state.bar.actions[-1], refused=message("kirim.not_your_role")
    )
    presenter.accept()
    assert kit.sticks.backed_up == []


def test_records_of_another_laptop_are_handed_in_from_a_stick(kit: Kit, tasks: SameThread) -> None:
    presenter = HandInPresenter(kit.context, tasks, Steps(), Sending(kit.context, tasks))
    assert (presenter.state.stage, presenter.state.title) == (Stage.LOADING, message("titip.title"))
    presenter.start()
    assert presenter.state.hint == message("titip.hint")
