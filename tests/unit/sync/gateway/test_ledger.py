from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit

from fieldkit.domain.sealed import MANIFEST_TYP
from sync.gateway.house import House, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.tables import records, statuses
from sync.gateway.uploads import Uploads
from sync.protocol.messages import PAGE_SIZE, Announcement, Digest, Holding, ReconcileQuestion
from tests.unit.sync.gateway.conftest import enrolled


@pytest.fixture
def ledger(house: House) -> Ledger:
    return Ledger(house)


def announce(ledger: Ledger, kit: str, *jws: str) -> list[str]:
    return [word.code for word in ledger.announce(kit, Announcement(manifests=jws)).manifests]


def holding(ledger: Ledger, kit: str, record_id: str, sha256: str) -> tuple[Holding, int]:
    (word,) = ledger.reconcile(
        kit, ReconcileQuestion(records=(Digest(record_id=UUID(record_id), sha256=sha256),))
    ).records
    return word.holding, word.offset


def test_what_is_held_follows_the_upload(ledger: Ledger, house: House, kit: Kit) -> None:
    record_id, manifest, sealed, sha256 = kit.record(size=1000)
    uploads = Uploads(house)
    seen = [holding(ledger, kit.name, record_id, sha256)]
    announce(ledger, kit.name, manifest)
    seen.append(holding(ledger, kit.name, record_id, sha256))
    uploads.create(kit.name, record_id, 1000)
    uploads.append(kit.name, record_id, 0, sealed[:400])
    seen.append(holding(ledger, kit.name, record_id, sha256))
    uploads.append(kit.name, record_id, 400, sealed[400:])
    uploads.receipt(kit.name, record_id)
    seen.append(holding(ledger, kit.name, record_id, sha256))
    seen.append(holding(ledger, kit.name, record_id, "0" * 64))
    assert seen == [
        (Holding.UNKNOWN, 0),
        (Holding.ANNOUNCED, 0),
        (Holding.PARTIAL, 400),
        (Holding.RECEIVED, 0),
        (Holding.CONFLICT, 0),
    ]
    counts = ledger.counts(kit.name)
    assert (counts.announced, counts.received) == (1, 1)


def test_manifests_are_judged_one_by_one(
    ledger: Ledger, house: House, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other = enrolled(folder, house, clock, "kit-02")
    record_id, good, sealed, _ = kit.record(size=1000)
    _, foreign, _, _ = other.record()
    _, changed, _, _ = kit.record(sealed=sealed + b"!", record_id=record_id)
    kit.sequence = 0
    _, fork, _, _ = kit.record()
    big = kit.signer.sign(
        {
            "record_id": "00000000-0000-4000-8000-000000000001",
            "kit": kit.name,
            "size_bytes": house.limits.max_record_bytes + 1,
            "sha256": "0" * 64,
            "sealed_at": clock.now().isoformat(),
            "sequence": 9,
        },
        MANIFEST_TYP,
    )
    codes = announce(ledger, kit.name, good, foreign, changed, fork, big, "a.b.c", good)
    assert codes == [
        "",
        "manifest.invalid",
        "record.conflict",
        "manifest.fork",
        "record.too_large",
        "manifest.invalid",
        "",
    ]
    assert holding(ledger, other.name, record_id, "0" * 64) == (Holding.UNKNOWN, 0)


def test_the_feed_is_read_page_by_page_and_only_by_its_kit(ledger: Ledger, house: House, kit: Kit) -> None:
    record_id, manifest, sealed, _ = kit.record(size=100)
    announce(ledger, kit.name, manifest)
    uploads = Uploads(house)
    uploads.create(kit.name, record_id, 100)
    uploads.append(kit.name, record_id, 0, sealed)
    uploads.receipt(kit.name, record_id)
    row = {
        "record_id": record_id,
        "kit": kit.name,
        "code": "X",
        "source": "s",
        "observed_at": kit.clock.now(),
        "reason": "",
        "verdict": "",
    }
    with house.engine.begin() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(records)) == 1
        connection.execute(sa.insert(statuses), [{**row, "cursor": n} for n in range(1, PAGE_SIZE + 4)])
    first = ledger.statuses(kit.name, "")
    second = ledger.statuses(kit.name, first.cursor)
    assert (len(first.items), first.has_more) == (PAGE_SIZE, True)
    assert (len(second.items), second.has_more, second.cursor) == (3, False, str(PAGE_SIZE + 3))
    assert ledger.statuses(kit.name, second.cursor).cursor == second.cursor
    assert ledger.statuses("kit-02", "").items == ()


@pytest.mark.parametrize("cursor", ["-1", "x", "1; DROP", "9" * 30])
def test_a_cursor_that_we_did_not_give_is_refused(ledger: Ledger, kit: Kit, cursor: str) -> None:
    with pytest.raises(Refusal):
        ledger.statuses(kit.name, cursor)
