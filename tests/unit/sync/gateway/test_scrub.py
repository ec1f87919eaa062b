from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.gateway import Kit, receive

from fieldkit.domain.errors import KnownError
from sync.gateway import custody, provision
from sync.gateway.blobs import Blobs
from sync.gateway.custody import Finding, Scrub, ScrubWorker
from sync.gateway.database import GatewayContext, Limits
from sync.gateway.ledger import Ledger
from sync.gateway.tables import records
from sync.protocol.messages import Announcement
from tests.unit.sync.gateway.conftest import enrolled

Arrive = Callable[[], tuple[str, Path, bytes]]


@pytest.fixture
def arrive(gateway_context: GatewayContext, kit: Kit, folder: Path) -> Arrive:
    def one() -> tuple[str, Path, bytes]:
        record_id, manifest, sealed, sha256 = kit.record(size=2000)
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        receive(gateway_context, kit, record_id, sealed)
        return record_id, provision.sealed_path(folder, sha256), sealed

    return one


def lost(gateway_context: GatewayContext) -> set[str]:
    with gateway_context.engine.begin() as connection:
        return set(connection.scalars(sa.select(records.c.record_id).where(records.c.lost_at.is_not(None))))


@pytest.mark.allow_logs
def test_every_object_is_read_and_what_is_wrong_is_named(
    gateway_context: GatewayContext, kit: Kit, arrive: Arrive, folder: Path
) -> None:
    good, (gone, gone_path, content), (harmed, harmed_path, whole) = arrive(), arrive(), arrive()
    assert Scrub(gateway_context).run().lost == ()
    gone_path.unlink()
    harmed_path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    gateway_context.blobs.put("sealed/ab/cd/stranger", b"nobody's")
    kit.clock.advance(hours=1)

    report = Scrub(gateway_context).run()

    assert (report.checked, report.checked_bytes) == (3, 6000)
    assert set(report.lost) == {Finding(kit.name, gone, "missing"), Finding(kit.name, harmed, "damaged")}
    assert report.unknown == ("sealed/ab/cd/stranger",)
    assert gateway_context.blobs.get("sealed/ab/cd/stranger") == b"nobody's"
    assert lost(gateway_context) == {gone, harmed}
    with gateway_context.engine.begin() as connection:
        verified = connection.scalar(sa.select(records.c.verified_at).where(records.c.record_id == good[0]))
    assert verified == kit.clock.now()

    gone_path.write_bytes(content)
    assert [finding.record_id for finding in Scrub(gateway_context).run().found_again] == [gone]
    assert lost(gateway_context) == {harmed}


def test_what_cannot_be_read_now_is_not_lost(gateway_context: GatewayContext, arrive: Arrive, folder: Path) -> None:
    record_id, path, _ = arrive()
    path.unlink()
    path.mkdir()
    assert [(each.record_id, each.fault) for each in Scrub(gateway_context).run().unreadable] == [
        (record_id, "IsADirectoryError")
    ]
    (folder / "objects" / "sealed").rename(folder / "away")
    with pytest.raises(KnownError, match=r"gateway\.objects_away"):
        Scrub(gateway_context).run()
    assert not lost(gateway_context)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.delete(records))
    assert Scrub(gateway_context).run().checked == 0  # without records nothing can be away


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen")


@pytest.mark.allow_logs
def test_the_executor_finds_a_gone_object_at_once_and_a_flipped_bit_in_its_turn(
    gateway_context: GatewayContext, kit: Kit, arrive: Arrive
) -> None:
    (gone, gone_path, _), (harmed, harmed_path, whole), _good = arrive(), arrive(), arrive()
    gone_path.unlink()
    harmed_path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    executor = ScrubWorker(replace(gateway_context, limits=Limits(scrub_every=timedelta(days=7))), every_s=0.02)
    executor.start()
    try:
        wait_until(lambda: lost(gateway_context) == {gone})
        kit.clock.advance(days=8)
        wait_until(lambda: lost(gateway_context) == {gone, harmed})
        wait_until(lambda: Scrub(gateway_context).next_due() is None)
        assert executor.is_alive
    finally:
        executor.stop()
    assert not executor.is_alive


