"""Missing records of a chain, and an index of what is being opened or was set aside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TIME = sa.DateTime(timezone=True)
_IS_ASIDE = sa.text("set_aside_at IS NOT NULL")


def upgrade() -> None:
    """Make the table, find the gaps of the chains that are there, and make the index."""
    op.create_table(
        "chain_gaps",
        sa.Column("kit", sa.String(64), sa.ForeignKey("kits.kit"), primary_key=True),
        sa.Column("chain", sa.String(64), primary_key=True),
        sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("since", _TIME, nullable=False),
    )
    op.create_index("chain_gaps_by_age", "chain_gaps", ["since"])
    op.execute("""INSERT INTO chain_gaps (kit, chain, first, last, since)
        SELECT kit, chain, before + 1, sequence - 1, announced_at FROM (
            SELECT kit, chain, sequence, announced_at,
                COALESCE(LAG(sequence) OVER (PARTITION BY kit, chain ORDER BY sequence), 0) AS before
            FROM manifests WHERE chain <> ''
        ) AS places WHERE sequence > before + 1""")
    op.create_index(
        "records_set_aside", "records", ["set_aside_at"], sqlite_where=_IS_ASIDE, postgresql_where=_IS_ASIDE
    )
