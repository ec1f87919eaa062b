"""Tables of what goes down to the kits."""

from __future__ import annotations

import sqlalchemy as sa

from sync.gateway.tables import UtcDateTime, metadata
from sync.protocol.down import PART_BYTES

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


# Bytes that go down, kept in the database in pieces of one answer each: every worker has them, and a backup too.


def keep_parts(connection: sa.Connection, object_id: str, content: bytes) -> None:
    """Keep a whole content under an id; the same id twice is the same content."""
    is_there = sa.select(sa.literal(1)).select_from(down_parts).filter_by(object_id=object_id).limit(1)
    if connection.scalar(is_there) is None:
        for number in range(-(-len(content) // PART_BYTES)):
            keep_part(connection, object_id, number, content[number * PART_BYTES : (number + 1) * PART_BYTES])


def keep_part(connection: sa.Connection, object_id: str, number: int, content: bytes) -> None:
    """Keep one piece; it replaces what a lost answer left."""
    connection.execute(sa.delete(down_parts).filter_by(object_id=object_id, number=number))
    connection.execute(sa.insert(down_parts).values(object_id=object_id, number=number, content=content))


def part_of(connection: sa.Connection, object_id: str, number: int) -> bytes | None:
    """Return one piece, None where there is none."""
    content = connection.scalar(sa.select(down_parts.c.content).filter_by(object_id=object_id, number=number))
    return None if content is None else bytes(content)


def whole_of(connection: sa.Connection, object_id: str) -> bytes:
    """Return all pieces as one."""
    query = sa.select(down_parts.c.content).filter_by(object_id=object_id).order_by(down_parts.c.number)
    return b"".join(bytes(content) for content in connection.scalars(query))
