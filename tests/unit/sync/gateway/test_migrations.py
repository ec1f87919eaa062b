"""A database of the first program is brought to the tables of this one, with all its rows."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from support.clock import HandClock
from support.gateway import Kit, open_plainly, receive

from sync.gateway import provision
from sync.gateway.database import SHIPPED, GatewayContext, Migrations, _config, bring_up, open_database
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.opener import Opener
from sync.gateway.tables import (
    awaited_records,
    chain_gaps,
    kit_certificates,
    kits,
    manifests,
    metadata,
    onward,
    records,
)
from sync.gateway.uploads import Uploads
from sync.protocol.messages import Announcement, Digest, Holding, ReconcileQuestion

# As the first program made them in SQLite; it wrote no version.
OLD_TABLES = """
CREATE TABLE manifests (record_id VARCHAR(36) NOT NULL, kit VARCHAR(64) NOT NULL, sha256 VARCHAR(64) NOT NULL,
    size_bytes BIGINT NOT NULL, chain VARCHAR(64) NOT NULL, sequence BIGINT NOT NULL, jws TEXT NOT NULL,
    sealed_at DATETIME NOT NULL, announced_at DATETIME NOT NULL, PRIMARY KEY (record_id),
    UNIQUE (kit, chain, sequence), FOREIGN KEY(kit) REFERENCES kits (kit));
CREATE INDEX ix_manifests_kit ON manifests (kit);
CREATE TABLE records (record_id VARCHAR(36) NOT NULL, "key" VARCHAR(200) NOT NULL, received_at DATETIME NOT NULL,
    receipt TEXT NOT NULL, verdict VARCHAR(10) DEFAULT '' NOT NULL, opened_at DATETIME, nik_mac VARCHAR(64),
    amends VARCHAR(36), PRIMARY KEY (record_id), FOREIGN KEY(record_id) REFERENCES manifests (record_id));
CREATE INDEX ix_records_nik_mac ON records (nik_mac);
CREATE TABLE uploads (record_id VARCHAR(36) NOT NULL, length BIGINT NOT NULL, "offset" BIGINT NOT NULL,
    expires_at DATETIME NOT NULL, PRIMARY KEY (record_id), FOREIGN KEY(record_id) REFERENCES manifests (record_id));
CREATE TABLE parts (record_id VARCHAR(36) NOT NULL, start BIGINT NOT NULL, "key" VARCHAR(200) NOT NULL,
    PRIMARY KEY (record_id, start), FOREIGN KEY(record_id) REFERENCES uploads (record_id));
CREATE TABLE statuses (cursor BIGINT NOT NULL, record_id VARCHAR(36) NOT NULL, kit VARCHAR(64) NOT NULL,
    code VARCHAR(64) NOT NULL, source VARCHAR(64) NOT NULL, observed_at DATETIME NOT NULL,
    reason VARCHAR(64) NOT NULL, verdict VARCHAR(10) NOT NULL, PRIMARY KEY (cursor),
    FOREIGN KEY(record_id) REFERENCES records (record_id));
CREATE INDEX statuses_of_kit ON statuses (kit, cursor);
CREATE INDEX ix_statuses_record_id ON statuses (record_id);
CREATE TABLE enrol_codes (code_hash VARCHAR(64) NOT NULL, kit VARCHAR(64) NOT NULL, admin VARCHAR(64) NOT NULL,
    expires_at DATETIME NOT NULL, used_by_csr VARCHAR(64), PRIMARY KEY (code_hash));
