from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, TARGETS, Kit
from support.clock import NOW, HandClock
from support.kits import Told
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import field_catalogue
from fieldkit.domain.delivery import CentralStatus, DeliveryState, QueueEntry
from fieldkit.domain.errors import InputError, Problem, Recovery
from fieldkit.domain.office_bundles import BundleKind, BundleStanding
from fieldkit.domain.people import User
from fieldkit.domain.recording.exceptions import LEAD_WANTED
from fieldkit.ports.delivery import StatusReceived, SyncReport
from fieldkit.services.delivery.check_store import BackupStanding
from fieldkit.services.delivery.deliver import StoredVouches
from fieldkit.services.office_bundles import STANDINGS
from ui.presenters.delivery.queue import Queue, Sending, aside_form, end_of, record_commands, reminder_words
from ui.presenters.lists import Hint, ListState, Numbers
from ui.presenters.parts import Stage, Tag, Toast, Tone
from ui.presenters.presenter import Operation, message

FIELD = field_catalogue("id")


@pytest.fixture
def full(kit: Kit) -> Kit:
    for number in range(3):
        kit.seal(number + 1, TARGETS[number], timedelta(hours=30 - number))
    return kit


def opened(kit: Kit, tasks: SameThread, sending: Sending | None = None, user: User | None = None) -> Listing:
    context, steps = (kit.context_of(user) if user else kit.context), Steps()
    return Listing(Queue(context, steps, sending or Sending(kit.context, tasks)).screen(), tasks, steps)


def sent(kit: Kit, tasks: SameThread) -> Listing:
    queue = opened(kit, tasks)
    queue.press("send")
    queue.presenter.refresh()  # the window does it when the store tells what was written
    return queue


def counted(queue: Listing) -> list[str]:
    return [number.value for number in queue.panels(Numbers)[0].numbers]


def about(queue: Listing, record_id: str) -> Hint:
    queue.presenter.select(record_id)
    return next(hint for hint in queue.panels(Hint))


def test_people_are_masked_and_the_oldest_stands_first(full: Kit, tasks: SameThread) -> None:
    row = opened(full, tasks).rows[0]
    assert row.cells[0].words == message("age.hours", count=30)
    assert (row.cells[1].words, row.cells[1].detail) == ("MIS•••", "350512••••••••03")
    assert row.cells[4].tags[0].words == message("delivery.queued")


def test_before_a_run_nobody_knows_what_the_other_side_counts(full: Kit, tasks: SameThread) -> None:
    assert counted(opened(full, tasks)) == ["3", "0", "–", "3", "0"]


def test_sending_moves_the_counts_of_both_sides(full: Kit, tasks: SameThread) -> None:
    queue = sent(full, tasks)
    assert counted(queue) == ["3", "3", "3", "0", "0"]
    assert queue.chips == {"all": 3, "waiting": 0, "held": 0, "received": 3}
    assert queue.presenter.state.toast is not None
    assert queue.presenter.state.toast.words == message("kirim.all_done", done=3)
    assert queue.rows[0].cells[4].tags[0].tone is Tone.GOOD


def test_what_the_office_must_hear_is_told_after_a_good_run(full: Kit, tasks: SameThread) -> None:
    worry = Problem("sync.new_chain", recovery=Recovery.ASK_OFFICE)
    full.center.notes = (Problem("sync.released"), worry)
    state = sent(full, tasks).presenter.state
    assert state.problem == worry
    assert state.toast is not None


def test_progress_stands_above_the_rows_and_at_the_record(full: Kit, tasks: SameThread) -> None:
    queue = opened(full, tasks)
    seen: list[Tag] = []

    def show(state: ListState) -> None:
        if state.progress is not None and state.progress.detail:
            seen.append(state.rows.row(0).cells[4].tags[0])

    queue.presenter.listen(show)
    queue.press("send")
    assert seen[0].words == message("kirim.sending_percent", percent=50)
    assert queue.presenter.state.progress is None


def test_sending_and_pausing_are_two_keys_so_a_second_enter_does_nothing(full: Kit, tasks: SameThread) -> None:
    queue = opened(full, tasks)
    refusals = []

    def twice() -> None:
        send = queue.offered("send")
        refusals.append(send.refused)
        queue.presenter.perform(send)
        assert send.act is not queue.offered("pause").act

    full.center.between = twice
    queue.press("send")
    assert refusals[0] == message("kirim.under_way")
    assert queue.presenter.state.toast is not None
    assert queue.presenter.state.toast.words == message("kirim.all_done", done=3)


