from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.gateway import Kit, open_plainly, receive

from sync.gateway.house import House, Limits
from sync.gateway.ledger import Ledger
from sync.gateway.opener import Circumstances, OpenedRecord, Opener
from sync.gateway.penunggalan import NikRule
from sync.gateway.readiness import SetAside, ca_ends_at, readiness, set_aside
from sync.gateway.tables import records
from sync.protocol.messages import Announcement


def arrive(house: House, kit: Kit) -> str:
    record_id, manifest, sealed, _ = kit.record(size=500)
    Ledger(house).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(house, kit, record_id, sealed)
    return record_id


def breaks(_sealed: bytes, _known: Circumstances) -> OpenedRecord:
    raise ZeroDivisionError


def test_a_new_gateway_is_ready_and_what_waits_is_counted(house: House, kit: Kit) -> None:
    assert readiness(house).is_ready
    arrive(house, kit)
    word = readiness(house)
    assert (word.is_ready, word.waiting, word.set_aside, word.lost) == (True, 1, 0, 0)
    assert word.free_bytes > 0
    Opener(house, open_plainly, NikRule()).run_pending()
    assert readiness(house).waiting == 0


@pytest.mark.allow_logs
def test_what_waits_for_a_person_is_named(house: House, kit: Kit, folder: Path) -> None:
    record_id = arrive(house, kit)
    Opener(house, breaks, NikRule()).run_pending()
    word = readiness(house, ["opener.stopped"])
    assert (word.is_ready, word.problems) == (False, ("opener.stopped", "records.set_aside"))
    assert (word.waiting, word.set_aside) == (0, 1)
    assert set_aside(house) == (SetAside(kit.name, record_id, "ZeroDivisionError", 1),)
    with house.engine.begin() as connection:
        connection.execute(sa.update(records).values(lost_at=kit.clock.now()))
    assert readiness(house).problems == ("records.set_aside", "objects.lost")
    (folder / "objects" / "sealed").rename(folder / "away")
    assert "objects.away" in readiness(house).problems


def test_a_record_that_is_being_opened_is_not_set_aside(house: House, kit: Kit) -> None:
    arrive(house, kit)
    with house.engine.begin() as connection:
        connection.execute(sa.update(records).values(set_aside_at=kit.clock.now()))
    assert (readiness(house).is_ready, set_aside(house)) == (True, ())


def test_a_disk_below_its_reserve_is_told(house: House) -> None:
    full = replace(house, limits=Limits(reserve_bytes=2**60))
    assert (readiness(full).problems, readiness(full).free_bytes) == (("disk.full",), 0)


def test_an_authority_that_ends_is_told_in_time(house: House, kit: Kit) -> None:
    kit.clock.advance(days=16 * 365)
    assert readiness(house).problems == ()
    kit.clock.advance(days=366)
    word = readiness(house)
    assert (word.is_ready, word.problems) == (True, ("ca.ends",))
    assert (ca_ends_at(house) - kit.clock.now()).days < 3 * 365
