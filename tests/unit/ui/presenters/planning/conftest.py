from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import TARGETS, Kit
from support.sops import SMALL

from fieldkit.domain.people import Role, User


@pytest.fixture
def sop_kit(tmp_path: Path) -> Iterator[Kit]:
    """The kit of a kasi with one activity, "x", that follows the small SOP."""
    kit = Kit(tmp_path, User("u7", "Dewi", Role.KASI))
    kit.plan(*TARGETS)
    add_activity(kit, "x", SMALL)
    yield kit
    kit.store.close()
