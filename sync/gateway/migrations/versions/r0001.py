"""The first tables. This file never changes again: a later wish is a later revision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)
_RECORD = sa.String(36)
_HASH = sa.String(64)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "kits",
        sa.Column("kit", sa.String(64), primary_key=True),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.Column("enrolled_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME),
    )
    op.create_table(
        "users",
        sa.Column("csr_sha256", _HASH, primary_key=True),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("kit", sa.String(64), sa.ForeignKey("kits.kit"), nullable=False),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.Column("issued_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME),
        sa.Index("users_of_kit", "kit", "user_id"),
    )
    op.create_table(
        "enrol_codes",
        sa.Column("code_hash", _HASH, primary_key=True),
        sa.Column("kit", sa.String(64), nullable=False),
        sa.Column("admin", sa.String(64), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("used_by_csr", _HASH),
    )
    op.create_table(
        "assertions",
        sa.Column("jti", sa.String(128), primary_key=True),
        sa.Column("expires_at", _TIME, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("token_hash", _HASH, primary_key=True),
        sa.Column("kit", sa.String(64), sa.ForeignKey("kits.kit"), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
    )
    op.create_table(
        "manifests",
        sa.Column("record_id", _RECORD, primary_key=True),
        sa.Column("kit", sa.String(64), sa.ForeignKey("kits.kit"), nullable=False, index=True),
        sa.Column("sha256", _HASH, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("chain", sa.String(64), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("jws", sa.Text, nullable=False),
        sa.Column("sealed_at", _TIME, nullable=False),
        sa.Column("announced_at", _TIME, nullable=False),
        sa.UniqueConstraint("kit", "chain", "sequence"),
    )
    op.create_table(
        "uploads",
        sa.Column("record_id", _RECORD, sa.ForeignKey("manifests.record_id"), primary_key=True),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
    )
    op.create_table(
        "parts",
        sa.Column("record_id", _RECORD, sa.ForeignKey("uploads.record_id"), primary_key=True),
        sa.Column("start", sa.BigInteger, primary_key=True),
        sa.Column("key", sa.String(200), nullable=False),
    )
    op.create_table(
        "records",
        sa.Column("record_id", _RECORD, sa.ForeignKey("manifests.record_id"), primary_key=True),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False, server_default=""),
        sa.Column("opened_at", _TIME),
        sa.Column("nik_mac", _HASH, index=True),
        sa.Column("amends", _RECORD),
    )
    op.create_table(
        "statuses",
        sa.Column("cursor", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("record_id", _RECORD, sa.ForeignKey("records.record_id"), nullable=False, index=True),
        sa.Column("kit", sa.String(64), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("observed_at", _TIME, nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Index("statuses_of_kit", "kit", "cursor"),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.execute("INSERT INTO counters (name, value) VALUES ('feed', 0)")
