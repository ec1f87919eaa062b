"""Two requests of the same moment, without threads: what the other one did is there just before a statement of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa


@contextmanager
def meanwhile(engine: sa.Engine, before: str, *done: sa.Executable) -> Iterator[None]:
    """Execute statements once, before the first statement from now on that begins so."""
    waiting = list(done)

    def do(connection: sa.Connection, _cursor: object, statement: str, *_more: Any) -> None:
        if statement.startswith(before):
            while waiting:
                connection.execute(waiting.pop(0))

    sa.event.listen(engine, "before_cursor_execute", do)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", do)
    assert not waiting, f"nothing began with {before}"
