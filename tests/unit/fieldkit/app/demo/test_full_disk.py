from __future__ import annotations

import shutil
from typing import Any, cast

import pytest

from fieldkit.app.demo.full_disk import NO_SMALL_DISK, disk_filled
from fieldkit.domain.errors import KnownError


def test_without_a_small_disk_nobody_s_disk_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(KnownError, match=NO_SMALL_DISK.replace(".", r"\.")):
        disk_filled(cast(Any, None))  # before anybody of the team is asked
