"""The rows that statements lock in PostgreSQL. SQLite, where one writes at a time, leaves such words out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


@contextmanager
def noting_locks(engine: sa.Engine) -> Iterator[list[str]]:
    """Note of each locking statement what stands behind its WHERE, with what it was asked about."""
    noted: list[str] = []

    def note(_connection: object, statement: Any, _many: object, one: Any, _options: object) -> None:
        if getattr(statement, "_for_update_arg", None) is not None:
            asked = statement.params(one)
            text = asked.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
            noted.append(" ".join(str(text).partition(" \nWHERE ")[2].split()))

    sa.event.listen(engine, "before_execute", note)
    try:
        yield noted
    finally:
        sa.event.remove(engine, "before_execute", note)
