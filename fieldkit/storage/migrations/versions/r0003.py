"""What the check before leaving said about each target, and the NIK by which lists are compared.

This file never changes again: a later wish is a later revision.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_STATEMENTS = (
    "ALTER TABLE targets ADD COLUMN nik TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE targets ADD COLUMN verdict TEXT NOT NULL DEFAULT 'belum_dicek'",
    "UPDATE targets SET nik = biodata ->> '$.nik.digits'",
    "CREATE INDEX targets_by_nik ON targets (nik)",
    "CREATE INDEX targets_by_verdict ON targets (activity_id, verdict, house)",
    "CREATE INDEX targets_by_state ON targets (activity_id, state, house)",
)


def upgrade() -> None:
    """Add the columns and fill them."""
    for statement in _STATEMENTS:
        op.execute(statement)
