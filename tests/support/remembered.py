"""What thousands of sign-ins and data centers in one process need not find out again; no file of theirs is touched.

A sweep spent a third of its time on statements that SQLAlchemy had compiled for the engine of the case before.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa

from drivers import registry
from fieldkit.storage import engine

_STATEMENTS = 2_000
_make: Callable[..., sa.Engine] = sa.create_engine
_drivers = cache(registry.entry_points)


def remember(patch: pytest.MonkeyPatch) -> None:
    """Let all SQLite engines share what they compiled, and look for drivers once."""
    for place in (sa, engine):
        patch.setattr(place, "create_engine", _sharing)
    patch.setattr(registry, "entry_points", _drivers)


def _sharing(url: str, **given: Any) -> sa.Engine:
    made = _make(url, **given)
    if made.dialect.name == "sqlite":
        first = _first(given.get("module"))
        # What was compiled is found again by the dialect it was compiled for.
        made.dialect = made.pool._dialect = first.dialect  # type: ignore[assignment]  # the pool knows it by its base
        made._compiled_cache = first._compiled_cache
    return made


@cache
def _first(module: object) -> sa.Engine:
    """Return an engine whose dialect has asked its library what it can."""
    chosen = {} if module is None else {"module": module}
    made = _make("sqlite://", query_cache_size=_STATEMENTS, **chosen)
    with made.connect():
        return made
