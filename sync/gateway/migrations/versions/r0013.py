"""An index in the order of the list of erasures: a page costs its rows."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make it."""
    op.create_index("erasures_by_age", "erasures", ["decided_at", "record_id", "kit"])
