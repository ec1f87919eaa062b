"""Records that are not queued for the official system are found without looking at those that are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Note beside each record since when it is queued, and index the others in the order of their list."""
    op.add_column("records", sa.Column("queued_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE records SET queued_at = (SELECT onward.queued_at FROM onward"
        " WHERE onward.kit = records.kit AND onward.record_id = records.record_id)"
    )
    waits = sa.text("queued_at IS NULL")
    place = ["received_at", "record_id", "kit"]
    op.create_index("records_not_queued", "records", place, sqlite_where=waits, postgresql_where=waits)
