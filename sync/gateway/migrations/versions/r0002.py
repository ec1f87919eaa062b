"""Records are keyed by kit and id, and say whether their bytes are there; anchors; every certificate of a kit is kept.

The tables are copied aside and made anew: SQLite cannot change a key, and on both databases the names of keys and
indexes come out as if they had always been so.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fieldkit.vault.certificates import load_certificate

revision = "0002"
down_revision = "0001"

_TIME = sa.DateTime(timezone=True)
_RECORD = sa.String(36)
_HASH = sa.String(64)
_KIT = sa.String(64)
_OLD = ("parts", "uploads", "statuses", "records", "manifests")  # children first


def upgrade() -> None:
    """Move the rows into tables with the new key."""
    for table in _OLD:
        op.execute(f"CREATE TABLE old_{table} AS SELECT * FROM {table}")
    for table in _OLD:
        op.drop_table(table)
    _make_manifests_and_uploads()
    _make_records_and_statuses()
    _make_anchors()
    _move_rows()
    for table in _OLD:
        op.drop_table(f"old_{table}")
    op.add_column("enrol_codes", sa.Column("readmits", sa.Boolean))
    _make_kit_certificates()


def _make_manifests_and_uploads() -> None:
    op.create_table(
        "manifests",
        sa.Column("kit", _KIT, sa.ForeignKey("kits.kit"), primary_key=True),
        sa.Column("record_id", _RECORD, primary_key=True),
        sa.Column("sha256", _HASH, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("chain", sa.String(64), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("fork_of", _RECORD, nullable=False, server_default=""),
        sa.Column("jws", sa.Text, nullable=False),
        sa.Column("sealed_at", _TIME, nullable=False),
        sa.Column("announced_at", _TIME, nullable=False),
        sa.Index("manifests_by_place", "kit", "chain", "sequence"),
        sa.Index("manifests_by_id", "record_id"),
    )
    op.create_table(
        "uploads",
        sa.Column("kit", _KIT, primary_key=True),
        sa.Column("record_id", _RECORD, primary_key=True),
        sa.Column("carrier", _KIT, primary_key=True),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["kit", "record_id"], ["manifests.kit", "manifests.record_id"]),
    )
    op.create_table(
        "parts",
        sa.Column("kit", _KIT, primary_key=True),
        sa.Column("record_id", _RECORD, primary_key=True),
        sa.Column("carrier", _KIT, primary_key=True),
        sa.Column("start", sa.BigInteger, primary_key=True),
        sa.Column("key", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["kit", "record_id", "carrier"], ["uploads.kit", "uploads.record_id", "uploads.carrier"]
        ),
    )


def _make_records_and_statuses() -> None:
    op.create_table(
        "records",
        sa.Column("kit", _KIT, primary_key=True),
        sa.Column("record_id", _RECORD, primary_key=True),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("verified_at", _TIME, nullable=False),
        sa.Column("lost_at", _TIME),
        sa.Column("verdict", sa.String(10), nullable=False, server_default=""),
        sa.Column("opened_at", _TIME),
        sa.Column("set_aside_at", _TIME),
        sa.Column("set_aside_error", sa.String(80), nullable=False, server_default=""),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("nik_mac", _HASH, index=True),
        sa.Column("amends", _RECORD),
        sa.ForeignKeyConstraint(["kit", "record_id"], ["manifests.kit", "manifests.record_id"]),
        sa.Index("records_by_verification", "verified_at"),
        sa.Index("records_by_verdict", "verdict", "received_at"),
    )
    op.create_table(
        "statuses",
        sa.Column("cursor", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kit", _KIT, nullable=False),
        sa.Column("record_id", _RECORD, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("observed_at", _TIME, nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["kit", "record_id"], ["records.kit", "records.record_id"]),
        sa.Index("statuses_of_kit", "kit", "cursor"),
        sa.Index("statuses_of_record", "kit", "record_id", "cursor"),
    )


def _make_anchors() -> None:
    op.create_table(
        "anchors",
        sa.Column("kit", _KIT, sa.ForeignKey("kits.kit"), primary_key=True),
        sa.Column("chain", sa.String(64), primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("digest", _HASH, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("jws", sa.Text, nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
    )


def _move_rows() -> None:
    # Who sent an upload was always its kit; the bytes of a record were last proven when its receipt was made.
    for statement in (
        """INSERT INTO manifests (kit, record_id, sha256, size_bytes, chain, sequence, jws, sealed_at, announced_at)
        SELECT kit, record_id, sha256, size_bytes, chain, sequence, jws, sealed_at, announced_at FROM old_manifests""",
        """INSERT INTO uploads (kit, record_id, carrier, length, "offset", expires_at)
        SELECT m.kit, u.record_id, m.kit, u.length, u."offset", u.expires_at
        FROM old_uploads u JOIN old_manifests m ON m.record_id = u.record_id""",
        """INSERT INTO parts (kit, record_id, carrier, start, "key")
        SELECT m.kit, p.record_id, m.kit, p.start, p."key"
        FROM old_parts p JOIN old_manifests m ON m.record_id = p.record_id""",
        """INSERT INTO records (kit, record_id, "key", received_at, receipt, verified_at, verdict, opened_at,
        nik_mac, amends)
        SELECT m.kit, r.record_id, r."key", r.received_at, r.receipt, r.received_at, r.verdict, r.opened_at,
        r.nik_mac, r.amends FROM old_records r JOIN old_manifests m ON m.record_id = r.record_id""",
        """INSERT INTO statuses (cursor, kit, record_id, code, source, observed_at, reason, verdict)
        SELECT cursor, kit, record_id, code, source, observed_at, reason, verdict FROM old_statuses""",
    ):
        op.execute(statement)


def _make_kit_certificates() -> None:
    table = op.create_table(
        "kit_certificates",
        sa.Column("serial", sa.String(40), primary_key=True),
        sa.Column("kit", _KIT, sa.ForeignKey("kits.kit"), nullable=False, index=True),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.Column("issued_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME),
        sa.Column("first_token_at", _TIME),
        sa.Column("code_hash", _HASH, index=True),
        sa.Column("admin_csr", _HASH),
    )
    # Whether a kit ever signed in was not kept: its slip counts as spent.
    kits = sa.table(
        "kits",
        sa.column("kit", _KIT),
        sa.column("certificate", sa.LargeBinary),
        sa.column("enrolled_at", _TIME),
        sa.column("revoked_at", _TIME),
    )
    rows = [
        {
            "serial": format(load_certificate(row.certificate).serial_number, "x"),
            "kit": row.kit,
            "certificate": row.certificate,
            "issued_at": row.enrolled_at,
            "revoked_at": row.revoked_at,
            "first_token_at": row.enrolled_at,
        }
        for row in op.get_bind().execute(sa.select(kits))
    ]
    op.bulk_insert(table, rows)
