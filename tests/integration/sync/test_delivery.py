"""The whole way over real TLS sockets: kit engine, gateway, opener, status feed."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import delete, func, select
from support.clock import HandClock
from support.gateway import Kit, Patience, World
from support.outbox import SmallOutbox, codes_once
from support.standstill import wait_until

from fieldkit.app.demo.flaky_link import FlakyLink
from fieldkit.domain.delivery import DeliveryState
from fieldkit.ports.delivery import Budget
from sync.gateway import provision
from sync.gateway.tables import manifests, records, statuses
from sync.protocol.messages import Announcement

NIK_A, NIK_B = "3315014107900001", "3315010101260002"


def wait_for_statuses(kit: Kit, outbox: SmallOutbox, url: str, record_id: str, count: int) -> list[str]:
    return codes_once(outbox, record_id, count, lambda: kit.run(outbox, url))


def test_a_record_is_acknowledged_and_its_status_comes_back(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox, size=900_000)

    report = kit.run(outbox, world.url)

    assert report.acknowledged == (record_id,)
    assert report.stopped_by is None
    assert report.sent_bytes == 900_000
    assert report.counts_agree
    assert outbox.row(record_id)["receipt"].count(".") == 2
    assert wait_for_statuses(kit, outbox, world.url, record_id, 2) == ["RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD"]


@pytest.mark.days
def test_many_records_arrive_once(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    ids = [kit.queue(outbox, size=20_000 + 7_000 * n, nik=f"331501410790{n:04d}") for n in range(12)]

    first = kit.run(outbox, world.url, Budget(max_records=5))
    second = kit.run(outbox, world.url)

    assert first.acknowledged + second.acknowledged == tuple(ids)
    assert (second.held_here, second.held_there, second.waiting) == (12, 12, 0)


@pytest.mark.days
def test_cuts_at_random_bytes_lose_and_double_nothing(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    random = Random(20261121)
    ids = [kit.queue(outbox, size=700_000, nik=f"331501410790{n:04d}") for n in range(4)]
    resumed_bytes, total_sent = 0, 0
    with FlakyLink("127.0.0.1", world.port) as line:
        url = f"https://127.0.0.1:{line.port}"
        for _ in range(25):
            line.stay_down_after(random.randrange(0, 500_000))
            report = kit.run(outbox, url)
            line.bring_up()
            resumed_bytes += report.resumed_bytes
            total_sent += report.sent_bytes
            if not report.waiting:
                break
            kit.clock.advance(hours=1)
        final = kit.run(outbox, url)
        assert line.cuts >= 3
    assert final.waiting == 0
    assert {outbox.state(record_id) for record_id in ids} == {DeliveryState.ACKNOWLEDGED}
    assert (final.held_here, final.held_there, final.lost) == (4, 4, ())
    assert resumed_bytes > 0
    # Only chunks under way were sent twice: what the server confirmed never was.
    assert total_sent <= 4 * 700_000


@pytest.mark.days
def test_a_cut_shows_as_a_stopped_run_with_a_time_to_try_again(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox, size=700_000)
    with FlakyLink("127.0.0.1", world.port) as line:
        url = f"https://127.0.0.1:{line.port}"
        line.stay_down_after(400_000)
        broken = kit.run(outbox, url)
        line.bring_up()
        resumed = kit.run(outbox, url)
    assert broken.stopped_by is not None
    assert broken.stopped_by.code == "sync.connection_lost"
    assert broken.next_try_at is not None
    assert broken.waiting == 1
    assert resumed.resumed_uploads == 1
    assert 0 < resumed.resumed_bytes < 700_000
    assert resumed.sent_bytes == 700_000 - resumed.resumed_bytes
    assert outbox.state(record_id) is DeliveryState.ACKNOWLEDGED
    assert outbox.row(record_id)["attempts"] == 0  # the network failed, not the record


def test_an_answer_lost_after_the_last_byte_is_found_again(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    """The gateway has received all, the kit does not know: it asks, sends nothing again, and takes the receipt."""
    record_id, manifest, sealed, sha256 = kit.record(size=50_000)
    outbox.add(record_id, manifest, sealed, sha256)
    link = kit.link(world.url)
    link.announce(Announcement(manifests=(manifest,)))
    link.open_upload(record_id, len(sealed), sealed).answer()
    link.close()
    outbox.mark_sending(record_id)

    report = kit.run(outbox, world.url)

    assert report.acknowledged == (record_id,)
    assert report.sent_bytes == 0


@pytest.mark.days
def test_the_gateway_may_restart_in_the_middle(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox, size=800_000)
    stopped = kit.run(outbox, world.url, Budget(max_bytes=200_000))
    assert 0 < outbox.row(record_id)["sent"] < 800_000
    world.stop()
    unreachable = kit.run(outbox, world.url)
    assert unreachable.stopped_by is not None
    assert unreachable.stopped_by.code == "sync.unreachable"
    world.start()

    report = kit.run(outbox, world.url)

    assert stopped.sent_bytes + report.sent_bytes == 800_000
    assert report.resumed_uploads == 1
    assert report.acknowledged == (record_id,)


@pytest.mark.days
def test_failures_in_a_row_wait_longer_and_success_forgets_them(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    kit.queue(outbox)
    world.stop()
    for expected in (1, 2, 3):
        kit.run(outbox, world.url)
        note = outbox.last_run()
        assert note is not None
        assert (note.failures, note.problem) == (expected, "sync.unreachable")
        assert note.next_try_at is not None
        assert note.at <= note.next_try_at <= note.at + timedelta(seconds=5 * 2 ** (expected - 1))
    world.start()
    kit.run(outbox, world.url)
    note = outbox.last_run()
    assert note is not None
    assert (note.failures, note.next_try_at) == (0, None)


@pytest.mark.days
def test_cancelling_keeps_what_was_sent(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    first, second = kit.queue(outbox, size=20_000), kit.queue(outbox, size=900_000)

    class OnceOneIsThere(Patience):
        def is_cancelled(self) -> bool:
            return outbox.state(first) is DeliveryState.ACKNOWLEDGED

    report = kit.run(outbox, world.url, cancel=OnceOneIsThere())

    assert report.is_cancelled
    assert report.stopped_by is None
    assert (report.acknowledged, outbox.state(second)) == ((first,), DeliveryState.QUEUED)
    assert kit.run(outbox, world.url).acknowledged == (second,)


@pytest.mark.days
def test_a_nik_received_twice_is_a_duplicate(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    first = kit.queue(outbox, nik=NIK_A)
    wait_for_statuses(kit, outbox, world.url, first, 2)
    second, other = kit.queue(outbox, nik=NIK_A), kit.queue(outbox, nik=NIK_B)
    amendment = kit.queue(outbox, nik=NIK_B, amends=other)

    assert wait_for_statuses(kit, outbox, world.url, second, 2)[-1] == "DUPLICATE_RECORD"
    assert wait_for_statuses(kit, outbox, world.url, other, 2)[-1] == "PRINT_READY_RECORD"
    assert wait_for_statuses(kit, outbox, world.url, amendment, 2)[-1] == "PRINT_READY_RECORD"


def test_an_unreadable_record_fails_at_the_center_and_frees_its_nik(
    world: World, kit: Kit, outbox: SmallOutbox
) -> None:
    bad = kit.queue(outbox, sealed=b"nothing that opens" * 100)
    assert wait_for_statuses(kit, outbox, world.url, bad, 1) == ["ENROLL_FAILURE_AT_CENTRAL"]
    kit.clock.advance(days=400)
    assert kit.run(outbox, world.url, retention=timedelta(days=30)).purged == ()


@pytest.mark.days
def test_the_gateway_proves_what_is_purged(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    kept, purged = kit.queue(outbox, nik=NIK_A), kit.queue(outbox, nik=NIK_B)
    for record_id in (kept, purged):
        wait_for_statuses(kit, outbox, world.url, record_id, 2)
    early = kit.run(outbox, world.url, retention=timedelta(days=30))
    kit.clock.advance(days=31)
    harmed = outbox.folder / kept
    sealed = harmed.read_bytes()
    harmed.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    late = kit.run(outbox, world.url, retention=timedelta(days=30))

    assert (early.purged, late.purged) == ((), (purged,))
    assert not (outbox.folder / purged).exists()
    assert [note.code for note in late.notes] == ["sync.sealed_file_damaged"]
    assert (late.held_here, late.held_there) == (2, 2)


@pytest.mark.days
@pytest.mark.allow_logs  # the gateway says that an object is gone
def test_a_changed_object_is_found_by_the_proof_and_sent_again(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox)
    wait_for_statuses(kit, outbox, world.url, record_id, 2)
    there = provision.sealed_path(world.folder, outbox.row(record_id)["sha256"])
    content = bytearray(there.read_bytes())
    content[7] ^= 1
    there.chmod(0o600)
    there.write_bytes(content)
    kit.clock.advance(days=31)
    first = kit.run(outbox, world.url, retention=timedelta(days=30))
    second = kit.run(outbox, world.url, retention=timedelta(days=30))

    assert (first.purged, (outbox.folder / record_id).exists()) == ((), True)
    assert record_id in (*first.lost, *first.resent, *second.resent)
    assert outbox.state(record_id) is DeliveryState.ACKNOWLEDGED
    assert there.read_bytes() == (outbox.folder / record_id).read_bytes()


def test_a_harmed_sealed_file_is_quarantined_and_the_next_goes_on(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    harmed, gone, good = (kit.queue(outbox, nik=f"331501410790000{n}") for n in range(3))
    content = bytearray((outbox.folder / harmed).read_bytes())
    content[1000] ^= 1
    (outbox.folder / harmed).write_bytes(content)
    (outbox.folder / gone).unlink()

    report = kit.run(outbox, world.url)

    assert report.quarantined == (harmed, gone)
    assert report.acknowledged == (good,)
    assert outbox.row(harmed)["reason"] == "sync.sealed_file_damaged"
    assert outbox.row(gone)["reason"] == "sync.sealed_file_missing"


@pytest.mark.days
def test_a_forked_chain_is_delivered_and_a_foreign_manifest_is_quarantined(
    world: World, kit: Kit, outbox: SmallOutbox
) -> None:
    kit.queue(outbox)
    kit.run(outbox, world.url)
    kit.sequence -= 1  # a restored copy of the laptop goes on at the same place of the chain
    forked = kit.queue(outbox)
    stranger = world.enrol_kit("kit-02")
    outbox.add(*stranger.record())

    report = kit.run(outbox, world.url)

    assert report.acknowledged == (forked,)
    assert [outbox.row(record_id)["reason"] for record_id in report.quarantined] == ["sync.manifest_refused"]


def test_a_revoked_kit_stops_at_the_gate_with_its_records_safe(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox)
    provision.revoke_kit(world.folder, "kit-01", world.clock)

    report = kit.run(outbox, world.url)

    assert report.stopped_by is not None
    assert report.stopped_by.code == "sync.kit_revoked"
    assert outbox.state(record_id) is DeliveryState.QUEUED


def wait_until_opened(world: World, count: int) -> None:
    """Wait until the opener has told of so many records; each gets two statuses."""

    def told() -> int:
        with world.gateway_context.engine.begin() as connection:
            return connection.scalar(select(func.count()).select_from(statuses)) or 0

    wait_until(lambda: told() == 2 * count, told=told, every_s=0.05)


def forget(world: World) -> None:
    """Take everything away from the data center, as a restored backup does."""
    with world.gateway_context.engine.begin() as connection:
        for table in (statuses, records, manifests):
            connection.execute(delete(table))


@pytest.mark.days
def test_what_the_server_lost_is_sent_again_in_the_same_run(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    ids = [kit.queue(outbox, size=20_000, nik=f"331501410790{n:04d}") for n in range(3)]
    for record_id in ids:
        wait_for_statuses(kit, outbox, world.url, record_id, 2)
    before = outbox.row(ids[0])["receipt"]
    forget(world)

    report = kit.run(outbox, world.url, retention=timedelta(0))

    assert (set(report.resent), report.lost, report.purged) == (set(ids), (), ())
    assert (report.held_here, report.held_there) == (3, 3)
    assert outbox.row(ids[0])["receipt"] != before
    wait_until_opened(world, len(ids))
    assert kit.run(outbox, world.url).resent == ()
    assert [outbox.codes(record_id) for record_id in ids] == [["RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD"]] * 3


@pytest.mark.days
def test_what_was_lost_and_not_sent_again_is_named(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    """A purged record cannot be sent again; one that the budget left out is only waiting, and both are told."""
    purged, waiting = (kit.queue(outbox, size=20_000, nik=f"331501410790{n:04d}") for n in range(2))
    kit.run(outbox, world.url)
    outbox.purge(purged, kit.clock.now())
    forget(world)

    report = kit.run(outbox, world.url, Budget(max_records=0))

    assert set(report.lost) == {purged, waiting}
    assert not report.counts_agree
    assert outbox.state(waiting) is DeliveryState.QUEUED
    report = kit.run(outbox, world.url)
    assert (report.acknowledged, report.lost) == ((waiting,), (purged,))


@pytest.mark.parametrize("minutes", [-600, 600])
def test_a_wrong_kit_clock_does_not_shut_it_out(world: World, kit: Kit, outbox: SmallOutbox, minutes: int) -> None:
    kit.clock = HandClock(world.clock.at + timedelta(minutes=minutes))
    record_id = kit.queue(outbox)

    report = kit.run(outbox, world.url)

    assert report.acknowledged == (record_id,)
    assert report.clock_skew_s == pytest.approx(-minutes * 60, abs=5)


def test_another_ca_is_not_believed(
    world: World, kit: Kit, outbox: SmallOutbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    impostor = World(tmp_path_factory.mktemp("impostor") / "gateway")
    impostor.start()
    try:
        kit.queue(outbox)
        report = kit.run(outbox, impostor.url)
    finally:
        impostor.stop()
    assert report.stopped_by is not None
    assert report.stopped_by.code == "sync.untrusted_server"
