"""What is handed on to the official system, who looked at what, and indexes for lists of records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the two tables and the indexes."""
    op.create_table(
        "onward",
        sa.Column("kit", sa.String(64), primary_key=True),
        sa.Column("record_id", sa.String(36), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("transaction_id", sa.String(36), nullable=False, unique=True),
        sa.Column("queued_at", _TIME, nullable=False),
        sa.Column("next_try_at", _TIME, nullable=False),
        sa.Column("claimed_until", _TIME),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("target", sa.String(64), nullable=False, server_default=""),
        sa.Column("batch", sa.String(40), nullable=False, server_default=""),
        sa.Column("handed_over_at", _TIME),
        sa.Column("answered_at", _TIME),
        sa.Column("reason", sa.String(200), nullable=False, server_default=""),
        sa.Column("external_id", sa.String(64), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["kit", "record_id"], ["records.kit", "records.record_id"], ondelete="CASCADE"),
    )
    op.create_index("ix_onward_external_id", "onward", ["external_id"])
    op.create_index("onward_by_state", "onward", ["state", "next_try_at"])
    op.create_table(
        "access_log",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("about", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
    )
    op.create_index("access_log_by_time", "access_log", ["at"])
    op.create_index("records_by_opening", "records", ["opened_at"])
    op.create_index("records_by_receipt", "records", ["received_at", "kit", "record_id"])
    op.create_index("records_of_kit_by_receipt", "records", ["kit", "received_at", "record_id"])
