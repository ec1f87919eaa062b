from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.desk import PENGURUS, TARGETS, Kit
from support.kits import Told
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem, Recovery
from ui.presenters.delivery.queue import QueuePresenter, QueueState
from ui.presenters.delivery.sending import Sending
from ui.presenters.parts import Stage, Tone
from ui.presenters.words import phrase


@pytest.fixture
def full(kit: Kit) -> Kit:
    for number in range(3):
        kit.seal(number + 1, TARGETS[number], timedelta(hours=30 - number))
    return kit


def opened(kit: Kit, tasks: SameThread, steps: Steps | None = None) -> QueuePresenter:
    presenter = QueuePresenter(kit.desk, tasks, steps or Steps(), Sending(kit.desk, tasks))
    presenter.start()
    return presenter


def counted(state: QueueState) -> list[str]:
    return [number.value for number in state.sides]


def test_people_are_masked_and_the_oldest_stands_first(full: Kit, tasks: SameThread) -> None:
    presenter = opened(full, tasks)
    row = presenter.state.rows.row(0)
    assert row.cells[0].words == phrase("age.hours", count=30)
    assert (row.cells[1].words, row.cells[1].detail) == ("MIS•••", "350512••••••••03")
    assert row.cells[4].tags[0].words == phrase("delivery.queued")


def test_before_a_run_nobody_knows_what_the_other_side_counts(full: Kit, tasks: SameThread) -> None:
    assert counted(opened(full, tasks).state) == ["3", "0", "–", "3", "0"]


def test_sending_moves_the_counts_of_both_sides(full: Kit, tasks: SameThread) -> None:
    presenter = opened(full, tasks)
    presenter.accept()
    assert counted(presenter.state) == ["3", "3", "3", "0", "0"]
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == phrase("kirim.all_done", done=3)
    assert presenter.state.rows.row(0).cells[4].tags[0].tone is Tone.GOOD


def test_what_the_office_must_hear_is_told_after_a_good_run(full: Kit, tasks: SameThread) -> None:
    worry = Problem("sync.new_chain", recovery=Recovery.ASK_OFFICE)
    full.center.notes = (Problem("sync.released"), worry)
    presenter = opened(full, tasks)
    presenter.accept()
    assert (presenter.state.problem, presenter.state.retry) == (worry, None)
    assert presenter.state.toast is not None


def test_progress_tells_counts_speed_and_time_left(full: Kit, tasks: SameThread) -> None:
    presenter = opened(full, tasks)
    seen: list[QueueState] = []
    presenter.listen(seen.append)
    presenter.accept()
    sending = [state for state in seen if state.sending is not None and state.sending.detail]
    assert sending[0].sending.title == phrase("kirim.sent_of", whole=0, tenth=9, of_whole=5, of_tenth=4)
    assert sending[0].sending.detail == phrase("kirim.speed_seconds_left", speed=56, count=80)
    assert sending[0].tags[0].words == phrase("kirim.sending_tag", done=1, total=3)
    assert sending[0].rows.row(0).cells[4].tags[0].words == phrase("kirim.sending_percent", percent=50)
    assert sending[0].bar.actions[-1].words == phrase("kirim.pause")


def test_enter_pauses_while_it_sends(full: Kit, tasks: SameThread) -> None:
    presenter = opened(full, tasks)
    full.center.between = presenter.accept
    presenter.accept()
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == phrase("kirim.paused", waiting=3)
    assert presenter.state.bar.actions[-1].words == phrase("kirim.send_now")


def test_a_run_that_was_stopped_says_what_is_safe_and_offers_another(full: Kit, tasks: SameThread) -> None:
    full.center.stopped_by = Problem("sync.unreachable", recovery=Recovery.RETRY)
    presenter = opened(full, tasks)
    presenter.accept()
    assert presenter.state.problem == full.center.stopped_by
    assert presenter.state.stage is Stage.CONTENT
    assert presenter.state.retry is not None
    full.center.stopped_by = None
    presenter.accept()
    assert presenter.state.problem is None


