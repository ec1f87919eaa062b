"""What the fingers of records that no receipt proves are compared by.

This file never changes again: a later wish is a later revision.
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table."""
    op.execute(
        """CREATE TABLE finger_templates (
            row INTEGER PRIMARY KEY NOT NULL, record_id TEXT NOT NULL UNIQUE, content BLOB NOT NULL
        ) STRICT"""
    )
