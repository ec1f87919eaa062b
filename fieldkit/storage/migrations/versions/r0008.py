"""Narrow ways to what lists of many years read: the rows of the queue, what was said, cards.

The insides of things are indexed where they lie: SQLite keeps such an index true by itself. Queries name it
(`INDEXED BY`), because the planner takes the key of the table for as good and reads every body.

This file never changes again: a later wish is a later revision.
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

_STATEMENTS = (
    "DROP INDEX sealed_records_at_a_glance",
    """CREATE INDEX sealed_records_at_a_glance ON sealed_records
        (record_id, activity_id, target_id, sealed_at, card_from, amends, masked_name, masked_nik)""",
    "DROP INDEX sealed_records_by_state",
    "CREATE INDEX sealed_records_by_state ON sealed_records (state, sealed_at, activity_id)",
    "CREATE INDEX central_statuses_in_order ON central_statuses (record_id, row, code, source, observed_at)",
    """CREATE INDEX things_of_cards ON things
        (thing_id, json_extract(body, '$.place'), json_extract(body, '$.record_id'),
         json_extract(body, '$.prints[0].at')) WHERE kind = 'card'""",
)


def upgrade() -> None:
    """Add the indexes, and widen two."""
    for statement in _STATEMENTS:
        op.execute(statement)
