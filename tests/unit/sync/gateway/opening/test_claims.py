from __future__ import annotations

import itertools
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit, receive
from support.locks import noting_locks

from fieldkit.domain.delivery import MANIFEST_TYP
from fieldkit.domain.errors import InputError
from fieldkit.vault.device_trust import CompactJws
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.opening.claims import (
    LEASE,
    QUICK_TRIES,
    ChainGap,
    Claim,
    Claims,
    count_missing,
    explain,
    explained,
    missing,
    note_manifest,
)
from sync.gateway.routes import readiness
from sync.gateway.tables import records
from sync.protocol.messages import Announcement, Manifest


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


DAY = timedelta(days=1)
NONE = timedelta(0)


def announce(gateway_context: GatewayContext, kit: Kit, *sequences: int) -> None:
    manifests = []
    for sequence in sequences:
        kit.sequence = sequence - 1
        manifests.append(kit.record(size=100)[1])
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=tuple(manifests)))


def signed(kit: Kit, sequence: int, previous: str) -> tuple[str, str]:
    """Sign a manifest that names the record before it; return it and the digest of its record."""
    kit.sequence = sequence - 1
    _, manifest, _, sha256 = kit.record(size=100)
    payload = {**CompactJws.parse(manifest).payload, "previous": previous}
    return kit.signer.sign(payload, MANIFEST_TYP), sha256


def say(gateway_context: GatewayContext, kit: Kit, *manifests: str) -> None:
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=manifests))


def places(gateway_context: GatewayContext) -> list[tuple[int, int]]:
    return sorted((gap.first, gap.last) for gap in missing(gateway_context, patience=NONE))


def test_a_chain_without_a_hole_has_no_gap(gateway_context: GatewayContext, kit: Kit) -> None:
    announce(gateway_context, kit, 1, 2, 3, 3)
    assert places(gateway_context) == []


def test_a_gap_is_told_after_a_day_and_closed_by_who_comes_late(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock
) -> None:
    began = clock.now()
    announce(gateway_context, kit, 1, 4)
    assert (missing(gateway_context), readiness(gateway_context).gaps) == ((), 0)
    clock.advance(days=1)
    (gap,) = missing(gateway_context)
    assert gap == ChainGap(kit.name, "c1", 2, 3, began)
    assert gap.count == 2
    word = readiness(gateway_context)
    assert (word.is_ready, word.gaps, word.problems) == (True, 1, ("chain.gap",))
    announce(gateway_context, kit, 3)
    assert missing(gateway_context) == (ChainGap(kit.name, "c1", 2, 2, began),)
    announce(gateway_context, kit, 2)
    assert (missing(gateway_context), readiness(gateway_context).problems) == ((), ())


def test_a_record_amid_a_gap_leaves_two(gateway_context: GatewayContext, kit: Kit) -> None:
    announce(gateway_context, kit, 9, 5)
    assert places(gateway_context) == [(1, 4), (6, 8)]


def test_gaps_of_one_kit_are_asked_for_alone_and_no_more_than_wanted(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock
) -> None:
    announce(gateway_context, kit, 2, 4, 6)
    assert missing(gateway_context, "kit-99", NONE) == ()
    assert len(missing(gateway_context, kit.name, NONE, limit=2)) == 2


@pytest.mark.parametrize("seed", range(3))
def test_in_whatever_order_they_come_the_gaps_are_what_is_missing(
    gateway_context: GatewayContext, kit: Kit, seed: int
) -> None:
    chance = random.Random(seed)
    order = chance.sample(range(1, 30), 20)
    announce(gateway_context, kit, *order)
    absent = sorted(set(range(1, max(order))) - set(order))
    assert [place for first, last in places(gateway_context) for place in range(first, last + 1)] == absent
    announce(gateway_context, kit, *absent)
    assert places(gateway_context) == []


def test_a_number_at_the_end_of_all_numbers_is_a_gap_like_others(gateway_context: GatewayContext, kit: Kit) -> None:
    announce(gateway_context, kit, 2**63 - 1)
    assert places(gateway_context) == [(1, 2**63 - 2)]
    announce(gateway_context, kit, 2**62)
    assert places(gateway_context) == [(1, 2**62 - 1), (2**62 + 1, 2**63 - 2)]


def test_what_a_person_explained_is_told_no_more_and_still_closes(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock
) -> None:
    announce(gateway_context, kit, 1, 5)
    clock.advance(days=2)
    gap = explain(gateway_context, kit.name, "c1", 2, " laptop \n terbakar ")
    assert (gap.first, gap.last, gap.known_why) == (2, 4, "laptop terbakar")
    assert (missing(gateway_context), readiness(gateway_context).problems) == ((), ())
    announce(gateway_context, kit, 3)
    assert [(gap.first, gap.last, gap.known_why) for gap in explained(gateway_context, kit.name)] == [
        (2, 2, "laptop terbakar"),
        (4, 4, "laptop terbakar"),
    ]
    announce(gateway_context, kit, 2, 4)
    assert explained(gateway_context) == ()


