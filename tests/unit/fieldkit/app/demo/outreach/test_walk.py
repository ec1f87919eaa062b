from __future__ import annotations

from pathlib import Path

import pytest

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.app.demo.outreach import walk
from fieldkit.app.demo.outreach.office_acts import SopReport
from fieldkit.app.demo.outreach.walk import SCRIPTS, perform
from fieldkit.domain.errors import InputError


def test_every_shipped_sop_has_its_script() -> None:
    assert set(SCRIPTS) == {profile.sop_id for profile in own_profiles()}


def test_an_unknown_sop_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"demo\.unknown_sop"):
        perform(tmp_path / "out", 1, "sop_lain", 99, "id", lambda _: None)
    assert not (tmp_path / "out").exists()


def test_all_are_walked_unless_one_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "_walk", lambda script, *_: SopReport(script.sop_id))
    told: list[SopReport] = []
    perform(tmp_path / "all", 1, "", 99, "id", told.append)
    perform(tmp_path / "one", 1, "grobogan_kk_wni", 99, "id", told.append)
    assert [report.sop_id for report in told] == [*SCRIPTS, "grobogan_kk_wni"]
