"""Several laptops of one team: the revisions of what they share, and how far they know each other.

This file never changes again: a later wish is a later revision.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

_STATEMENTS = (
    """CREATE TABLE revisions (
        row INTEGER PRIMARY KEY NOT NULL, kind TEXT NOT NULL, thing_id TEXT NOT NULL, activity_id TEXT NOT NULL,
        digest TEXT NOT NULL, vector TEXT NOT NULL, counts TEXT NOT NULL, body TEXT NOT NULL, kit TEXT NOT NULL,
        actor TEXT NOT NULL, at TEXT NOT NULL, number INTEGER NOT NULL, role TEXT NOT NULL, kept TEXT NOT NULL,
        CONSTRAINT revisions_once UNIQUE (kind, thing_id, role, digest, vector)
    ) STRICT""",
    "CREATE INDEX revisions_by_number ON revisions (number)",
    "CREATE INDEX revisions_by_role ON revisions (role, kind)",
    """CREATE TABLE peers (
        row INTEGER PRIMARY KEY NOT NULL, chain TEXT NOT NULL UNIQUE, kit TEXT NOT NULL, read_revision INTEGER NOT NULL,
        read_event INTEGER NOT NULL, knows_revision INTEGER NOT NULL, knows_event INTEGER NOT NULL,
        knows_of TEXT NOT NULL, recipient TEXT NOT NULL, read_at TEXT NOT NULL
    ) STRICT""",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in _STATEMENTS:
        op.execute(statement)
