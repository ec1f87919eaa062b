from __future__ import annotations

import random
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from support.gateway import Kit

from fieldkit.domain.delivery.sealed import MANIFEST_TYP
from sync.gateway.context import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.tables import awaited_records, chain_gaps, manifests
from sync.protocol.messages import Announcement


def signed(
    kit: Kit, context: GatewayContext, places: list[tuple[str, int, bool]], seed: int, large_each: int = 7
) -> list[str]:
    """Sign a manifest for each place of a chain; a true one names the digest that the place before has first."""
    digests: dict[tuple[str, int], str] = {}
    made = []
    for number, (chain, sequence, is_named) in enumerate(places, 1):
        sha256 = f"{seed:032x}{number:032x}"
        manifest = {
            "record_id": str(uuid4()),
            "kit": kit.name,
            "size_bytes": 1000 if number % large_each else context.limits.max_record_bytes + 1,
            "sha256": sha256,
            "sealed_at": context.clock.now().isoformat(),
            "activity_id": "kegiatan-1",
            "chain": chain,
            "sequence": sequence,
            "previous": digests.get((chain, sequence - 1), "f" * 64) if is_named else "",
        }
        digests.setdefault((chain, sequence), sha256)
        made.append(kit.signer.sign(manifest, MANIFEST_TYP))
    return made


def rows(context: GatewayContext) -> list[Any]:
    """Return all that announcing leaves, without the kit, and empty the tables."""
    found: list[Any] = []
    with context.engine.begin() as connection:
        for table in (manifests, chain_gaps, awaited_records):
            without_kit = [column for column in table.c if column.name != "kit"]
            found.append(sorted(map(tuple, connection.execute(sa.select(*without_kit)))))
        for table in (awaited_records, chain_gaps, manifests):
            connection.execute(sa.delete(table))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_manifests_at_once_leave_what_they_leave_one_by_one(
    gateway_context: GatewayContext, kit: Kit, seed: int
) -> None:
    chance, ledger = random.Random(seed), Ledger(gateway_context)
    places = [(chain, at, chance.random() < 0.5) for chain in ("a", "b", "") for at in range(1, 7)]
    chance.shuffle(places) if seed % 2 else None
    for _ in range(4):  # forks, some far off
        places.insert(chance.randrange(len(places)), ("a", chance.choice((2, 5, 9)), chance.random() < 0.5))
    jws = signed(kit, gateway_context, places, seed)
    jws.insert(chance.randrange(len(jws)), jws[5])  # twice in one message
    singly = [ledger.announce(kit.name, Announcement(manifests=(each,))).manifests[0] for each in jws]
    left = rows(gateway_context)
    assert ledger.announce(kit.name, Announcement(manifests=tuple(jws))).manifests == tuple(singly)
    assert rows(gateway_context) == left
    assert left[0]
    assert {word.code for word in singly} == {"", "record.too_large"}
    assert {word.note for word in singly} == {"", "manifest.fork"}


def test_a_chain_that_goes_on_costs_the_same_statements_however_long(gateway_context: GatewayContext, kit: Kit) -> None:
    asked = list[str]()
    sa.event.listen(gateway_context.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    counts = []
    for first, last in ((1, 2), (3, 30)):
        places = [("a", at, at > first) for at in range(first, last + 1)]
        jws = signed(kit, gateway_context, places, first, large_each=100)
        asked.clear()
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=tuple(jws)))
        counts.append(len(asked))
    assert counts[0] == counts[1]
