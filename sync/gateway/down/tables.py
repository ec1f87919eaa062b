"""Tables of what goes down to the kits."""

from __future__ import annotations

import sqlalchemy as sa

from sync.gateway.columns import UtcDateTime
from sync.gateway.tables import metadata

# What the office sent down, one row per version. `stamp` is what a list that the gateway itself keeps was made from.
office_bundles = sa.Table(
    "office_bundles",
    metadata,
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("jws", sa.Text, nullable=False),
    sa.Column("stamp", sa.String(120), nullable=False, server_default=""),
)

# Whom a version is for; the kit "*" is every one.
bundle_kits = sa.Table(
    "bundle_kits",
    metadata,
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kit", sa.String(64), primary_key=True),
    sa.ForeignKeyConstraint(
        ["kind", "name", "version"], ["office_bundles.kind", "office_bundles.name", "office_bundles.version"]
    ),
    sa.Index("bundles_of_kit", "kit", "kind", "name", "version"),
)

# Bytes that go down, in pieces of one answer each; `object_id` is the SHA-256 of a bundle or the id of a letter.
down_parts = sa.Table(
    "down_parts",
    metadata,
    sa.Column("object_id", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

# Which version each kit says that it goes by, and which it refused and why.
kit_standings = sa.Table(
    "kit_standings",
    metadata,
    sa.Column("kit", sa.ForeignKey("kits.kit"), primary_key=True),
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.BigInteger, nullable=False),
    sa.Column("code", sa.String(80), nullable=False),
    sa.Column("told_at", UtcDateTime, nullable=False),
)

# What bundles for a kit are closed to, as the kit signed it, and the team that it exchanges with.
kit_recipients = sa.Table(
    "kit_recipients",
    metadata,
    sa.Column("kit", sa.ForeignKey("kits.kit"), primary_key=True),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("jws", sa.Text, nullable=False),
    sa.Column("told_at", UtcDateTime, nullable=False),
)

teams = sa.Table(
    "teams",
    metadata,
    sa.Column("kit", sa.ForeignKey("kits.kit"), primary_key=True),
    sa.Column("team", sa.String(64), nullable=False, index=True),
)

# Sealed bundles from one kit to another of its team, until the other says that it has them.
team_post = sa.Table(
    "team_post",
    metadata,
    sa.Column("sender", sa.ForeignKey("kits.kit"), primary_key=True),
    sa.Column("kit", sa.ForeignKey("kits.kit"), primary_key=True),
    sa.Column("object_id", sa.String(64), nullable=False, index=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("posted_at", UtcDateTime, nullable=False),
    sa.Column("is_whole", sa.Boolean, nullable=False),
    sa.Index("team_post_of_kit", "kit", "is_whole"),
)
