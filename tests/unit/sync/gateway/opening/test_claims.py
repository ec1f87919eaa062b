from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit, receive

from sync.gateway.context import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.opening.claims import LEASE, QUICK_TRIES, Claim, Claims
from sync.gateway.tables import records
from sync.protocol.messages import Announcement


def arrive(gateway_context: GatewayContext, kit: Kit) -> str:
    record_id, manifest, sealed, _ = kit.record(size=200)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    return record_id


def row_of(gateway_context: GatewayContext, record_id: str) -> Any:
    with gateway_context.engine.begin() as connection:
        return connection.execute(sa.select(records).where(records.c.record_id == record_id)).one()


def all_of(claims: Claims) -> list[str]:
    taken: list[Claim] = []
    while claim := claims.take(taken[-1] if taken else None):
        taken.append(claim)
    return [claim.row.record_id for claim in taken]


def taken(claims: Claims) -> Claim:
    claim = claims.take(None)
    assert claim is not None
    return claim


def test_records_are_taken_in_their_order_and_by_one_opener(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock
) -> None:
    ids = []
    for _ in range(3):
        ids.append(arrive(gateway_context, kit))
        clock.advance(seconds=1)
    one, other = Claims(gateway_context), Claims(gateway_context)
    first, second = taken(one), taken(other)
    assert [first.row.record_id, second.row.record_id, *all_of(one)] == ids
    assert all_of(other) == []


def test_two_that_were_received_at_one_moment_are_both_taken(
    gateway_context: GatewayContext, kit: Kit, folder: Any, clock: HandClock
) -> None:
    other = enrolled_kit(folder, gateway_context, clock, "kit-02")
    ids = {arrive(gateway_context, each) for each in (kit, other, kit, other)}
    assert set(all_of(Claims(gateway_context))) == ids


def test_what_was_given_back_waits_again_but_not_in_the_same_round(gateway_context: GatewayContext, kit: Kit) -> None:
    first, second = arrive(gateway_context, kit), arrive(gateway_context, kit)
    first, second = sorted((first, second))  # received at one moment
    claims = Claims(gateway_context)
    claim = taken(claims)
    claims.give_back(claim)
    assert row_of(gateway_context, first).tries == 0
    behind = claims.take(claim)
    assert behind is not None
    assert behind.row.record_id == second
    assert taken(claims).row.record_id == first


def test_the_claim_of_a_dead_opener_ends_and_is_counted(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock
) -> None:
    record_id = arrive(gateway_context, kit)
    for number in range(1, QUICK_TRIES + 1):
        claims = Claims(gateway_context)
        claims.reclaim()
        assert taken(claims).row.record_id == record_id
        assert row_of(gateway_context, record_id).tries == number
        claims.reclaim()
        assert claims.take(None) is None
        clock.advance(seconds=LEASE.total_seconds() + 1)
    claims = Claims(gateway_context)
    claims.reclaim()
    assert claims.take(None) is None
    assert row_of(gateway_context, record_id).set_aside_error == "ProcessDied"


@pytest.mark.parametrize("late", ["give_back", "set_aside"])
def test_an_opener_that_took_too_long_changes_nothing_for_the_next(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock, late: str
) -> None:
    record_id = arrive(gateway_context, kit)
    slow, quick = Claims(gateway_context), Claims(gateway_context)
    old = taken(slow)
    clock.advance(seconds=LEASE.total_seconds() + 1)
    quick.reclaim()
    new = taken(quick)
    getattr(slow, late)(old, *(["ZeroDivisionError"] if late == "set_aside" else []))
    row = row_of(gateway_context, record_id)
    assert (row.set_aside_at, row.set_aside_error, row.tries) == (new.at, "", 2)


def test_a_start_releases_only_what_nobody_holds(gateway_context: GatewayContext, kit: Kit, clock: HandClock) -> None:
    """Of the one process of an SQLite file every claim is over; on a server others may be at work."""
    arrive(gateway_context, kit)
    claims = Claims(gateway_context, lease=timedelta(minutes=1))
    claims._lease_at_start = timedelta(minutes=1)  # as on a server
    taken(claims)
    assert claims.release() == 0
    clock.advance(seconds=61)
    assert claims.release() == 1
    taken(claims)
    assert Claims(gateway_context).release() == 1


