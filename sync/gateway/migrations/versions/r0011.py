"""Why records of a chain will never come, once somebody knows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column; the index of age tells open gaps from known ones."""
    op.add_column("chain_gaps", sa.Column("known_why", sa.String(200), nullable=False, server_default=""))
    op.drop_index("chain_gaps_by_age", "chain_gaps")
    op.create_index("chain_gaps_by_age", "chain_gaps", ["known_why", "since"])
