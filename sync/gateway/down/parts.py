"""Bytes that go down, kept in the database in pieces of one answer each: every worker has them, and a backup too."""

from __future__ import annotations

import sqlalchemy as sa

from sync.gateway.down.tables import down_parts
from sync.protocol.down import PART_BYTES


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
