from __future__ import annotations

from typing import Any

import pytest
from support.app_context import Kit
from support.tasks import SameThread

from fieldkit.domain.errors import StoreError
from fieldkit.domain.typed import DraftName
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Progress, Stage, ViewState
from ui.presenters.presenter import Command, Operation
from ui.presenters.tasks import COMPUTE, STORE, untold


def presenter(tasks: SameThread) -> OperatingPresenter[ViewState]:
    return OperatingPresenter(ViewState(), tasks)


def failing() -> Any:
    raise StoreError("store.disk_full")


def test_an_operation_goes_on_where_it_says_and_may_be_taken_back() -> None:
    shown, heard = presenter(SameThread()), list[str]()
    undo = Operation(work=lambda: heard.append("undone"))
    keep = Operation(work=lambda: "kept", told=str.upper, done=heard.append, undo=lambda _result: undo)
    shown.perform(Command("keep", "Simpan", runs=keep))
    assert heard == ["kept"]
    assert shown.state.toast is not None
    assert shown.state.toast.undo is not None
    assert shown.state.toast.words == "KEPT"
    shown.perform(shown.state.toast.undo)
    assert heard == ["kept", "undone"]


def test_what_takes_long_lies_over_the_screen_until_it_ends_well_or_not() -> None:
    tasks = SameThread(STORE)
    shown = presenter(tasks)
    for work in (lambda: 1, failing):
        shown.perform(Command("keep", "", runs=Operation(work=work, busy="Menyimpan")))
        assert (shown.state.stage, shown.state.progress) == (Stage.BUSY, Progress("Menyimpan"))
        tasks.release(STORE)
        assert (shown.state.stage, shown.state.progress) == (Stage.CONTENT, None)
    assert shown.state.problem is not None


def test_what_is_asked_of_the_store_is_kept_though_the_window_closes_at_once(kit: Kit) -> None:
    def keep() -> None:
        kit.context.drafts.keep(DraftName("form", {}), {"name": "SITI"})

    with pytest.raises(AssertionError, match="hand it over"):
        SameThread().run(STORE, keep, untold, untold)
    presenter(SameThread()).perform(Command("keep", "", runs=Operation(work=keep)))
    assert kit.context.drafts.find(DraftName("form", {})) is not None


def test_what_is_copied_is_copied_once_it_is_done_and_each_time() -> None:
    shown = presenter(SameThread())
    command = Command("copy", "Salin", runs=Operation(work=lambda: 1, copies="pesan"))
    shown.perform(command)
    first = shown.state.clip
    assert first is not None
    assert first.text == "pesan"
    shown.perform(command)
    assert shown.state.clip != first


def test_the_same_words_are_told_again() -> None:
    shown = presenter(SameThread())
    command = Command("keep", "Simpan", runs=Operation(work=lambda: 1, told=lambda _: "Disimpan"))
    shown.perform(command)
    first = shown.state.toast
    shown.perform(command)
    assert shown.state.toast != first


def test_a_problem_lets_the_next_press_through_and_goes_with_the_next_success() -> None:
    shown = presenter(SameThread())
    shown.perform(Command("keep", "", runs=Operation(work=failing)))
    assert shown.state.problem is not None
    shown.perform(Command("keep", "", runs=Operation(work=lambda: 1)))
    assert shown.state.problem is None


def test_what_is_refused_does_nothing() -> None:
    heard = list[str]()
    shown = presenter(SameThread())
    shown.perform(Command("keep", "", refused="not now", runs=lambda: heard.append("done")))
    shown.perform(Command("keep", "", refused="not now", runs=Operation(work=lambda: heard.append("done"))))
    assert heard == []
    shown.perform(Command("keep", "", runs=lambda: heard.append("done")))
    assert heard == ["done"]


def test_two_commands_share_one_guard() -> None:
    tasks, heard = SameThread(STORE), list[str]()
    shown = presenter(tasks)
    for name in ("one", "two"):
        shown.perform(Command(name, "", runs=Operation(work=lambda name=name: heard.append(name))))
    tasks.release(STORE)
    assert heard == ["one"]


def test_what_follows_goes_on_its_own_executor_under_the_same_guard() -> None:
    tasks, heard = SameThread(COMPUTE), list[str]()
    shown = presenter(tasks)
    printed = Operation(work=lambda: heard.append("printed"), told=lambda _: "Dicetak", executor=COMPUTE)
    issue = Command("issue", "", runs=Operation(work=lambda: heard.append("issued"), then=lambda _: printed))
    shown.perform(issue)
    shown.perform(issue)
    assert (heard, shown.state.toast) == (["issued"], None)
    tasks.release(COMPUTE)
    assert heard == ["issued", "printed"]
    assert shown.state.toast is not None
    shown.perform(issue)
    assert heard == ["issued", "printed", "issued"]


def test_what_stands_above_goes_with_the_next_press_whatever_it_runs() -> None:
    shown = presenter(SameThread())
    shown.perform(Command("keep", "", runs=Operation(work=failing)))
    shown.perform(Command("go", "", runs=lambda: None))
    assert shown.state.problem is None


def test_what_says_nothing_leaves_what_was_told_before() -> None:
    shown = presenter(SameThread())
    shown.perform(Command("keep", "", runs=Operation(work=lambda: 1, told=lambda _: "Disimpan", copies="pesan")))
    toast, clip = shown.state.toast, shown.state.clip
    assert toast is not None
    assert toast.undo is None
    shown.perform(Command("keep", "", runs=Operation(work=lambda: 1)))
    assert (shown.state.toast, shown.state.clip) == (toast, clip)


def test_work_that_is_not_the_stores_goes_to_its_own_executor() -> None:
    tasks, heard = SameThread(COMPUTE), list[str]()
    shown = presenter(tasks)
    shown.perform(Command("draw", "", runs=Operation(work=lambda: heard.append("drawn"), executor=COMPUTE)))
    assert (heard, len(tasks._held[COMPUTE])) == ([], 1)


def test_what_could_not_be_read_stays_said_while_other_ways_are_tried() -> None:
    class Screen(OperatingPresenter[ViewState]):
        def start(self) -> None:
            self._tasks.run(STORE, failing, untold, self._failed)

        def back(self) -> None:
            pass

    shown = Screen(ViewState(), SameThread())
    shown.refresh()
    assert (shown.state.stage, shown.state.bar.back is not None) == (Stage.ERROR, True)
    shown.perform(Command("go", "", runs=lambda: None))
    assert (shown.state.problem is not None, shown.state.retry is not None) == (True, True)


def test_a_screen_that_is_not_busy_stays_as_it_is_when_work_ends() -> None:
    shown = OperatingPresenter(ViewState(stage=Stage.EMPTY), SameThread())
    for work in (lambda: 1, failing):
        shown.perform(Command("keep", "", runs=Operation(work=work)))
        assert shown.state.stage is Stage.EMPTY


def test_busy_work_takes_the_problem_of_before_away() -> None:
    tasks = SameThread(STORE)
    shown = presenter(tasks)
    shown.perform(Command("keep", "", runs=Operation(work=failing)))
    tasks.release(STORE)
    shown.perform(Command("keep", "", runs=Operation(work=lambda: 1, busy="Menyimpan")))
    assert shown.state.problem is None
