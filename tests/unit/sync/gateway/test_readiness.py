from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.gateway import Kit, open_plainly, receive

from sync.gateway.blobs import Blobs
from sync.gateway.context import GatewayContext, Limits
from sync.gateway.ledger import Ledger
from sync.gateway.opener import Circumstances, OpenedRecord, Opener
from sync.gateway.penunggalan import NikRule
from sync.gateway.readiness import SetAside, ca_ends_at, readiness, set_aside
from sync.gateway.tables import records
from sync.protocol.messages import Announcement


def arrive(gateway_context: GatewayContext, kit: Kit) -> str:
    record_id, manifest, sealed, _ = kit.record(size=500)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    return record_id


def breaks(_sealed: bytes, _known: Circumstances) -> OpenedRecord:
    raise ZeroDivisionError


def test_a_new_gateway_is_ready_and_what_waits_is_counted(gateway_context: GatewayContext, kit: Kit) -> None:
    assert readiness(gateway_context).is_ready
    arrive(gateway_context, kit)
    word = readiness(gateway_context)
    assert (word.is_ready, word.waiting, word.set_aside, word.lost) == (True, 1, 0, 0)
    assert word.free_bytes > 0
    Opener(gateway_context, open_plainly, NikRule()).run_pending()
    assert readiness(gateway_context).waiting == 0


@pytest.mark.allow_logs
def test_what_waits_for_a_person_is_named(gateway_context: GatewayContext, kit: Kit, folder: Path) -> None:
    record_id = arrive(gateway_context, kit)
    Opener(gateway_context, breaks, NikRule()).run_pending()
    word = readiness(gateway_context, ["opener.stopped"])
    assert (word.is_ready, word.problems) == (False, ("opener.stopped", "records.set_aside"))
    assert (word.waiting, word.set_aside) == (0, 1)
    assert set_aside(gateway_context) == (SetAside(kit.name, record_id, "ZeroDivisionError", 1),)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(lost_at=kit.clock.now()))
    assert readiness(gateway_context).problems == ("records.set_aside", "objects.lost")
    (folder / "objects" / "sealed").rename(folder / "away")
    assert "objects.away" in readiness(gateway_context).problems


def test_a_record_that_is_being_opened_is_not_set_aside(gateway_context: GatewayContext, kit: Kit) -> None:
    arrive(gateway_context, kit)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(set_aside_at=kit.clock.now()))
    assert (readiness(gateway_context).is_ready, set_aside(gateway_context)) == (True, ())


def test_records_that_nobody_opens_are_told_after_an_hour(gateway_context: GatewayContext, kit: Kit) -> None:
    arrive(gateway_context, kit)
    kit.clock.advance(seconds=3599)
    assert readiness(gateway_context).problems == ()
    kit.clock.advance(seconds=2)
    word = readiness(gateway_context)
    assert (word.is_ready, word.problems) == (True, ("opener.behind",))
    Opener(gateway_context, open_plainly, NikRule()).run_pending()
    assert readiness(gateway_context).problems == ()


def test_a_disk_below_its_reserve_is_told(gateway_context: GatewayContext) -> None:
    full = replace(gateway_context, limits=Limits(reserve_bytes=2**60))
    assert (readiness(full).problems, readiness(full).free_bytes) == (("disk.full",), 0)


def test_an_authority_that_ends_is_told_in_time(gateway_context: GatewayContext, kit: Kit) -> None:
    kit.clock.advance(days=16 * 365)
    assert readiness(gateway_context).problems == ()
    kit.clock.advance(days=366)
    word = readiness(gateway_context)
    assert (word.is_ready, word.problems) == (True, ("ca.ends",))
    assert (ca_ends_at(gateway_context) - kit.clock.now()).days < 3 * 365


@pytest.mark.parametrize(
    ("free", "left", "is_full"), [(None, -1, False), (99, 0, True), (100, 0, True), (101, 1, False)]
)
def test_what_is_left_is_told_above_the_reserve(
    gateway_context: GatewayContext, monkeypatch: pytest.MonkeyPatch, free: int | None, left: int, is_full: bool
) -> None:
    monkeypatch.setattr(Blobs, "free_bytes", lambda _self: free)
    word = readiness(replace(gateway_context, limits=Limits(reserve_bytes=100)))
    assert (word.free_bytes, "disk.full" in word.problems) == (left, is_full)


def test_what_waits_is_behind_after_its_hour_and_nothing_else_is(gateway_context: GatewayContext, kit: Kit) -> None:
    ids, at = [arrive(gateway_context, kit) for _ in range(4)], kit.clock.now()
    changes = ({"verdict": "valid"}, {"lost_at": at}, {"set_aside_at": at, "set_aside_error": "KeyError"})
    with gateway_context.engine.begin() as connection:
        for record_id, values in zip(ids, changes, strict=False):
            connection.execute(sa.update(records).filter_by(record_id=record_id).values(**values))
    word = readiness(gateway_context)
    assert (word.waiting, word.set_aside, word.lost) == (1, 1, 1)
    kit.clock.advance(hours=1)
    assert "opener.behind" not in readiness(gateway_context).problems
    kit.clock.advance(seconds=1)
    assert "opener.behind" in readiness(gateway_context).problems
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).filter_by(record_id=ids[3]).values(verdict="valid"))
    assert "opener.behind" not in readiness(gateway_context).problems


@pytest.mark.parametrize(("later", "ends"), [(timedelta(0), False), (timedelta(seconds=1), True)])
def test_an_authority_ends_soon_with_the_last_life_of_a_kit(
    gateway_context: GatewayContext, kit: Kit, later: timedelta, ends: bool
) -> None:
    kit.clock.at = ca_ends_at(gateway_context) - timedelta(days=3 * 365) + later
    assert ("ca.ends" in readiness(gateway_context).problems) is ends