def test_a_held_record_says_why(full: Kit, tasks: SameThread) -> None:
    full.outbox.quarantine("0199-0002", "sync.too_large")
    presenter = opened(full, tasks)
    rows = {presenter.state.rows.row(at).name: presenter.state.rows.row(at) for at in range(3)}
    assert rows["0199-0002"].cells[4].tags[0].tone is Tone.BAD
    presenter.select("0199-0002")
    assert presenter.state.held_back == Problem("sync.too_large")
    presenter.select("0199-0001")
    assert presenter.state.held_back is None


def test_leaving_does_not_stop_the_run_and_coming_back_finds_it(full: Kit) -> None:
    tasks = SameThread("sync")
    sending = Sending(full.desk, tasks)
    first = QueuePresenter(full.desk, tasks, Steps(), sending)
    first.start()
    first.accept()
    first.stop()
    second = QueuePresenter(full.desk, tasks, Steps(), sending)
    second.start()
    assert second.state.sending is not None
    tasks.release("sync")
    assert second.state.sending is None
    assert counted(second.state)[1] == "3"


def test_an_empty_queue_is_empty(kit: Kit, tasks: SameThread) -> None:
    assert opened(kit, tasks).state.stage is Stage.EMPTY


def test_search_keeps_the_total(full: Kit, tasks: SameThread) -> None:
    presenter = opened(full, tasks)
    presenter.search("KAR")
    assert (presenter.state.rows.count, presenter.state.rows.total) == (1, 3)


def test_a_role_that_may_not_send_is_told_on_the_button(tmp_path: Path, tasks: SameThread) -> None:
    kit = Kit(tmp_path, PENGURUS)
    kit.plan(*TARGETS)
    kit.seal(1, TARGETS[0])
    presenter = opened(kit, tasks)
    kit.store.close()
    assert presenter.state.bar.actions[-1].refused == phrase("kirim.not_your_role")


def test_the_report_and_the_statuses_are_one_key_away(full: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(full, tasks, steps)
    presenter.make_shipment()
    presenter.show_statuses()
    presenter.back()
    assert steps.taken == [("push", "shipment"), ("push", "statuses"), ("back",)]


def test_a_held_record_can_be_sent_again_set_aside_and_taken_back(full: Kit, tasks: SameThread) -> None:
    steps = Steps()
    full.outbox.quarantine("0199-0001", "sync.too_large")
    presenter = opened(full, tasks, steps)
    presenter.select("0199-0001")
    assert [action.name for action in presenter.state.record_actions] == ["send_again", "hand_over", "set_aside"]
    presenter.hand_over()
    presenter.set_aside()
    presenter.back_up()
    assert steps.taken == [("push", "stick", "0199-0001"), ("push", "set_aside", "0199-0001"), ("push", "stick", "")]
    full.desk.delivery.set_aside("0199-0001", "warga direkam ulang")
    presenter.refresh()
    presenter.select("0199-0001")
    assert presenter.state.why_aside == "warga direkam ulang"
    assert presenter.state.held_back == Problem("sync.set_aside")
    presenter.send_again()
    assert full.desk.delivery.entry("0199-0001").state.value == "queued"
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == phrase("kirim.queued_again")
    presenter.send_again()
    full.outbox.quarantine("0199-0001", "sync.too_large")
    presenter.refresh()
    presenter.send_again()
    assert full.desk.delivery.entry("0199-0001").state.value == "queued"


def test_who_may_not_send_is_told_why_at_each_action(full: Kit, tasks: SameThread) -> None:
    full.outbox.quarantine("0199-0001", "sync.too_large")
    presenter = QueuePresenter(full.desk_of(PENGURUS), tasks, Steps(), Sending(full.desk, tasks))
    presenter.start()
    presenter.select("0199-0001")
    refused = phrase("kirim.not_your_role")
    assert [action.refused for action in presenter.state.record_actions] == [refused] * 3
    assert presenter.state.bar.actions[2].refused == refused
    presenter.send_again()
    assert presenter.state.problem is not None


def test_a_missing_backup_is_said_while_records_wait(full: Kit, tasks: SameThread) -> None:
    presenter = opened(full, tasks)
    assert presenter.state.reminder == phrase("cadangan.none_yet")
    full.desk.backups.make("/media/rina/KINGSTON", Told(), Told())
    presenter.refresh()
    assert presenter.state.reminder == ""
