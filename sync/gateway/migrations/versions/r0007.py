"""Records that were erased after their time, how much was asked for in a span of time, where a gateway moved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_TIME = sa.DateTime(timezone=True)
_KIT, _RECORD = sa.String(64), sa.String(36)


def upgrade() -> None:
    """Make the tables; nothing was erased so far."""
    op.add_column("records", sa.Column("erased_at", _TIME))
    op.create_table(
        "erasures",
        sa.Column("kit", _KIT, primary_key=True),
        sa.Column("record_id", _RECORD, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("decided_at", _TIME, nullable=False),
        sa.Column("statement", sa.Text, nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["kit", "record_id"], ["records.kit", "records.record_id"]),
    )
    op.create_table(
        "rate_windows",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("began", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("ends_at", _TIME, nullable=False),
        sa.Column("used", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "moves",
        sa.Column("place", sa.String(200), primary_key=True),
        sa.Column("at", _TIME, nullable=False),
    )
