from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import Kit, OpenDoor
from support.plans import KASI, furnish


@pytest.fixture
def planning_kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    """The kit of a Kasi with what a plan needs; the window signs in to it."""
    kit = Kit(tmp_path, KASI)
    furnish(kit)
    monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: kit.context)
    yield kit
    kit.store.close()
