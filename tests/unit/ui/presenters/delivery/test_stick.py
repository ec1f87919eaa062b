from __future__ import annotations

from dataclasses import replace

from support.app_context import PENGURUS, TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import RuleError, StoreError
from fieldkit.ports.backups import Drive
from ui.presenters.delivery.stick import StickPresenter
from ui.presenters.delivery.stick_work import DRIVE, PLACE
from ui.presenters.form import FormState
from ui.presenters.messages import message
from ui.presenters.parts import Stage, Tone
from ui.presenters.tasks import STICK

KINGSTON = "/media/rina/KINGSTON"


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
    folder = f"{KINGSTON}/fieldkit/KIT-07/backup-20261121T030000Z"
    assert presenter.state.hint == message("cadangan.done", records=3, where=folder)
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("cadangan.toast")
    assert not kit.context.backups.standing().is_due
    presenter.type(DRIVE, "1")
    presenter.accept()
    assert [place for place, _ in kit.sticks.backed_up] == [KINGSTON, "/media/rina/USB DISK"]


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


def test_one_record_goes_to_the_stick(kit: Kit, tasks: SameThread) -> None:
    record_id, steps = kit.seal(1, TARGETS[0]), Steps()
    presenter = opened(kit, tasks, record_id, steps)
    assert presenter.state.title == message("cadangan.record_title")
    presenter.accept()
    assert kit.sticks.carried == [(KINGSTON, (record_id,))]
    assert presenter.state.hint == message("cadangan.handed_over", where=f"{KINGSTON}/fieldkit/KIT-07/records")
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
