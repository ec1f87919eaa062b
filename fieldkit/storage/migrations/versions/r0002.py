"""Things of office and field, and their files. This file never changes again: a later wish is a later revision."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

_STATEMENTS = (
    """CREATE TABLE things (
        row INTEGER PRIMARY KEY NOT NULL, kind TEXT NOT NULL, thing_id TEXT NOT NULL, activity_id TEXT NOT NULL,
        words TEXT NOT NULL, body TEXT NOT NULL,
        CONSTRAINT things_once UNIQUE (kind, thing_id)
    ) STRICT""",
    "CREATE INDEX things_by_activity ON things (kind, activity_id)",
    "CREATE VIRTUAL TABLE things_fts USING fts5 (words, prefix = '2 3')",
    # Without this the index would keep the words of a deleted row until it is merged.
    "INSERT INTO things_fts (things_fts, rank) VALUES ('secure-delete', 1)",
    """CREATE TABLE attachments (
        row INTEGER PRIMARY KEY NOT NULL, attachment_id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, name TEXT NOT NULL,
        media_type TEXT NOT NULL, content BLOB NOT NULL, sha256 TEXT NOT NULL, added_at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX attachments_by_owner ON attachments (owner)",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in _STATEMENTS:
        op.execute(statement)
