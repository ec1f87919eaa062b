"""A store with one activity in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.kept import activity, open_kit
from support.templates import copying

from fieldkit.storage import store as stores
from fieldkit.storage.store import SqlStore

_copy = copying(stores._create)


def open_copied(home: Path) -> SqlStore:
    """Open a store that only this conftest made from its migrations, once; tests of the making open theirs by hand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stores, "_create", _copy)
        return open_kit(home)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_copied(tmp_path)
    with store.write() as unit:
        unit.activities.save(activity())
    yield store
    store.close()


@pytest.fixture
def empty_store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_copied(tmp_path)
    yield store
    store.close()


@pytest.fixture(autouse=True, scope="module")
def _stores_are_copied() -> None:
    """Make every other store from its migrations here."""
