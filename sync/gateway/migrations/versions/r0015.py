"""What team leads sign for records that were sealed before acts of authority were signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Keep the signatures beside the records."""
    op.create_table(
        "vouches",
        sa.Column("kit", sa.String(64), sa.ForeignKey("kits.kit"), primary_key=True),
        sa.Column("record_id", sa.String(36), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("jws", sa.Text, nullable=False),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    )
