"""The queue as delivery works on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from support.clock import HandClock
from support.kept import NOW, fill_queue, open_kit

from fieldkit.domain.delivery import BELIEVED_AHEAD, CentralStatus, DeliveryState
from fieldkit.domain.errors import RuleError, StoreError
from fieldkit.domain.events import digest_of
from fieldkit.ports.delivery import HeldRecord, Outbox, PurgeCandidate, QueuedRecord, RunNote, StatusReceived
from fieldkit.storage.outbox import SqlOutbox
from fieldkit.storage.sealed_files import FolderOfSealedFiles
from fieldkit.storage.store import SqlStore

LATER = NOW + timedelta(minutes=20)


@pytest.fixture
def files(tmp_path: Path) -> FolderOfSealedFiles:
    return FolderOfSealedFiles(tmp_path / "sealed")


@pytest.fixture
def outbox(store: SqlStore, files: FolderOfSealedFiles) -> SqlOutbox:
    for record in fill_queue(store, [3, 1, 2]):
        files.put(record.record_id, record.record_id.encode(), "manifest")
    return SqlOutbox(store, files, HandClock())


def acknowledge(outbox: Outbox, record_id: str) -> None:
    outbox.mark_received(record_id)
    outbox.acknowledge(record_id, f"receipt-{record_id}", NOW)


def said(record_id: str, code: str, verdict: str = "", minutes: int = 0) -> StatusReceived:
    return StatusReceived(record_id, CentralStatus(code, "uji coba", NOW + timedelta(minutes=minutes)), verdict)


def test_oldest_seal_is_pending_first(outbox: SqlOutbox) -> None:
    pending = outbox.pending(NOW)
    assert [queued.record_id for queued in pending] == ["record-1", "record-2", "record-3"]
    assert pending[0] == QueuedRecord("record-1", "manifest-1", 1001, f"{1:064d}", DeliveryState.QUEUED)


def test_only_the_due_and_what_a_killed_run_left_is_pending(outbox: SqlOutbox) -> None:
    outbox.retry_later("record-1", LATER, "sync.server_busy")
    outbox.mark_sending("record-2")
    outbox.mark_progress("record-2", 512)
    outbox.mark_received("record-3")
    assert [(q.record_id, q.state, q.sent_bytes) for q in outbox.pending(NOW)] == [
        ("record-2", DeliveryState.SENDING, 512),
        ("record-3", DeliveryState.RECEIVED, 1003),
    ]
    [again] = [q for q in outbox.pending(LATER) if q.record_id == "record-1"]
    assert (again.attempts, again.next_try_at, again.reason) == (1, LATER, "sync.server_busy")


def test_network_counts_no_try(outbox: SqlOutbox) -> None:
    outbox.retry_later("record-1", LATER, "sync.server_busy")
    outbox.mark_sending("record-1")
    outbox.mark_progress("record-1", 100)
    outbox.retry_later("record-1", None, "sync.unreachable")
    [again] = [q for q in outbox.pending(NOW) if q.record_id == "record-1"]
    assert (again.attempts, again.next_try_at, again.sent_bytes) == (1, None, 100)


def test_receipt_acknowledges_once(outbox: SqlOutbox, store: SqlStore) -> None:
    acknowledge(outbox, "record-1")
    outbox.acknowledge("record-1", "another receipt", LATER)
    with store.read() as unit:
        entry = unit.records.get("record-1")
        kinds = [event.kind for event in unit.events.of("record-1")]
    assert (entry.state, entry.receipt_jws, entry.acknowledged_at) == (
        DeliveryState.ACKNOWLEDGED,
        "receipt-record-1",
        NOW,
    )
    assert kinds == ["record_acknowledged"]
    assert outbox.counts() == {DeliveryState.ACKNOWLEDGED: 1, DeliveryState.QUEUED: 2}


@pytest.mark.parametrize(
    "leap",
    [
        lambda outbox: outbox.acknowledge("record-1", "receipt", NOW),
        lambda outbox: outbox.purge("record-1", NOW),
    ],
)
def test_no_state_is_skipped(outbox: SqlOutbox, files: FolderOfSealedFiles, leap: Callable[[Outbox], None]) -> None:
    with pytest.raises(RuleError):
        leap(outbox)
    assert files.path("record-1").exists()
    assert [held.state for held in outbox.held()] == [DeliveryState.QUEUED] * 3


def test_quarantined_record_waits_for_a_person(outbox: SqlOutbox, store: SqlStore) -> None:
    outbox.quarantine("record-1", "sync.rejected")
    assert "record-1" not in [queued.record_id for queued in outbox.pending(LATER)]
    with store.read() as unit:
        assert unit.records.get("record-1").reason == "sync.rejected"
    outbox.retry_later("record-1", None, "")
    assert "record-1" in [queued.record_id for queued in outbox.pending(NOW)]


def test_purging_erases_the_file_and_keeps_the_proof(
    outbox: SqlOutbox, store: SqlStore, files: FolderOfSealedFiles
) -> None:
    acknowledge(outbox, "record-1")
    outbox.purge("record-1", LATER)
    assert not files.path("record-1").exists()
    assert HeldRecord("record-2", f"{2:064d}", DeliveryState.QUEUED) in outbox.held()
    assert "record-1" not in [held.record_id for held in outbox.held()]
    assert outbox.purged() == [HeldRecord("record-1", f"{1:064d}", DeliveryState.PURGED)]
    assert outbox.counts() == {DeliveryState.PURGED: 1, DeliveryState.QUEUED: 2}
    with store.read() as unit:
        entry = unit.records.get("record-1")
    assert (entry.receipt_jws, entry.record.manifest_jws) == ("receipt-record-1", "manifest-1")
    assert kinds(store, "record-1") == ["record_acknowledged", "record_purged"]


def test_the_receipt_takes_the_templates_away(outbox: SqlOutbox, store: SqlStore) -> None:
    with store.write() as unit:
        for number in (1, 2):
            unit.finger_templates.keep(f"record-{number}", b"templates of a hand")
    acknowledge(outbox, "record-1")
    with store.read() as unit:
        assert unit.finger_templates.held() == {"record-2"}


def test_purging_takes_templates_away_that_were_left(outbox: SqlOutbox, store: SqlStore) -> None:
    acknowledge(outbox, "record-1")
    with store.write() as unit:
        unit.finger_templates.keep("record-1", b"as an older copy of the store may have them")
    outbox.purge("record-1", LATER)
    with store.read() as unit:
        assert unit.finger_templates.held() == frozenset()


def test_purge_that_died_before_the_file_is_finished_by_the_next(outbox: SqlOutbox, files: FolderOfSealedFiles) -> None:
    acknowledge(outbox, "record-1")
    outbox.purge("record-1", LATER)
    files.put("record-1", b"left by a crash", "manifest")
    outbox.purge("record-1", LATER)
    assert not files.path("record-1").exists()


def test_purge_waits_for_the_last_verdict(outbox: SqlOutbox, store: SqlStore) -> None:
    more = fill_queue(store, [4, 5])
    for number in (1, 2, 3):
        acknowledge(outbox, f"record-{number}")
    acknowledge(outbox, "record-4")
    outbox.lost_at_center("record-4", NOW)
    outbox.mark_received("record-5")
    outbox.acknowledge("record-5", "", NOW)  # without a receipt
    outbox.save_statuses(
        [
            *(said(each.record_id, "RECEIVED_AT_CENTRAL", "valid") for each in more),
            said("record-1", "RECEIVED_AT_CENTRAL", "valid"),
            said("record-1", "PRINT_READY_RECORD", minutes=1),
            said("record-2", "RECEIVED_AT_CENTRAL", "valid"),
            said("record-2", "ENROLL_FAILURE_AT_CENTRAL", "invalid", minutes=1),
        ],
        "c1",
    )
    (candidate,) = outbox.purge_candidates()
    assert candidate == PurgeCandidate("record-1", f"{1:064d}", 1001, "manifest-1", "receipt-record-1")


def test_statuses_are_kept_verbatim_and_once(outbox: SqlOutbox, store: SqlStore) -> None:
    assert outbox.status_cursor() == ""
    page = [said("record-1", "KODE_YANG_TAK_DIKENAL"), said("nobody-here", "SFE"), said("record-1", "SFE", minutes=1)]
    outbox.save_statuses(page, "c1")
    outbox.save_statuses([*page, said("record-1", "PRR", minutes=2)], "c2")
    assert outbox.status_cursor() == "c2"
    with store.read() as unit:
        assert [s.code for s in unit.records.get("record-1").statuses] == ["KODE_YANG_TAK_DIKENAL", "SFE", "PRR"]
        assert [event.kind for event in unit.events.of("record-1")] == ["status_received"] * 3
        assert len(unit.events.of("nobody-here")) == 1


def test_sealed_file_is_read_from_its_beginning(outbox: SqlOutbox, files: FolderOfSealedFiles) -> None:
    with outbox.sealed_bytes("record-1") as file:
        assert file.read() == b"record-1"
    files.path("record-1").unlink()
    with pytest.raises(StoreError) as caught:
        outbox.sealed_bytes("record-1")
    assert caught.value.code == "store.file_gone"


@pytest.mark.parametrize(
    "act",
    [
        lambda outbox: outbox.mark_sending("nobody"),
        lambda outbox: outbox.mark_progress("nobody", 1),
        lambda outbox: outbox.purge("nobody", NOW),
    ],
)
def test_unknown_record_is_named(outbox: SqlOutbox, act: Callable[[Outbox], None]) -> None:
    with pytest.raises(StoreError) as caught:
        act(outbox)
    assert caught.value.code == "store.not_found"


def test_last_run_and_queue_survive_a_restart(tmp_path: Path, files: FolderOfSealedFiles) -> None:
    home = tmp_path / "home"
    store = open_kit(home)
    outbox = SqlOutbox(store, files, HandClock())
    assert outbox.last_run() is None
    fill_queue(store, [1])
    outbox.retry_later("record-1", LATER, "sync.server_busy")
    for note in (RunNote(NOW), RunNote(LATER, 2, LATER + timedelta(minutes=5), "sync.unreachable")):
        outbox.save_run(note)
    store.close()

    store = open_kit(home, ids="later")
    outbox = SqlOutbox(store, files, HandClock())
    assert outbox.last_run() == note
    assert outbox.pending(NOW) == []
    assert len(outbox.pending(LATER)) == 1
    store.close()


def kinds(store: SqlStore, record_id: str) -> list[str]:
    with store.read() as unit:
        return [event.kind for event in unit.events.of(record_id)]


@pytest.mark.parametrize(
    ("ahead", "is_due"),
    [
        (timedelta(0), True),
        (timedelta(microseconds=1), False),
        (BELIEVED_AHEAD, False),
        (BELIEVED_AHEAD + timedelta(microseconds=1), True),
        (timedelta(days=1500), True),
    ],
)
def test_a_time_to_try_again_far_ahead_is_not_believed(outbox: SqlOutbox, ahead: timedelta, is_due: bool) -> None:
    outbox.retry_later("record-1", NOW + ahead, "sync.server_busy")
    assert ("record-1" in [queued.record_id for queued in outbox.pending(NOW)]) is is_due


def test_what_the_center_lost_is_queued_again_and_its_new_receipt_replaces_the_old(
    outbox: SqlOutbox, store: SqlStore
) -> None:
    acknowledge(outbox, "record-1")
    outbox.lost_at_center("record-1", LATER)
    (again,) = [queued for queued in outbox.pending(NOW) if queued.record_id == "record-1"]
    assert (again.state, again.sent_bytes, again.reason) == (DeliveryState.QUEUED, 0, "sync.lost_at_center")
    with store.read() as unit:
        lost = unit.events.of("record-1")[-1]
        assert (lost.kind, digest_of("receipt-record-1") in lost.payload) == ("record_lost_at_center", True)
    outbox.mark_received("record-1")
    outbox.acknowledge("record-1", "receipt 2", LATER)
    with store.read() as unit:
        entry = unit.records.get("record-1")
    assert (entry.receipt_jws, entry.acknowledged_at) == ("receipt 2", LATER)
    assert kinds(store, "record-1") == ["record_acknowledged", "record_lost_at_center", "record_acknowledged"]


def test_only_an_acknowledged_record_can_be_lost_there(outbox: SqlOutbox) -> None:
    with pytest.raises(RuleError):
        outbox.lost_at_center("record-1", NOW)


def test_a_failed_try_does_not_take_an_acknowledgement_back(outbox: SqlOutbox) -> None:
    acknowledge(outbox, "record-1")
    with pytest.raises(RuleError, match=r"delivery\.no_way"):
        outbox.retry_later("record-1", LATER, "sync.server_error")
    assert outbox.counts()[DeliveryState.ACKNOWLEDGED] == 1


def test_what_was_held_back_is_released_once(outbox: SqlOutbox, store: SqlStore) -> None:
    for is_released in (True, False):
        outbox.quarantine("record-1", "sync.chain_forked")
        assert outbox.release_once("record-1") is is_released
    assert outbox.held()[0] == HeldRecord("record-1", f"{1:064d}", DeliveryState.QUARANTINED, "sync.chain_forked")
    assert kinds(store, "record-1") == ["record_quarantined", "record_released", "record_quarantined"]


def test_a_person_decides_about_held_records(outbox: SqlOutbox, store: SqlStore) -> None:
    outbox.quarantine("record-1", "sync.too_large")
    outbox.set_aside("record-1", "Orang yang sama sudah direkam di kantor", "u1")
    with pytest.raises(RuleError, match=r"delivery\.not_held"):
        outbox.send_again("record-1", "u1")
    assert outbox.why_aside("record-1").startswith("Orang yang sama")
    assert outbox.why_aside("record-2") == ""
    assert outbox.held()[0] == HeldRecord("record-1", f"{1:064d}", DeliveryState.SET_ASIDE, "sync.set_aside")
    assert (outbox.counts()[DeliveryState.SET_ASIDE], len(outbox.pending(NOW))) == (1, 2)
    with store.read() as unit:
        aside = unit.events.of("record-1")[-1]
    assert (aside.kind, aside.actor, "Orang" in aside.payload) == ("record_set_aside", "u1", False)
    outbox.take_back("record-1", "u2")
    outbox.quarantine("record-1", "sync.too_large")
    outbox.send_again("record-1", "u1")
    assert len(outbox.pending(NOW)) == 3
    assert kinds(store, "record-1")[2:] == ["record_taken_back", "record_quarantined", "record_sent_again"]


def test_a_person_may_have_a_waiting_record_sent_now(outbox: SqlOutbox) -> None:
    outbox.retry_later("record-1", LATER, "sync.server_error")
    outbox.send_again("record-1", "u1")
    assert len(outbox.pending(NOW)) == 3


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda outbox: outbox.set_aside("record-2", "x", "u1"), "delivery.not_held"),
        (lambda outbox: outbox.take_back("record-2", "u1"), "delivery.not_aside"),
        (lambda outbox: outbox.send_again("record-1", "u1"), "delivery.not_held"),
        (lambda outbox: outbox.send_again("record-3", "u1"), "delivery.not_held"),
        (lambda outbox: outbox.retry_later("record-3", LATER, "x"), "delivery.no_way"),
    ],
)
def test_nobody_decides_about_the_others(outbox: SqlOutbox, act: Callable[[Outbox], None], code: str) -> None:
    acknowledge(outbox, "record-1")
    outbox.quarantine("record-3", "sync.too_large")
    outbox.set_aside("record-3", "x", "u1")
    with pytest.raises(RuleError) as caught:
        act(outbox)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "kept",
    [
        [],
        {"at": "x"},
        7,
        *(
            {"at": at, "failures": 1, "next_try_at": next_try_at, "problem": ""}
            for at, next_try_at in (
                ("2026-11-21T00:00:00", None),
                (None, None),
                ("2026-11-21T00:00:00+00:00", "2026-11-21T00:00:00"),
            )
        ),
    ],
)
def test_a_note_that_cannot_be_read_is_none(outbox: SqlOutbox, store: SqlStore, kept: object) -> None:
    with store.write() as unit:
        unit.settings.put("sync.last_run", kept)
    assert outbox.last_run() is None


def test_how_a_run_ended_and_what_it_brought_is_told_to_the_screens(outbox: SqlOutbox, store: SqlStore) -> None:
    told: list[frozenset[str]] = []
    store.listen(told.append)
    outbox.save_run(RunNote(NOW))
    assert outbox.last_run() == RunNote(NOW)
    outbox.save_statuses([], "feed-2")
    assert [kinds & {"setting"} for kinds in told] == [{"setting"}, {"setting"}]
