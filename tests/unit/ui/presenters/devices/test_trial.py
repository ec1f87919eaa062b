from __future__ import annotations

from functools import partial
from pathlib import Path

from support.checklists import stocked_kit
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem, StoreError
from fieldkit.domain.people.accounts import Role, User
from fieldkit.domain.sarpras.checklist import SelfTestNote
from ui.presenters.devices.devices import DevicesPresenter
from ui.presenters.devices.trial import DeviceTrial
from ui.presenters.tasks import STORE

EXECUTORS = ("device:scan", "device:fingerprint", "device:iris", "device:camera", "device:signature_pad")


def test_every_device_is_tried_on_its_own_executor_and_the_run_is_kept_once(tmp_path: Path) -> None:
    for kit in stocked_kit(tmp_path):
        tasks, done, failed = SameThread(*EXECUTORS), [], []
        trial = DeviceTrial(kit.context, tasks, partial(done.append, True), failed.append)
        trial.begin()
        for executor in EXECUTORS:
            assert trial.is_running
            assert not done
            tasks.release(executor)
        assert (done, failed, trial.is_running) == ([True], [], False)
        with kit.store.read() as unit:
            assert len(unit.repository(SelfTestNote).search()) == 1


def test_leaving_keeps_nothing(tmp_path: Path) -> None:
    for kit in stocked_kit(tmp_path):
        tasks, done = SameThread(*EXECUTORS), []
        trial = DeviceTrial(kit.context, tasks, partial(done.append, True), lambda _: None)
        trial.begin()
        tasks.release(EXECUTORS[0])
        trial.stop()
        for executor in EXECUTORS[1:]:
            tasks.release(executor)
        assert not done
        with kit.store.read() as unit:
            assert unit.repository(SelfTestNote).search() == []


def test_a_run_that_cannot_be_kept_ends_with_its_problem(tmp_path: Path) -> None:
    for kit in stocked_kit(tmp_path, User("u9", "Kabid", Role.KABID)):
        failed: list[Problem] = []
        trial = DeviceTrial(kit.context, SameThread(), lambda: None, failed.append)
        trial.begin()
        assert [problem.code for problem in failed] == ["role.not_yours"]
        assert not trial.is_running


def test_a_run_from_perangkat_fills_the_lists_too(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path):
        opened = kit.context.office.sarpras.out.begin("a1")
        presenter = DevicesPresenter(kit.context, SameThread(), steps)
        presenter.start()
        presenter.test()
        test = kit.context.office.sarpras.out.get(opened.thing_id).checklist.line("i1").test
        assert test is not None
        assert not test.is_ok  # nothing answers behind these statuses


def test_a_run_that_was_left_hears_nothing_of_a_late_scan_or_a_late_note(tmp_path: Path) -> None:
    for kit in stocked_kit(tmp_path):
        tasks, done, failed = SameThread("device:scan", "device:iris", STORE), [], []
        trial = DeviceTrial(kit.context, tasks, partial(done.append, True), failed.append)
        trial.stop()
        trial.begin()
        trial.stop()
        tasks.release("device:scan")
        assert (tasks._held["device:iris"], tasks._held[STORE]) == ([], []), "nothing is tried out"
        trial.begin()
        tasks.release("device:scan")
        tasks.release("device:iris")
        trial.stop()
        tasks.release(STORE)
        assert (done, failed, trial.is_running) == ([], [], False)


def test_where_there_is_nothing_to_test_the_run_is_kept_and_over(tmp_path: Path) -> None:
    for kit in stocked_kit(tmp_path):
        kit.devices.listed, done = (), []
        trial = DeviceTrial(kit.context, SameThread(), partial(done.append, True), lambda _: None)
        trial.begin()
        assert (done, trial.is_running) == ([True], False)


def test_a_scan_that_fails_ends_the_run_of_now_and_no_other(tmp_path: Path) -> None:
    for kit in stocked_kit(tmp_path):
        tasks, failed = SameThread("device:scan"), []

        def fail() -> None:
            raise StoreError("store.damaged")

        kit.devices.scan = fail
        trial = DeviceTrial(kit.context, tasks, lambda: None, failed.append)
        trial.begin()
        trial.stop()
        trial.begin()
        tasks.release("device:scan")
        assert ([problem.code for problem in failed], trial.is_running) == (["store.damaged"], False)
