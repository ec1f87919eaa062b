"""Indexes for what is asked at every announcement, sign-in and opening: none of it searches a whole table."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make them."""
    amends = sa.text("amends IS NOT NULL")
    op.create_index("records_by_id", "records", ["record_id"])
    op.create_index("records_by_amended", "records", ["amends"], sqlite_where=amends, postgresql_where=amends)
    op.create_index("uploads_by_end", "uploads", ["expires_at"])
    op.create_index("tokens_by_end", "tokens", ["expires_at"])
    op.create_index("tokens_of_kit", "tokens", ["kit"])
    op.create_index("assertions_by_end", "assertions", ["expires_at"])
