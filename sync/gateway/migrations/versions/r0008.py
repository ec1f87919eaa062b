"""What goes down to the kits: bundles of the office, whom they are for, where the kits are, teams and their post."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_TIME = sa.DateTime(timezone=True)
_KIT = sa.String(64)


def upgrade() -> None:
    """Make the tables."""
    _make_bundles()
    op.create_table(
        "kit_standings",
        sa.Column("kit", _KIT, sa.ForeignKey("kits.kit"), primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(120), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("told_at", _TIME, nullable=False),
    )
    op.create_table(
        "kit_recipients",
        sa.Column("kit", _KIT, sa.ForeignKey("kits.kit"), primary_key=True),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("jws", sa.Text, nullable=False),
        sa.Column("told_at", _TIME, nullable=False),
    )
    op.create_table(
        "teams",
        sa.Column("kit", _KIT, sa.ForeignKey("kits.kit"), primary_key=True),
        sa.Column("team", sa.String(64), nullable=False),
    )
    op.create_index("ix_teams_team", "teams", ["team"])
    op.create_table(
        "team_post",
        sa.Column("sender", _KIT, sa.ForeignKey("kits.kit"), primary_key=True),
        sa.Column("kit", _KIT, sa.ForeignKey("kits.kit"), primary_key=True),
        sa.Column("object_id", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("posted_at", _TIME, nullable=False),
        sa.Column("is_whole", sa.Boolean, nullable=False),
    )
    op.create_index("ix_team_post_object_id", "team_post", ["object_id"])
    op.create_index("team_post_of_kit", "team_post", ["kit", "is_whole"])


def _make_bundles() -> None:
    op.create_table(
        "office_bundles",
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(120), primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("jws", sa.Text, nullable=False),
        sa.Column("stamp", sa.String(120), nullable=False, server_default=""),
    )
    op.create_index("ix_office_bundles_sha256", "office_bundles", ["sha256"])
    op.create_table(
        "bundle_kits",
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(120), primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kit", _KIT, primary_key=True),
        sa.ForeignKeyConstraint(
            ["kind", "name", "version"], ["office_bundles.kind", "office_bundles.name", "office_bundles.version"]
        ),
    )
    op.create_index("bundles_of_kit", "bundle_kits", ["kit", "kind", "name", "version"])
    op.create_table(
        "down_parts",
        sa.Column("object_id", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