def change(gateway_context: GatewayContext, record_id: str, **values: object) -> None:
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).filter_by(record_id=record_id).values(**values))


def test_only_what_waits_is_taken_with_its_own_manifest(
    gateway_context: GatewayContext, kit: Kit, folder: Any, clock: HandClock
) -> None:
    other = enrolled_kit(folder, gateway_context, clock, "kit-02")
    now, ids = clock.now(), [arrive(gateway_context, kit) for _ in range(6)]
    _, manifest, sealed, sha256 = other.record(size=300, record_id=ids[5])
    Ledger(gateway_context).announce(other.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, other, ids[5], sealed)
    aside = {"set_aside_at": now, "set_aside_error": "KeyError"}
    for record_id, values in zip(
        ids,
        ({"verdict": "valid"}, {"verdict": "invalid"}, {"lost_at": now}, {"set_aside_at": now}, aside),
        strict=False,
    ):
        change(gateway_context, record_id, **values)
    claims = Claims(gateway_context)
    first = taken(claims)
    second = claims.take(first)
    assert second is not None
    assert claims.take(second) is None
    assert [(each.row.kit, each.row.record_id) for each in (first, second)] == [("kit-01", ids[5]), ("kit-02", ids[5])]
    assert (second.row.size_bytes, second.row.sha256) == (300, sha256)
    with gateway_context.reading() as connection:
        tries = sa.select(records.c.kit, records.c.tries).where(records.c.tries > 0).order_by(records.c.kit)
        assert connection.execute(tries).all() == [("kit-01", 1), ("kit-02", 1)]


@pytest.mark.parametrize(
    ("error", "tries", "age", "left"),
    [
        ("", 1, LEASE, "held"),
        ("", 1, LEASE + timedelta(seconds=1), "waits"),
        ("", QUICK_TRIES - 1, LEASE + timedelta(seconds=1), "waits"),
        ("", QUICK_TRIES, LEASE + timedelta(seconds=1), "ProcessDied"),
        ("KeyError", 1, LEASE + timedelta(seconds=1), "KeyError"),
    ],
)
def test_a_claim_that_is_too_old_is_over(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock, error: str, tries: int, age: timedelta, left: str
) -> None:
    record_id = arrive(gateway_context, kit)
    change(gateway_context, record_id, set_aside_at=clock.now() - age, set_aside_error=error, tries=tries)
    Claims(gateway_context).reclaim()
    row = row_of(gateway_context, record_id)
    assert (row.set_aside_error or ("waits" if row.set_aside_at is None else "held")) == left


@pytest.mark.parametrize(
    ("error", "tries", "age", "is_released"),
    [
        ("KeyError", QUICK_TRIES - 1, timedelta(0), True),
        ("KeyError", QUICK_TRIES, timedelta(days=1), False),
        ("KeyError", QUICK_TRIES, timedelta(days=1, seconds=1), True),
        ("", QUICK_TRIES - 1, LEASE - timedelta(seconds=1), False),
        ("", QUICK_TRIES - 1, LEASE, True),
    ],
)
def test_a_start_tries_again_what_failed_seldom_or_long_ago(
    gateway_context: GatewayContext,
    kit: Kit,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    error: str,
    tries: int,
    age: timedelta,
    is_released: bool,
) -> None:
    record_id = arrive(gateway_context, kit)
    change(gateway_context, record_id, set_aside_at=clock.now() - age, set_aside_error=error, tries=tries)
    with monkeypatch.context() as patch:  # where others may be at work
        patch.setattr(gateway_context.engine.dialect, "name", "postgresql")
        claims = Claims(gateway_context)
    assert claims.release() == is_released
    assert (row_of(gateway_context, record_id).set_aside_at is None) is is_released


def test_a_claim_that_came_to_an_end_is_given_back_no_more(gateway_context: GatewayContext, kit: Kit) -> None:
    first, second = sorted(arrive(gateway_context, kit) for _ in range(2))
    claims = Claims(gateway_context)
    claim = taken(claims)
    claims.take(claim)
    claims.set_aside(claim, "x" * 81)
    claims.give_back(claim)
    rows = [row_of(gateway_context, each) for each in (first, second)]
    assert [(row.set_aside_error, row.tries, row.set_aside_at is None) for row in rows] == [
        ("x" * 80, 1, False),
        ("", 1, False),
    ]
