from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.app_context import PENGURUS, TARGETS, Kit
from support.tasks import SameThread

from fieldkit.domain.errors import Problem
from fieldkit.ports.delivery import SyncProgress
from ui.presenters.delivery.queue import Sending, end_of, progress_of
from ui.presenters.parts import Progress, Toast, Tone
from ui.presenters.presenter import message


@pytest.fixture
def sending(kit: Kit, tasks: SameThread) -> Sending:
    for number in range(3):
        kit.seal(number + 1, TARGETS[number])
    return Sending(kit.context, tasks)


def test_a_run_brings_everything_and_its_report(sending: Sending, kit: Kit) -> None:
    sending.begin()
    assert sending.report is not None
    assert len(sending.report.acknowledged) == 3
    assert (sending.is_running, sending.runs, kit.context.delivery.queue().unsent) == (False, 1, 0)
    assert sending.sent_bytes == sending.total_bytes == 3 * 1_800_000


def test_speed_counts_what_this_run_moved(sending: Sending, kit: Kit) -> None:
    seen: list[tuple[int, int]] = []
    sending.listen(lambda: seen.append((sending.sent_bytes, sending.bytes_per_second)))
    kit.center.between = lambda: None
    sending.begin()
    first, second = [pair for pair in seen if pair[0]][:2]
    assert first == (450_000, 0)  # the first offset may have been there before
    assert second == (900_000, round(450_000 / 8))


def test_a_second_press_does_not_start_a_second_run(kit: Kit) -> None:
    kit.seal(1, TARGETS[0])
    tasks = SameThread("sync")
    sending = Sending(kit.context, tasks)
    sending.begin()
    sending.begin()
    tasks.release("sync")
    assert sending.runs == 1


def test_what_is_sealed_while_a_run_is_under_way_follows_in_another(kit: Kit) -> None:
    kit.seal(1, TARGETS[0])
    tasks = SameThread("sync")
    sending = Sending(kit.context, tasks)
    sending.begin_once_more()
    sending.begin_once_more()
    tasks.release("sync")
    assert (sending.runs, sending.is_running) == (2, False)
    sending.begin_once_more()
    sending.begin_once_more()
    sending.pause()
    tasks.release("sync")
    assert sending.runs == 3


def test_nothing_follows_a_run_that_shut_the_user_out(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    kit.seal(1, TARGETS[0])
    tasks = SameThread("sync")
    sending = Sending(kit.context, tasks)
    out, send = Problem("office.user_revoked"), kit.context.delivery.send
    monkeypatch.setattr(kit.context.delivery, "send", lambda *given: replace(send(*given), shut_out=out))
    sending.begin()
    sending.begin_once_more()
    tasks.release("sync")
    assert (sending.runs, sending.is_running, sending.shut_out) == (1, False, out)


def test_whom_a_stick_shut_out_during_a_run_sends_no_more(kit: Kit) -> None:
    kit.seal(1, TARGETS[0])
    tasks = SameThread("sync")
    sending, out = Sending(kit.context, tasks), Problem("office.user_revoked")
    sending.begin()
    sending.begin_once_more()
    sending.shut(out)
    tasks.release("sync")  # this run heard nothing of it
    assert (sending.runs, sending.is_running, sending.shut_out) == (1, False, out)
    for again in (sending.begin, sending.begin_once_more):
        again()
        assert not sending.is_running


def test_a_pause_ends_after_the_record_under_way(sending: Sending, kit: Kit) -> None:
    kit.center.between = sending.pause
    sending.begin()
    assert sending.report is not None
    assert (sending.report.is_cancelled, len(sending.report.acknowledged)) == (True, 0)
    kit.center.between = lambda: None
    sending.begin()
    assert sending.report is not None
    assert len(sending.report.acknowledged) == 3


def test_only_the_newest_progress_is_shown(kit: Kit) -> None:
    kit.seal(1, TARGETS[0])

    posted: list = []

    class LateTasks(SameThread):
        def post(self, func) -> None:
            posted.append(func)

    tasks = LateTasks("sync")
    sending = Sending(kit.context, tasks)
    sending.begin()
    for sent in (100, 200, 300):
        sending.offer(SyncProgress("sync.step.send", "r", sent, 300, 0, 1))
    assert len(posted) == 1
    posted.pop()()
    assert sending.progress is not None
    assert sending.progress.sent_bytes == 300
    tasks.release("sync")
    assert sending.progress is None


def test_who_may_not_send_gets_the_problem(kit: Kit, tmp_path, tasks: SameThread) -> None:
    other = Kit(tmp_path / "other", PENGURUS)
    sending = Sending(other.context, tasks)
    sending.begin()
    other.store.close()
    assert (sending.is_running, sending.runs) == (False, 1)
    assert sending.problem == Problem("delivery.not_your_role", {"role": "pengurus_barang"}, sending.problem.recovery)


def test_who_stopped_listening_hears_nothing(sending: Sending) -> None:
    heard: list[int] = []
    stop = sending.listen(lambda: heard.append(1))
    stop()
    sending.begin()
    assert heard == []


def test_a_run_tells_its_size_its_speed_and_the_time_left(kit: Kit, tasks: SameThread) -> None:
    for number in range(3):
        kit.seal(number + 1, TARGETS[number], timedelta(hours=30 - number))
    sending, seen = Sending(kit.context, tasks), list[Progress]()
    assert progress_of(sending) is None

    def moved() -> None:
        if (progress := progress_of(sending)) is not None and progress.detail:
            seen.append(progress)

    sending.listen(moved)
    sending.begin()
    assert seen[0].title == message("kirim.sent_of", whole=0, tenth=9, of_whole=5, of_tenth=4)
    assert seen[0].detail == message("kirim.speed_seconds_left", speed=56, count=80)
    (toast,) = end_of(sending)
    assert isinstance(toast, Toast)
    assert (toast.words, toast.tone) == (message("kirim.all_done", done=3), Tone.GOOD)


def test_a_run_that_could_not_begin_tells_only_why(kit: Kit, tasks: SameThread) -> None:
    kit.seal(1, TARGETS[0])
    kit.center.stopped_by = Problem("sync.unreachable")
    sending = Sending(kit.context, tasks)
    assert end_of(sending) == ()
    sending.begin()
    assert end_of(sending) == (Problem("sync.unreachable"),)
