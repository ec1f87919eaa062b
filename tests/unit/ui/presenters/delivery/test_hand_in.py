from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PENGURUS, Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem
from fieldkit.domain.office_bundles import BundleKind, BundleStanding
from fieldkit.ports.delivery import Brought, CarryReport, NotCarried, SyncProgress
from fieldkit.ports.exchange import Drive
from fieldkit.services.delivery.deliver import CarryRecords
from ui.presenters.delivery.queue import Sending
from ui.presenters.delivery.stick_work import PLACE, HandInPresenter, HandInState, Refusal
from ui.presenters.parts import Stage, Tone
from ui.presenters.presenter import message
from ui.presenters.tasks import SYNC


@pytest.fixture
def stick(kit: Kit, tmp_path: Path) -> Path:
    stick = tmp_path / "KINGSTON"
    stick.mkdir()
    kit.sticks.listed = [Drive(str(stick), "KINGSTON", None)]
    return stick


def opened(kit: Kit, tasks: SameThread, steps: Steps | None = None) -> HandInPresenter:
    presenter = HandInPresenter(kit.context, tasks, steps or Steps(), Sending(kit.context, tasks))
    presenter.start()
    return presenter


def counted(state: HandInState) -> dict[str, str]:
    return {number.label.key: number.value for number in state.counts}  # type: ignore[union-attr]


def test_enter_sends_the_stick_and_counts_what_became_of_each(kit: Kit, tasks: SameThread, stick: Path) -> None:
    kit.courier.finds("r1", "r2", "r3", "r4", "r5")
    refused = (NotCarried("r3", "sync.no_manifest"), NotCarried("r4", "sync.no_manifest"))
    kit.courier.report = CarryReport(held_already=("r2",), refused=refused)
    presenter = opened(kit, tasks)
    presenter.accept()
    state = presenter.state
    assert counted(state) == {"titip.found": "5", "titip.carried": "2", "titip.held": "1", "titip.refused": "2"}
    assert state.refusals == (Refusal(Problem("sync.no_manifest"), ("r3", "r4")),)
    assert (state.stage, state.problem) == (Stage.CONTENT, None)
    assert state.toast is not None
    assert (state.toast.words, state.toast.tone) == (message("titip.some_refused", count=2), Tone.CAUTION)


def test_all_there_is_said(kit: Kit, tasks: SameThread, stick: Path) -> None:
    kit.courier.finds("r1")
    presenter = opened(kit, tasks)
    presenter.accept()
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("titip.all_done", count=1)


def test_a_stick_without_records_and_a_place_that_is_none_are_told(kit: Kit, tasks: SameThread, stick: Path) -> None:
    presenter = opened(kit, tasks)
    presenter.accept()
    assert presenter.state.problem == Problem("stick.no_records", {"where": str(stick)})
    presenter.type(PLACE, str(stick / "nowhere"))
    presenter.accept()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "stick.not_there"
    kit.sticks.listed.clear()
    presenter.type(PLACE, "")
    presenter.refresh()
    presenter.accept()
    assert presenter.state.problem == Problem("stick.none")


def test_without_a_line_the_reason_stands_and_the_same_stick_goes_again(
    kit: Kit, tasks: SameThread, stick: Path
) -> None:
    kit.courier.finds("r1")
    kit.courier.report = CarryReport(stopped_by=Problem("sync.unreachable"))
    presenter = opened(kit, tasks)
    presenter.accept()
    assert presenter.state.problem == Problem("sync.unreachable")
    assert counted(presenter.state)["titip.left"] == "1"
    kit.courier.report = CarryReport()
    presenter.accept()
    assert presenter.state.problem is None
    assert counted(presenter.state)["titip.carried"] == "1"


def test_progress_is_shown_and_nobody_leaves_a_run_by_accident(kit: Kit, stick: Path) -> None:
    tasks, steps = SameThread(SYNC), Steps()
    kit.courier.finds("r1", "r2")
    presenter = opened(kit, tasks, steps)
    seen: list[HandInState] = []
    presenter.listen(seen.append)
    presenter.accept()
    assert presenter.state.stage is Stage.BUSY
    presenter.back()
    assert steps.taken == []
    kit.courier.between = presenter.stop
    tasks.release(SYNC)
    titles = [state.progress.title for state in seen if state.progress is not None]
    assert message("titip.looking") in titles
    assert message("cadangan.stopping") in titles
    assert counted(presenter.state) == {"titip.found": "2", "titip.left": "2"}
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("titip.stopped")
    presenter.back()
    assert steps.taken == [("back",)]


def test_who_may_not_send_is_told_why(kit: Kit, tasks: SameThread, stick: Path) -> None:
    keeper = kit.context_of(PENGURUS)
    presenter = HandInPresenter(keeper, tasks, Steps(), Sending(keeper, tasks))
    presenter.start()
    assert presenter.state.bar.actions[-1].refused == message("kirim.not_your_role")
    presenter.accept()
    assert presenter.state.counts == ()