def test_a_pause_is_said_with_what_waits(full: Kit, tasks: SameThread) -> None:
    queue = opened(full, tasks)
    full.center.between = lambda: queue.press("pause")
    queue.press("send")
    assert queue.presenter.state.toast is not None
    assert queue.presenter.state.toast.words == message("kirim.paused", waiting=3)
    assert queue.presenter.state.bar.actions[-1].refused == ""


def test_a_run_that_was_stopped_says_why_until_the_next(full: Kit, tasks: SameThread) -> None:
    full.center.stopped_by = Problem("sync.unreachable", recovery=Recovery.RETRY)
    queue = opened(full, tasks)
    queue.press("send")
    assert queue.presenter.state.problem == full.center.stopped_by
    assert queue.presenter.state.stage is Stage.CONTENT
    full.center.stopped_by = None
    queue.press("send")
    assert queue.presenter.state.problem is None


def test_what_stopped_the_run_is_not_said_again_beside_the_list(full: Kit, tasks: SameThread) -> None:
    full.outbox.retry_later("0199-0001", None, "sync.unreachable")
    full.center.stopped_by = Problem("sync.unreachable", recovery=Recovery.RETRY)
    queue = opened(full, tasks)
    assert about(queue, "0199-0001").title == Problem("sync.unreachable")
    queue.press("send")
    assert about(queue, "0199-0001").title != Problem("sync.unreachable")


def test_a_held_record_says_why(full: Kit, tasks: SameThread) -> None:
    full.outbox.quarantine("0199-0002", "sync.too_large")
    queue = opened(full, tasks)
    rows = {row.name: row for row in queue.rows}
    assert rows["0199-0002"].cells[4].tags[0].tone is Tone.BAD
    assert about(queue, "0199-0002").title == Problem("sync.too_large")
    assert not isinstance(about(queue, "0199-0001").title, Problem)


def test_leaving_does_not_stop_the_run_and_coming_back_finds_it(full: Kit) -> None:
    tasks = SameThread("sync")
    sending = Sending(full.context, tasks)
    first = opened(full, tasks, sending)
    first.press("send")
    first.presenter.stop()
    second = opened(full, tasks, sending)
    assert second.presenter.state.progress is not None
    tasks.release("sync")
    second.presenter.refresh()
    assert second.presenter.state.progress is None
    assert counted(second)[1] == "3"
    assert first.presenter.state.toast is None  # it is not in front any more


def test_an_empty_queue_says_what_comes_there(kit: Kit, tasks: SameThread) -> None:
    state = opened(kit, tasks).presenter.state
    assert (state.nothing.title, [c.name for c in state.bar.actions], state.panels) == (
        message("kirim.empty"),
        ["hand_in", "back_up", "send"],
        (),
    )


def test_a_laptop_without_records_fetches_what_the_office_sent(kit: Kit, tasks: SameThread) -> None:
    queue = opened(kit, tasks)
    assert queue.offered("send").words == message("kirim.fetch_now")
    queue.press("send")
    assert queue.presenter.state.toast is not None
    report = SyncReport(*[kit.context.clock.now()] * 2, from_office=(BundleStanding(BundleKind.SOP, "kia", 1),))
    sending = Sending(kit.context, tasks)
    sending.report = report
    assert [told.words for told in end_of(sending) if isinstance(told, Toast)] == [message("kirim.fetched", count=1)]


def test_search_asks_the_store_for_the_whole_name(full: Kit, tasks: SameThread) -> None:
    queue = opened(full, tasks)
    queue.presenter.search("KAR")
    assert (queue.presenter.state.rows.count, queue.presenter.state.rows.total) == (1, 3)
    queue.presenter.search("nobody")
    assert (queue.presenter.state.rows.count, len(queue.panels(Hint))) == (0, 1)


def test_a_role_that_may_not_send_is_told_on_the_button(tmp_path: Path, tasks: SameThread) -> None:
    kit = Kit(tmp_path, PENGURUS)
    kit.plan(*TARGETS)
    kit.seal(1, TARGETS[0])
    queue = opened(kit, tasks)
    kit.store.close()
    assert queue.offered("send").refused == message("kirim.not_your_role")


