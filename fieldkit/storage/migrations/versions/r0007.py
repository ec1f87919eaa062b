"""Heads of the log that were signed, and what was typed and not yet accepted.

This file never changes again: a later wish is a later revision.
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

_STATEMENTS = (
    """CREATE TABLE anchors (
        row INTEGER PRIMARY KEY NOT NULL, chain TEXT NOT NULL, sequence INTEGER NOT NULL, digest TEXT NOT NULL,
        at TEXT NOT NULL, source TEXT NOT NULL, jws TEXT NOT NULL,
        CONSTRAINT anchors_once UNIQUE (chain, sequence, source)
    ) STRICT""",
    """CREATE TABLE drafts (
        row INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, body TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT""",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in _STATEMENTS:
        op.execute(statement)
