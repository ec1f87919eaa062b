"""A backup goes into either size of data center: an office's into PostgreSQL and S3, a province's into a folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import true_clock
from support.gateway import Kit, enrolled_kit, receive

from fieldkit.vault.age import parse_identities
from sync.gateway import provision
from sync.gateway.custody import Scrub
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.operations.backup import make_backup
from sync.gateway.operations.backup_set import Unlock, counts
from sync.gateway.operations.restore import Target, check_backup, restore
from sync.gateway.operations.retention import Policy, Retention
from sync.gateway.tables import records
from sync.protocol.messages import Announcement


def arrive(gateway_context: GatewayContext, kit: Kit) -> None:
    record_id, manifest, sealed, _ = kit.record(size=5000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)


@pytest.mark.days
def test_an_office_becomes_a_province_and_back(tmp_path: Path, postgres_url: str, s3_url: str) -> None:
    clock = true_clock()
    office = tmp_path / "office"
    provision.init(office, {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    unlock = Unlock(parse_identities((office / provision.RECOVERY_IDENTITY).read_text("ascii")))
    small = provision.open_gateway(office, clock)
    kit = enrolled_kit(office, small, clock, "kit-01")
    arrive(small, kit), arrive(small, kit)
    first = make_backup(small, office, tmp_path / "b").made
    small.engine.dispose()
    done = restore(first, unlock, Target(tmp_path / "province", postgres_url, s3_url))
    assert (done.receipts, done.objects) == (2, 2)

    large = provision.open_gateway(tmp_path / "province", clock)
    assert large.engine.dialect.name == "postgresql"
    assert Scrub(large).run().lost == ()
    arrive(large, kit)  # the sequences go on where they were
    # A worker that writes while the backup runs: its rows are of another moment.
    read = large.blobs.pieces

    class Busy:
        def __getattr__(self, name: str) -> object:
            return getattr(large.blobs, name)

        def pieces(self, key: str) -> object:
            arrive(large, kit)
            return read(key)

    clock.advance(hours=1)
    second = make_backup(replace(large, blobs=Busy()), tmp_path / "province", tmp_path / "b")  # type: ignore[arg-type]
    assert (second.copied, second.made.statement.rows["records"]) == (1, 3)
    assert check_backup(second.made, unlock).receipts == 3
    assert restore(second.made, unlock, Target(tmp_path / "again")).receipts == 3
    again = provision.open_gateway(tmp_path / "again", clock)
    assert (again.engine.dialect.name, Scrub(again).run().lost) == ("sqlite", ())
    with again.engine.begin() as new, large.engine.connect() as old:
        assert counts(new)["records"] + 1 == counts(old)["records"] == 4
        assert new.scalar(sa.text("SELECT value FROM counters WHERE name = 'feed'")) is not None
    # What was erased there after its time is stated, and gone from the bucket.
    with large.engine.begin() as connection:
        connection.execute(sa.update(records).values(verdict="invalid"))
    clock.advance(days=31)
    policy = Policy(timedelta(days=30), timedelta(days=30))
    assert (Retention(large).erase(policy).count, list(large.blobs.keys("sealed"))) == (4, [])
    assert all(erasure.statement for erasure in Retention(large).erasures())
    for each in (large, again):
        each.engine.dispose()
