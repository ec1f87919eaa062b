"""The queue at a glance: every record with what decides about it, without the width of its manifests.

This file never changes again: a later wish is a later revision.
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the index."""
    op.execute(
        "CREATE INDEX sealed_records_at_a_glance "
        "ON sealed_records (record_id, activity_id, target_id, sealed_at, card_from, amends)"
    )
