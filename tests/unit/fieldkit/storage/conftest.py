"""A store with one activity in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.kept import activity, open_kit

from fieldkit.storage.store import SqlStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_kit(tmp_path)
    with store.write() as unit:
        unit.activities.save(activity())
    yield store
    store.close()


@pytest.fixture
def empty_store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_kit(tmp_path)
    yield store
    store.close()


@pytest.fixture(autouse=True, scope="module")
def _stores_are_copied() -> None:
    """Make every store from its migrations here."""