"""
MOVED = {
    "manifests": "record_id, kit, sha256, size_bytes, chain, sequence, jws, sealed_at, announced_at",
    "records": 'record_id, "key", received_at, receipt, verdict, opened_at, nik_mac, amends',
    "uploads": 'record_id, length, "offset", expires_at',
    "parts": 'record_id, start, "key"',
    "statuses": "cursor, record_id, kit, code, source, observed_at, reason, verdict",
    "enrol_codes": "code_hash, kit, admin, expires_at, used_by_csr",
}

KEPT = {"kits", "users", "assertions", "tokens", "counters"}  # all others are made anew, or came later


@pytest.fixture(autouse=True, scope="module")
def _stores_are_copied() -> None:
    """Make every database from its migrations here."""


def make_old(path: Path) -> None:
    """Turn a database of this program into what the first one would have made of the same events."""
    with closing(sqlite3.connect(path)) as database:
        for table in MOVED:
            database.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
        for table in metadata.tables.keys() - KEPT:
            database.execute(f"DROP TABLE {table}")
        for index in ("tokens_by_end", "tokens_of_kit", "assertions_by_end"):
            database.execute(f"DROP INDEX {index}")
        database.execute("DROP TABLE alembic_version")
        database.executescript(OLD_TABLES)
        for table, columns in MOVED.items():
            database.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM kept_{table}")
            database.execute(f"DROP TABLE kept_{table}")
        database.commit()


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_a_fresh_database_has_the_tables_that_the_program_knows(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
    assert not list(tmp_path.glob("*.before-*"))


def test_the_newest_revision_is_the_one_that_is_shipped() -> None:
    assert ScriptDirectory.from_config(_config(SHIPPED)).get_current_head() == SHIPPED.head


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_an_office_of_the_first_program_goes_on_with_all_it_has(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    made = [kit.record(size=1000) for _ in range(3)]
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=tuple(manifest for _, manifest, _, _ in made)))
    (received, _, sealed, sha256), (partial, _, rest, partial_sha256), _ = made
    receipt = receive(gateway_context, kit, received, sealed)
    Opener(gateway_context, open_plainly, NikRule()).run_pending()
    Uploads(gateway_context).create(kit.name, partial, len(rest))
    Uploads(gateway_context).append(kit.name, partial, 0, rest[:600])
    told = Ledger(gateway_context).statuses(kit.name, "")
    with gateway_context.engine.begin() as connection:
        certificates = connection.execute(sa.select(kit_certificates.c.serial, kit_certificates.c.kit)).all()
    gateway_context.engine.dispose()
    make_old(folder / "gateway.sqlite3")

    again = provision.open_gateway(folder, clock)

    with again.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(sa.select(kit_certificates.c.serial, kit_certificates.c.kit)).all() == certificates
        assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        awaited = set(connection.scalars(sa.select(awaited_records.c.record_id)))
        assert awaited == {made[1][0], made[2][0]}  # all but the received one
    ledger, uploads = Ledger(again), Uploads(again)
    digests = [(received, sha256), (partial, partial_sha256)]
    question = ReconcileQuestion(records=tuple(Digest(record_id=each, sha256=of) for each, of in digests))
    assert [held.holding for held in ledger.reconcile(kit.name, question).records] == [
        Holding.RECEIVED,
        Holding.PARTIAL,
    ]
    assert uploads.receipt(kit.name, received) == receipt
    uploads.append(kit.name, partial, 600, rest[600:])
    assert uploads.receipt(kit.name, partial)
    assert ledger.statuses(kit.name, "") == told
    assert Opener(again, open_plainly, NikRule()).run_pending() == 1
    assert len(ledger.statuses(kit.name, told.cursor).items) == 2
    again.engine.dispose()
    copy = folder / f"gateway.sqlite3.before-{SHIPPED.head}"
    with closing(sqlite3.connect(copy)) as before:
        assert before.execute("SELECT count(*) FROM manifests").fetchone() == (3,)
        assert not before.execute("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'").fetchall()


def test_chains_that_were_there_before_have_their_gaps_found(tmp_path: Path, clock: HandClock) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    bring_up(engine, Migrations(SHIPPED.folder, "0004"))
    at = clock.now()
    with engine.begin() as connection:
        connection.execute(sa.insert(kits).values(kit="kit-01", certificate=b"c", enrolled_at=at))
        same = {"kit": "kit-01", "sha256": "a" * 64, "size_bytes": 3, "jws": "a.b.c", "sealed_at": at}
        for chain, sequence in (("c1", 2), ("c1", 2), ("c1", 3), ("c1", 6), ("c2", 1), ("c2", 2), ("", 9)):
            row = {**same, "record_id": str(uuid.uuid4()), "chain": chain, "sequence": sequence, "announced_at": at}
            connection.execute(sa.insert(manifests).values(row))
    bring_up(engine)
    with engine.begin() as connection:
        found = connection.execute(sa.select(chain_gaps).order_by(chain_gaps.c.first)).all()
    engine.dispose()
    assert [tuple(row)[:5] for row in found] == [("kit-01", "c1", 1, 1, at), ("kit-01", "c1", 4, 5, at)]


def test_what_is_queued_already_is_marked_so(tmp_path: Path, clock: HandClock) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    bring_up(engine, Migrations(SHIPPED.folder, "0013"))
    at = clock.now()
    with engine.begin() as connection:
        connection.execute(sa.insert(kits).values(kit="kit-01", certificate=b"c", enrolled_at=at))
        for record_id in ("waits", "queued"):
            row = {"sha256": "a" * 64, "size_bytes": 3, "chain": "", "sequence": 1, "jws": "a.b.c", "sealed_at": at}
            connection.execute(sa.insert(manifests).values(kit="kit-01", record_id=record_id, announced_at=at, **row))
            row = {"key": "k", "received_at": at, "receipt": "r", "verified_at": at, "verdict": "valid"}
            connection.execute(sa.insert(records).values(kit="kit-01", record_id=record_id, **row))
        row = {"state": "waiting", "transaction_id": "t", "queued_at": at, "next_try_at": at}
        connection.execute(sa.insert(onward).values(kit="kit-01", record_id="queued", **row))
    bring_up(engine)
    with engine.begin() as connection:
        found = dict(connection.execute(sa.select(records.c.record_id, records.c.queued_at)).all())
    engine.dispose()
    assert found == {"waits": None, "queued": at}
