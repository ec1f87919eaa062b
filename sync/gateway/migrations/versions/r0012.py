"""Indexes in the order of the lists of records: a page costs its rows, however rare its state is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make them anew."""
    for name in ("records_by_verdict", "records_by_receipt", "records_lost"):
        op.drop_index(name, "records")
    place, lost = ["received_at", "record_id", "kit"], sa.text("lost_at IS NOT NULL")
    op.create_index("records_by_verdict", "records", ["verdict", *place])
    op.create_index("records_by_receipt", "records", place)
    op.create_index("records_lost", "records", place, sqlite_where=lost, postgresql_where=lost)
    op.create_index("onward_by_age", "onward", ["state", "queued_at", "record_id", "kit"])