@pytest.mark.allow_logs
def test_a_look_goes_page_by_page_to_the_end(
    gateway_context: GatewayContext, arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {record_id: path for record_id, path, _ in (arrive() for _ in range(5))}
    monkeypatch.setattr("sync.gateway.custody._PAGE", 2)
    gone = {min(made), max(made)}
    for record_id in gone:
        made[record_id].unlink()
    Scrub(gateway_context).look()
    assert lost(gateway_context) == gone


def test_the_executor_is_slow_and_stops_in_the_middle(
    gateway_context: GatewayContext, kit: Kit, arrive: Arrive
) -> None:
    for _ in range(3):
        arrive()
    kit.clock.advance(days=8)
    slow = replace(gateway_context, limits=Limits(scrub_bytes_per_s=2))  # a thousand seconds for each object
    executor = ScrubWorker(slow)
    executor.start()

    def verified() -> int:
        query = sa.select(sa.func.count()).select_from(records).where(records.c.verified_at == kit.clock.now())
        with gateway_context.engine.begin() as connection:
            return connection.scalar(query) or 0

    wait_until(lambda: verified() == 1)
    time.sleep(0.1)
    executor.stop()
    assert verified() == 1


def test_the_executor_survives_a_disk_that_is_away(
    gateway_context: GatewayContext,
    kit: Kit,
    arrive: Arrive,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    arrive()
    kit.clock.advance(days=8)
    (folder / "objects" / "sealed").rename(folder / "away")
    executor = ScrubWorker(gateway_context, every_s=0.02)
    executor.start()
    wait_until(lambda: bool(caplog.messages))
    assert executor.is_alive
    (folder / "away").rename(folder / "objects" / "sealed")
    wait_until(lambda: Scrub(gateway_context).next_due() is None)
    executor.stop()
    assert not lost(gateway_context)


def test_of_two_kits_each_record_is_compared_with_its_own_manifest(
    gateway_context: GatewayContext, kit: Kit, arrive: Arrive, folder: Path
) -> None:
    record_id, _, _ = arrive()
    arrive()
    other = enrolled(folder, gateway_context, kit.clock, "kit-02")
    _, manifest, sealed, _ = other.record(size=900, record_id=record_id)
    Ledger(gateway_context).announce(other.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, other, record_id, sealed)
    report = Scrub(gateway_context).run()
    assert (report.checked, report.checked_bytes, report.lost) == (3, 4900, ())


@pytest.mark.allow_logs
@pytest.mark.parametrize("is_near", [True, False])
def test_far_away_only_what_was_called_lost_is_looked_at(
    gateway_context: GatewayContext, arrive: Arrive, monkeypatch: pytest.MonkeyPatch, is_near: bool
) -> None:
    (_back, back_path, content), (gone, gone_path, _), _whole = arrive(), arrive(), arrive()
    back_path.unlink()
    Scrub(gateway_context).run()
    back_path.write_bytes(content)
    gone_path.unlink()
    monkeypatch.setattr(Blobs, "is_near", is_near)
    Scrub(gateway_context).look()
    assert lost(gateway_context) == ({gone} if is_near else set())


def test_what_was_read_longest_ago_is_due_unless_it_is_lost(
    gateway_context: GatewayContext, kit: Kit, arrive: Arrive
) -> None:
    every, due = gateway_context.limits.scrub_every, Scrub(gateway_context).next_due
    first, _, _ = arrive()
    kit.clock.advance(seconds=1)
    second, _, _ = arrive()
    kit.clock.advance(seconds=every.total_seconds() - 1)
    assert due() is None
    kit.clock.advance(seconds=1)
    assert [row.record_id for row in (due(),) if row] == [first]
    with gateway_context.engine.begin() as connection:
        lose = sa.update(records).where(records.c.record_id == first)
        connection.execute(lose.values(lost_at=kit.clock.now()))
    assert due() is None
    kit.clock.advance(seconds=1)
    assert [row.record_id for row in (due(),) if row] == [second]


@pytest.mark.allow_logs
@pytest.mark.parametrize("is_ours", [True, False])
def test_all_are_looked_at_once_a_day_by_one_worker(
    gateway_context: GatewayContext, kit: Kit, arrive: Arrive, monkeypatch: pytest.MonkeyPatch, is_ours: bool
) -> None:
    """The others wait for a day that never comes; what is due is read by nobody else either."""
    (gone, gone_path, _), (due, due_path, _) = arrive(), arrive()
    rounds, acts = [0], {}

    @contextmanager
    def counted(*_: object) -> Iterator[bool]:
        rounds[0] += 1
        acts.get(rounds[0], lambda: None)()
        yield is_ours

    monkeypatch.setattr(custody, "alone", counted)
    executor = ScrubWorker(replace(gateway_context, limits=Limits(scrub_every=timedelta(days=7))), every_s=0.0)
    seen: dict[int, set[str]] = {}
    acts |= {
        3: gone_path.unlink,
        4: lambda: kit.clock.advance(days=1),
        6: lambda: (seen.update({6: lost(gateway_context)}), kit.clock.advance(seconds=1)),
        8: lambda: (seen.update({8: lost(gateway_context)}), due_path.unlink(), kit.clock.advance(days=8)),
    }
    executor.start()
    wait_until(lambda: rounds[0] >= 10)
    executor.stop()
    assert seen == {6: set(), 8: {gone} if is_ours else set()}
    assert lost(gateway_context) == ({gone, due} if is_ours else set())
