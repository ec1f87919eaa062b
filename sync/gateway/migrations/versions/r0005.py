"""The office page: its accounts and sessions, when each kit was last heard of, which records are still awaited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TIME = sa.DateTime(timezone=True)
_NAME = sa.String(64)


def upgrade() -> None:
    """Make the tables and indexes; what was announced and never received is awaited."""
    _make_accounts()
    op.create_table(
        "kit_contacts",
        sa.Column("kit", _NAME, sa.ForeignKey("kits.kit"), primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("program", sa.String(40), nullable=False),
    )
    op.create_table(
        "awaited_records",
        sa.Column("kit", _NAME, primary_key=True),
        sa.Column("record_id", sa.String(36), primary_key=True),
        sa.Column("announced_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["kit", "record_id"], ["manifests.kit", "manifests.record_id"]),
        sa.Index("awaited_by_age", "announced_at"),
    )
    op.execute(
        """INSERT INTO awaited_records (kit, record_id, announced_at)
        SELECT m.kit, m.record_id, m.announced_at FROM manifests m
        LEFT JOIN records r ON r.kit = m.kit AND r.record_id = m.record_id WHERE r.kit IS NULL"""
    )
    is_fork, is_lost = sa.text("fork_of <> ''"), sa.text("lost_at IS NOT NULL")
    op.create_index(
        "manifests_forked", "manifests", ["kit", "announced_at"], sqlite_where=is_fork, postgresql_where=is_fork
    )
    op.create_index("records_lost", "records", ["lost_at"], sqlite_where=is_lost, postgresql_where=is_lost)
    op.create_index("statuses_by_code", "statuses", ["code", "cursor"])


def _make_accounts() -> None:
    op.create_table(
        "office_users",
        sa.Column("name", _NAME, primary_key=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("is_temporary", sa.Boolean, nullable=False),
        sa.Column("totp_step", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("disabled_at", _TIME),
    )
    op.create_table(
        "office_tries",
        sa.Column("name_hash", _NAME, primary_key=True),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("last_at", _TIME, nullable=False),
        sa.Column("locked_until", _TIME),
    )
    op.create_table(
        "office_sessions",
        sa.Column("token_hash", _NAME, primary_key=True),
        sa.Column("name", _NAME, sa.ForeignKey("office_users.name"), nullable=False, index=True),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
    )