def test_a_held_record_can_be_sent_again_set_aside_and_taken_back(full: Kit, tasks: SameThread) -> None:
    full.outbox.quarantine("0199-0001", "sync.too_large")
    queue = opened(full, tasks)
    queue.presenter.select("0199-0001")
    for name in ("hand_over", "set_aside", "back_up", "hand_in", "make_shipment", "show_statuses"):
        queue.press(name)
    assert queue.steps.taken == [
        ("push", "stick", "0199-0001"),
        ("push", "set_aside", "0199-0001"),
        ("push", "stick", ""),
        ("push", "hand_in"),
        ("push", "shipment"),
        ("push", "statuses"),
    ]
    full.context.delivery.set_aside("0199-0001", "warga direkam ulang")
    queue.presenter.refresh()
    hint = about(queue, "0199-0001")
    assert hint.title == Problem("sync.set_aside")
    assert hint.words == message("kirim.why_aside", reason="warga direkam ulang")
    assert list(queue.panels(Hint))[1] == Hint(message("common.record_number"), ("0199-0001",))
    queue.press("send_again")
    assert full.context.delivery.entry("0199-0001").state.value == "queued"
    assert queue.presenter.state.toast is not None
    assert queue.presenter.state.toast.words == message("kirim.queued_again")
    full.outbox.quarantine("0199-0001", "sync.too_large")
    queue.presenter.refresh()
    queue.press("send_again")
    assert full.context.delivery.entry("0199-0001").state.value == "queued"


def test_who_may_not_send_is_told_why_at_each_command(full: Kit, tasks: SameThread) -> None:
    full.outbox.quarantine("0199-0001", "sync.too_large")
    queue = opened(full, tasks, user=PENGURUS)
    queue.presenter.select("0199-0001")
    for name in ("send_again", "hand_over", "set_aside", "back_up", "hand_in", "send"):
        assert queue.offered(name).refused == message("kirim.not_your_role"), name


def test_a_missing_backup_is_said_while_records_wait(full: Kit, tasks: SameThread) -> None:
    queue = opened(full, tasks)
    assert queue.panels(Hint)[0].title == message("cadangan.none_yet")
    full.context.backups.make("/media/rina/KINGSTON", Told(), Told())
    queue.presenter.refresh()
    assert queue.panels(Hint)[0].title == message("kirim.never")
    queue.press("send")
    queue.presenter.refresh()
    assert queue.panels(Hint)[0].title == message("masuk.last_sync", at="21-11-2026 09.00")


@pytest.mark.parametrize("kind", BundleKind)
def test_what_came_last_from_the_office_is_told_with_its_version(
    full: Kit, tasks: SameThread, kind: BundleKind
) -> None:
    at = full.context.clock.now()
    with full.store.write() as unit:
        said = {"version": 3, "made_at": at.isoformat(), "applied_at": at.isoformat(), "refused": 0, "code": ""}
        unit.settings.put(STANDINGS, {f"{kind.value}/": said})
    told = opened(full, tasks).panels(Hint)[-1]
    assert told.title == message(f"kirim.office_{kind.value}", version=3)
    assert FIELD.text(f"kirim.office_{kind.value}", version=3).endswith("3")


def test_the_end_of_a_run_is_among_what_the_queue_reads(full: Kit, tasks: SameThread) -> None:
    screen = Queue(full.context, Steps(), Sending(full.context, tasks)).screen()
    assert screen.reads == {"record", "setting"}, "statuses and the last contact come after the last receipt"


S = DeliveryState
CLOCK = HandClock()
HELP = message("cadangan.reminder_help", count=3)


def test_nothing_is_said_while_nothing_is_due() -> None:
    assert reminder_words(BackupStanding(3, CLOCK.now(), is_due=False), CLOCK) == ("", "")


def test_the_reminder_names_how_old_the_last_one_is() -> None:
    assert reminder_words(BackupStanding(3, None, is_due=True), CLOCK) == (message("cadangan.none_yet"), HELP)
    old = BackupStanding(3, CLOCK.now() - timedelta(days=3), is_due=True)
    assert reminder_words(old, CLOCK) == (message("cadangan.old_days", count=3), HELP)
    assert reminder_words(BackupStanding(3, CLOCK.now(), is_due=True), CLOCK)[0] == message(
        "cadangan.old_minutes", count=0
    )
    ahead = BackupStanding(3, CLOCK.now() + timedelta(days=3), is_due=True)
    assert reminder_words(ahead, CLOCK)[0] == message("cadangan.none_yet")


@pytest.fixture
def record_id(kit: Kit) -> str:
    return kit.seal(1, TARGETS[0])


def entry(kit: Kit, record_id: str) -> QueueEntry:
    return kit.context.delivery.entry(record_id)


REPORT = SyncReport(NOW, NOW, held_here=1, held_there=1)


