from __future__ import annotations

import itertools
import random
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit
from support.locks import noting_locks

from fieldkit.domain.delivery.sealed import MANIFEST_TYP
from fieldkit.domain.errors import InputError
from fieldkit.vault.jws import CompactJws
from sync.gateway.context import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.opening.gaps import ChainGap, count_missing, explain, explained, missing, note_manifest
from sync.gateway.readiness import readiness
from sync.protocol.messages import Announcement, Manifest

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