def brings(kit: Kit, brought: Brought) -> None:
    kit.context.carrying._bring = lambda _: brought  # type: ignore[attr-defined]


def test_what_came_from_the_office_on_the_stick_is_told(kit: Kit, tasks: SameThread, stick: Path) -> None:
    brings(kit, Brought((BundleStanding(BundleKind.POLICY, "", 3),)))
    presenter = opened(kit, tasks)
    presenter.accept()
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("titip.from_office", count=1)
    brings(kit, Brought(problems=(Problem("office.older"),)))
    presenter.accept()
    assert presenter.state.problem == Problem("office.older")


def test_whom_a_list_on_the_stick_shuts_out_is_told_so(kit: Kit, tasks: SameThread, stick: Path) -> None:
    brings(kit, Brought(shut_out=Problem("office.user_disabled")))
    sending = Sending(kit.context, tasks)
    presenter = HandInPresenter(kit.context, tasks, Steps(), sending)
    presenter.start()
    presenter.accept()
    assert sending.shut_out == Problem("office.user_disabled")


@pytest.mark.parametrize(
    ("report", "is_answered"),
    [
        (CarryReport(held_already=("r1",)), True),
        (CarryReport(held_already=("r1",), stopped_by=Problem("sync.unreachable")), False),
        (CarryReport(refused=(NotCarried("r1", "sync.no_manifest"),)), False),  # it may not have been asked
    ],
)
def test_the_data_center_was_there_when_it_took_what_is_on_the_stick(
    kit: Kit, tasks: SameThread, stick: Path, report: CarryReport, is_answered: bool
) -> None:
    kit.courier.finds("r1")
    kit.courier.report = report
    sending = Sending(kit.context, tasks)
    presenter = HandInPresenter(kit.context, tasks, Steps(), sending)
    presenter.start()
    presenter.accept()
    assert sending.is_answered is is_answered
    sending.begin()
    assert not sending.is_answered  # the run tells for itself


REFUSED = (NotCarried("r3", "sync.no_manifest"),)
BUNDLES = Brought((BundleStanding(BundleKind.POLICY, "", 3),))
OLDER = Problem("office.older")
ONE = CarryReport(carried=("r1",), found=1)


@pytest.mark.parametrize(
    ("report", "toast", "problem", "counts"),
    [
        (replace(ONE, adopted=("r2",), found=2), "titip.now_queue", "", "found carried adopted"),
        (replace(ONE, queued=("r2",), found=2), "titip.now_queue", "", "found carried queued"),
        (replace(ONE, refused=REFUSED, found=3), "titip.some_refused", "", "found carried refused left"),
        (replace(ONE, brought=BUNDLES), "titip.all_done", "", "found carried"),
        (replace(ONE, brought=Brought(problems=(OLDER,))), "", "office.older", "found carried"),
        (CarryReport(brought=BUNDLES), "titip.from_office", "", ""),
        (CarryReport(brought=replace(BUNDLES, problems=(OLDER,))), "", "office.older", ""),
        (CarryReport(stopped_by=Problem("sync.unreachable"), brought=BUNDLES), "", "sync.unreachable", ""),
        (CarryReport(), "", "stick.no_records", ""),
    ],
)
def test_what_became_of_a_stick_is_told_once(
    kit: Kit,
    tasks: SameThread,
    stick: Path,
    monkeypatch: pytest.MonkeyPatch,
    report: CarryReport,
    toast: str,
    problem: str,
    counts: str,
) -> None:
    monkeypatch.setattr(CarryRecords, "carry", lambda *_: report)
    presenter = opened(kit, tasks)
    presenter.accept()
    state = presenter.state
    assert getattr(state.toast.words if state.toast else "", "key", "") == toast
    assert (state.problem.code if state.problem else "") == problem
    assert [key.removeprefix("titip.") for key in counted(state)] == counts.split()


def test_a_run_that_was_stopped_too_late_is_told_as_done(kit: Kit, stick: Path) -> None:
    tasks = SameThread(SYNC)
    kit.courier.finds("r1")
    kit.courier.report = CarryReport(held_already=("r1",))
    presenter = opened(kit, tasks)
    presenter.accept()
    presenter.stop()
    tasks.release(SYNC)
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("titip.all_done", count=1)


def test_the_record_under_way_is_named_by_its_place(kit: Kit, tasks: SameThread, stick: Path) -> None:
    presenter = opened(kit, tasks)
    hello = presenter.shown(SyncProgress("sync.step.hello"))
    sending = presenter.shown(SyncProgress("sync.step.send", "r1", 4, 8, 0, 2))
    assert (hello.title, sending.title) == (message("sync.step.hello"), message("titip.sending", at=1, total=2))
    assert (sending.done, sending.total) == (4, 8)