@pytest.mark.parametrize(
    ("report", "there", "lost"),
    [
        (None, ("–", Tone.NEUTRAL), ("0", Tone.NEUTRAL)),
        (replace(REPORT, held_there=None), ("–", Tone.NEUTRAL), ("0", Tone.NEUTRAL)),
        (REPORT, ("1", Tone.GOOD), ("0", Tone.NEUTRAL)),
        (replace(REPORT, held_there=2), ("2", Tone.CAUTION), ("0", Tone.NEUTRAL)),
        (replace(REPORT, lost=("r9",)), ("1", Tone.GOOD), ("1", Tone.BAD)),
    ],
)
def test_what_the_data_center_counted_stands_beside_what_is_here(
    kit: Kit, record_id: str, report: SyncReport | None, there: tuple[str, Tone], lost: tuple[str, Tone]
) -> None:
    sending = Sending(kit.context, SameThread())
    sending.report = report
    numbers = opened(kit, SameThread(), sending).panels(Numbers)[0].numbers
    assert [(numbers[at].value, numbers[at].tone) for at in (2, 4)] == [there, lost]
    assert [number.tone for number in numbers[:2]] == [Tone.NEUTRAL, Tone.GOOD]
    assert (numbers[3].value, numbers[3].tone) == ("1", Tone.CAUTION)


def test_while_a_run_stops_nothing_else_begins(kit: Kit, record_id: str) -> None:
    kit.outbox.quarantine(record_id, "sync.too_large")
    tasks = SameThread("sync")
    sending = Sending(kit.context, tasks)
    sending.begin()
    running = opened(kit, tasks, sending)
    names = ("back_up", "send_again", "hand_over", "set_aside", "pause", "hand_in", "send")
    told = [running.offered(name).refused for name in names]
    assert told == ["", "", "", "", "", "", message("kirim.under_way")]
    sending.pause()
    told = [opened(kit, tasks, sending).offered(name).refused for name in names]
    assert told == [*[message("kirim.stopping")] * 5, "", message("kirim.stopping")]


def intents(kit: Kit, record_id: str) -> list[str]:
    return [command.name for command in record_commands(kit.context, Steps(), entry(kit, record_id), "")]


def test_each_state_has_its_ways(kit: Kit, record_id: str) -> None:
    assert intents(kit, record_id) == ["hand_over"]
    kit.outbox.retry_later(record_id, kit.clock.now() + timedelta(hours=1), "sync.refused")
    assert intents(kit, record_id) == ["send_again", "hand_over"]
    kit.outbox.quarantine(record_id, "sync.too_large")
    assert intents(kit, record_id) == ["send_again", "hand_over", "set_aside"]
    again = record_commands(kit.context, Steps(), entry(kit, record_id), "")[0]
    assert again.words == message("kirim.record_again")
    kit.context.delivery.set_aside(record_id, "dobel")
    assert intents(kit, record_id) == ["send_again", "hand_over"]
    back = record_commands(kit.context, Steps(), entry(kit, record_id), "not yours")[0]
    assert (back.words, back.refused) == (message("kirim.record_back"), "not yours")
    kit.context.delivery.take_back(record_id)
    kit.outbox.mark_sending(record_id)
    kit.outbox.mark_received(record_id)
    kit.outbox.acknowledge(record_id, "receipt", kit.clock.now())
    assert intents(kit, record_id) == []


def test_a_record_of_an_older_program_waits_for_the_team_lead(kit: Kit, record_id: str) -> None:
    kit.outbox.mark_sending(record_id)
    kit.outbox.mark_received(record_id)
    kit.outbox.acknowledge(record_id, "receipt", kit.clock.now())
    held = CentralStatus("PROCESSING", "uji coba", kit.clock.now(), LEAD_WANTED)
    kit.outbox.save_statuses([StatusReceived(record_id, held, "")], "1")
    (mine,) = record_commands(kit.context, Steps(), entry(kit, record_id), "")
    assert (mine.name, mine.refused) == ("vouch", message("kirim.lead_only"))
    lead = kit.context_of(KETUA)
    (sign,) = record_commands(lead, Steps(), entry(kit, record_id), "")
    assert sign.refused == ""
    assert isinstance(sign.runs, Operation)
    sign.runs.work()
    assert record_id in StoredVouches(kit.store).pending()


def test_a_reason_is_asked_before_a_record_is_set_aside(kit: Kit, record_id: str) -> None:
    kit.outbox.quarantine(record_id, "sync.too_large")
    form = aside_form(kit.context, record_id)
    (field,) = form.load()
    assert field.name == "reason"
    with pytest.raises(InputError):
        form.keep({"reason": "  "})
    form.keep({"reason": "warga direkam ulang"})
    assert entry(kit, record_id).state is DeliveryState.SET_ASIDE
    assert kit.context.delivery.why_aside(record_id) == "warga direkam ulang"
