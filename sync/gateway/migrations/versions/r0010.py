"""Which backups were made, for the office page to tell how old the last one is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "backups",
        sa.Column("made_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("records", sa.BigInteger, nullable=False),
        sa.Column("objects", sa.BigInteger, nullable=False),
        sa.Column("object_bytes", sa.BigInteger, nullable=False),
        sa.Column("missing", sa.Integer, nullable=False),
    )