@pytest.mark.parametrize(
    ("first", "why", "code"),
    [(3, "x", "gateway.no_gap"), (2, "", "gateway.gap_reason"), (2, "x" * 201, "gateway.gap_reason")],
)
def test_an_explanation_wants_a_gap_and_a_reason(
    gateway_context: GatewayContext, kit: Kit, first: int, why: str, code: str
) -> None:
    announce(gateway_context, kit, 1, 5)
    with pytest.raises(InputError) as caught:
        explain(gateway_context, kit.name, "c1", first, why)
    assert caught.value.code == code
    assert explained(gateway_context) == ()


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_record_that_was_dropped_and_replaced_is_missing_until_it_comes(
    gateway_context: GatewayContext, kit: Kit, order: tuple[int, ...]
) -> None:
    """The third names another second than the one that was announced, in whatever order they came."""
    first, first_digest = signed(kit, 1, "")
    dropped, dropped_digest = signed(kit, 2, first_digest)
    in_its_place, _ = signed(kit, 2, first_digest)
    third, _ = signed(kit, 3, dropped_digest)
    say(gateway_context, kit, *([first, in_its_place, third][place] for place in order))
    assert places(gateway_context) == [(2, 2)]
    say(gateway_context, kit, dropped)
    assert places(gateway_context) == []


def test_an_older_copy_that_was_put_back_is_a_fork_and_no_gap(gateway_context: GatewayContext, kit: Kit) -> None:
    first, first_digest = signed(kit, 1, "")
    second, second_digest = signed(kit, 2, first_digest)
    third, _ = signed(kit, 3, second_digest)
    other, other_digest = signed(kit, 2, first_digest)
    after_other, _ = signed(kit, 3, other_digest)
    say(gateway_context, kit, first, second, third, other, after_other)
    assert places(gateway_context) == []


def test_the_question_is_answered_by_an_index(gateway_context: GatewayContext, kit: Kit) -> None:
    with gateway_context.engine.begin() as connection:
        assert count_missing(gateway_context, connection) == 0
        plan = connection.execute(
            sa.text("EXPLAIN QUERY PLAN SELECT count(*) FROM chain_gaps WHERE known_why = '' AND since <= '2026'")
        )
        assert "chain_gaps_by_age" in str(plan.all())


def signed_in(kit: Kit, chain: str, sequence: int, previous: str = "") -> tuple[str, str]:
    manifest, sha256 = signed(kit, sequence, previous)
    return kit.signer.sign({**CompactJws.parse(manifest).payload, "chain": chain}, MANIFEST_TYP), sha256


def test_each_chain_of_each_kit_has_its_own_gaps(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other = enrolled_kit(folder, gateway_context, clock, "kit-02")
    announce(gateway_context, kit, 1, 2, 3)
    announce(gateway_context, other, 1, 2, 3, 9)
    first, first_digest = signed_in(kit, "c2", 1)
    third, _ = signed_in(kit, "c2", 3, "ab" * 32)
    in_its_place, _ = signed_in(kit, "c2", 2, first_digest)
    say(gateway_context, kit, first, third, in_its_place, signed_in(kit, "c2", 7)[0], signed_in(kit, "c3", 2)[0])
    assert [(gap.kit, gap.chain, gap.first, gap.last) for gap in missing(gateway_context, patience=NONE)] == [
        ("kit-01", "c3", 1, 1),
        ("kit-01", "c2", 2, 2),
        ("kit-01", "c2", 4, 6),
        ("kit-02", "c1", 4, 8),
    ]
    explain(gateway_context, "kit-01", "c2", 4, "w" * 200)
    assert [(gap.chain, gap.first) for gap in explained(gateway_context)] == [("c2", 4)]
    assert explained(gateway_context, "kit-02") == ()
    assert [gap.first for gap in missing(gateway_context, "kit-01", NONE)] == [1, 2]
    with pytest.raises(InputError, match=r"gateway\.gap_reason"):
        explain(gateway_context, "kit-01", "c2", 2, "bell \a")


def test_who_numbers_nothing_or_begins_behind_something_has_no_gap(gateway_context: GatewayContext, kit: Kit) -> None:
    say(gateway_context, kit, *(signed_in(kit, "", number)[0] for number in (3, 9)))
    say(gateway_context, kit, signed_in(kit, "c1", 1, "ab" * 32)[0], signed_in(kit, "c1", 1, "cd" * 32)[0])
    assert places(gateway_context) == []


def test_two_that_miss_the_same_leave_one_gap(gateway_context: GatewayContext, kit: Kit) -> None:
    first, first_digest = signed(kit, 1, "")
    thirds = [signed(kit, 3, "ab" * 32)[0] for _ in range(2)]
    say(gateway_context, kit, first, signed(kit, 2, first_digest)[0])
    for third in thirds:
        say(gateway_context, kit, third)
        assert places(gateway_context) == [(2, 2)]


def test_manifests_of_one_kit_are_kept_one_after_the_other(gateway_context: GatewayContext, kit: Kit) -> None:
    with noting_locks(gateway_context.engine) as locks:
        announce(gateway_context, kit, 1)
        assert locks == ["kits.kit = 'kit-01' FOR NO KEY UPDATE"]
        announce(gateway_context, kit, 9)
    assert set(locks[1:]) == {"kits.kit = 'kit-01' FOR NO KEY UPDATE"}
    with noting_locks(gateway_context.engine) as locks, gateway_context.engine.begin() as connection:
        payload = CompactJws.parse(kit.record(size=100)[1]).payload
        note_manifest(connection, Manifest.model_validate(payload), gateway_context.clock.now())
    assert locks == ["kits.kit = 'kit-01' FOR NO KEY UPDATE"]


def test_before_the_first_place_nothing_is_missing(gateway_context: GatewayContext, kit: Kit) -> None:
    """A record at place 0 is of nobody's numbering: the first place names none before it."""
    zero, _ = signed(kit, 0, "")
    first, _ = signed(kit, 1, "0" * 64)
    say(gateway_context, kit, zero)
    say(gateway_context, kit, first)
    assert places(gateway_context) == []
