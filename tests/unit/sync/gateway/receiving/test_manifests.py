from __future__ import annotations

import random
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit, receive

from fieldkit.domain.delivery import MANIFEST_TYP
from fieldkit.vault.device_trust import CompactJws
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.tables import awaited_records, chain_gaps, manifests, records
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


def test_an_id_belongs_to_whom_it_was_found_valid_of_and_keeps_its_digest(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    """Each kit goes on with its chain: nothing else is unusual about these manifests."""
    other, ledger = enrolled_kit(folder, gateway_context, clock, "kit-02"), Ledger(gateway_context)

    def announce(by: Kit, record_id: str = "", **more: Any) -> tuple[str, str, bytes]:
        record_id, manifest, sealed, _ = by.record(size=100, record_id=record_id, **more)
        (word,) = ledger.announce(by.name, Announcement(manifests=(manifest,))).manifests
        if word.code:
            by.sequence -= 1
        return word.code, record_id, sealed

    def judge(by: Kit, record_id: str, sealed: bytes, verdict: str) -> None:
        receive(gateway_context, by, record_id, sealed)
        with gateway_context.engine.begin() as connection:
            connection.execute(sa.update(records).filter_by(kit=by.name, record_id=record_id).values(verdict=verdict))

    _, valid, sealed = announce(kit)
    _, invalid, content = announce(kit)
    judge(kit, valid, sealed, "valid")
    judge(kit, invalid, content, "invalid")
    _, waiting, _ = announce(kit)
    assert [announce(other, record_id)[0] for record_id in (valid, invalid, waiting, "")] == [
        "record.conflict",
        "",
        "",
        "",
    ]
    assert [announce(kit, record_id)[0] for record_id in (valid, invalid, waiting)] == ["record.conflict"] * 3
    assert announce(kit, waiting, sealed=b"another")[0] == "record.conflict"
    mine, manifest, sealed, _ = kit.record(size=100)
    theirs, same_id, content, _ = other.record(size=90, record_id=mine)
    for by, jws in ((kit, manifest), (other, same_id)):
        ledger.announce(by.name, Announcement(manifests=(jws,)))
    judge(other, theirs, content, "valid")
    assert ledger.announce(kit.name, Announcement(manifests=(manifest,))).manifests[0].code == ""  # it was first


@pytest.mark.parametrize(("more", "code"), [(0, ""), (1, "record.too_large")])
@pytest.mark.parametrize("sequence", [1, 5])
def test_a_record_has_a_greatest_size(
    gateway_context: GatewayContext, kit: Kit, more: int, code: str, sequence: int
) -> None:
    payload = CompactJws.parse(kit.record(size=100)[1]).payload
    size = gateway_context.limits.max_record_bytes + more
    jws = kit.signer.sign({**payload, "size_bytes": size, "sequence": sequence}, MANIFEST_TYP)
    assert Ledger(gateway_context).announce(kit.name, Announcement(manifests=(jws,))).manifests[0].code == code


def test_a_fork_is_one_of_the_same_place_of_the_same_chain_of_the_same_kit(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other, notes = enrolled_kit(folder, gateway_context, clock, "kit-02"), []
    for by, chain, sequence in (
        (kit, "a", 5),
        (other, "a", 5),
        (kit, "b", 5),
        (kit, "a", 6),
        (kit, "a", 4),
        (kit, "a", 5),
        (kit, "a", 5),
    ):
        (jws,) = signed(by, gateway_context, [(chain, sequence, False)], len(notes))
        notes.append(Ledger(gateway_context).announce(by.name, Announcement(manifests=(jws,))).manifests[0].note)
    assert notes == [""] * 5 + ["manifest.fork"] * 2
    with gateway_context.reading() as connection:
        first, *forks = connection.execute(
            sa.select(manifests).filter_by(kit="kit-01", chain="a", sequence=5).order_by(manifests.c.fork_of)
        ).all()
    assert {fork.fork_of for fork in forks} == {first.record_id}


def test_a_chain_that_names_what_nobody_has_begins_as_cheaply(gateway_context: GatewayContext, kit: Kit) -> None:
    asked = list[str]()
    sa.event.listen(gateway_context.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    counts = []
    for chain, is_named in (("a", False), ("b", True)):
        jws = signed(kit, gateway_context, [(chain, 1, is_named), (chain, 2, True)], len(counts))
        asked.clear()
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=tuple(jws)))
        counts.append(len(asked))
    assert counts[0] == counts[1]
