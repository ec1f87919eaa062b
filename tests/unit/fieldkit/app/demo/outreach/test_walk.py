from __future__ import annotations

from pathlib import Path

import pytest

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.app.demo.outreach.walk import SCRIPTS, perform
from fieldkit.domain.errors import InputError


def test_every_shipped_sop_has_its_script() -> None:
    assert set(SCRIPTS) == {profile.sop_id for profile in own_profiles()}


def test_an_unknown_sop_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"demo\.unknown_sop"):
        perform(tmp_path / "out", 1, "sop_lain", 99, "id", lambda _: None)
    assert not (tmp_path / "out").exists()
