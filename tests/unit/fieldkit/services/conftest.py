from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.room import Keys, Room, make_keys


@pytest.fixture(scope="session")
def sealing_keys() -> Keys:
    return make_keys()


@pytest.fixture
def room(tmp_path: Path, sealing_keys: Keys) -> Iterator[Room]:
    made = Room(tmp_path, sealing_keys)
    made.plan()
    yield made
    made.store.close()
