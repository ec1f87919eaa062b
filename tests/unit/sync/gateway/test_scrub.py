from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.gateway import Kit, receive

from fieldkit.domain.errors import KnownError
from sync.gateway import provision
from sync.gateway.house import House, Limits
from sync.gateway.ledger import Ledger
from sync.gateway.scrub import Finding, Scrub, ScrubLane
from sync.gateway.tables import records
from sync.protocol.messages import Announcement

Arrive = Callable[[], tuple[str, Path, bytes]]


@pytest.fixture
def arrive(house: House, kit: Kit, folder: Path) -> Arrive:
    def one() -> tuple[str, Path, bytes]:
        record_id, manifest, sealed, sha256 = kit.record(size=2000)
        Ledger(house).announce(kit.name, Announcement(manifests=(manifest,)))
        receive(house, kit, record_id, sealed)
        return record_id, provision.sealed_path(folder, sha256), sealed

    return one


def lost(house: House) -> set[str]:
    with house.engine.begin() as connection:
        return set(connection.scalars(sa.select(records.c.record_id).where(records.c.lost_at.is_not(None))))


@pytest.mark.allow_logs
def test_every_object_is_read_and_what_is_wrong_is_named(house: House, kit: Kit, arrive: Arrive, folder: Path) -> None:
    good, (gone, gone_path, content), (harmed, harmed_path, whole) = arrive(), arrive(), arrive()
    assert Scrub(house).run().lost == ()
    gone_path.unlink()
    harmed_path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    house.blobs.put("sealed/ab/cd/stranger", b"nobody's")
    kit.clock.advance(hours=1)

    report = Scrub(house).run()

    assert (report.checked, report.checked_bytes) == (3, 6000)
    assert set(report.lost) == {Finding(kit.name, gone, "missing"), Finding(kit.name, harmed, "damaged")}
    assert report.unknown == ("sealed/ab/cd/stranger",)
    assert house.blobs.get("sealed/ab/cd/stranger") == b"nobody's"
    assert lost(house) == {gone, harmed}
    with house.engine.begin() as connection:
        verified = connection.scalar(sa.select(records.c.verified_at).where(records.c.record_id == good[0]))
    assert verified == kit.clock.now()

    gone_path.write_bytes(content)
    assert [finding.record_id for finding in Scrub(house).run().found_again] == [gone]
    assert lost(house) == {harmed}


def test_what_cannot_be_read_now_is_not_lost(house: House, arrive: Arrive, folder: Path) -> None:
    record_id, path, _ = arrive()
    path.unlink()
    path.mkdir()
    assert [(each.record_id, each.fault) for each in Scrub(house).run().unreadable] == [
        (record_id, "IsADirectoryError")
    ]
    (folder / "objects" / "sealed").rename(folder / "away")
    with pytest.raises(KnownError, match=r"gateway\.objects_away"):
        Scrub(house).run()
    assert not lost(house)


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen")


@pytest.mark.allow_logs
def test_the_lane_finds_a_gone_object_at_once_and_a_flipped_bit_in_its_turn(
    house: House, kit: Kit, arrive: Arrive
) -> None:
    (gone, gone_path, _), (harmed, harmed_path, whole), _good = arrive(), arrive(), arrive()
    gone_path.unlink()
    harmed_path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    lane = ScrubLane(replace(house, limits=Limits(scrub_every=timedelta(days=7))), every_s=0.02)
    lane.start()
    try:
        wait_until(lambda: lost(house) == {gone})
        kit.clock.advance(days=8)
        wait_until(lambda: lost(house) == {gone, harmed})
        wait_until(lambda: Scrub(house).next_due() is None)
        assert lane.is_alive
    finally:
        lane.stop()
    assert not lane.is_alive


def test_the_lane_is_slow_and_stops_in_the_middle(house: House, kit: Kit, arrive: Arrive) -> None:
    for _ in range(3):
        arrive()
    kit.clock.advance(days=8)
    slow = replace(house, limits=Limits(scrub_bytes_per_s=2))  # a thousand seconds for each object
    lane = ScrubLane(slow)
    lane.start()

    def verified() -> int:
        query = sa.select(sa.func.count()).select_from(records).where(records.c.verified_at == kit.clock.now())
        with house.engine.begin() as connection:
            return connection.scalar(query) or 0

    wait_until(lambda: verified() == 1)
    time.sleep(0.1)
    lane.stop()
    assert verified() == 1


def test_the_lane_survives_a_disk_that_is_away(
    house: House,
    kit: Kit,
    arrive: Arrive,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    arrive()
    kit.clock.advance(days=8)
    (folder / "objects" / "sealed").rename(folder / "away")
    lane = ScrubLane(house, every_s=0.02)
    lane.start()
    wait_until(lambda: bool(caplog.messages))
    assert lane.is_alive
    (folder / "away").rename(folder / "objects" / "sealed")
    wait_until(lambda: Scrub(house).next_due() is None)
    lane.stop()
    assert not lost(house)
