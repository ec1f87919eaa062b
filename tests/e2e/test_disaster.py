"""The bad week as a command: whatever fails, each person's record lies at the data center once."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.performed import perform

ACTS = ["laptop_stolen", "older_backup_put_back", "store_damaged", "center_restored", "stick_lost_and_found"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_is_lost_or_doubled_in_the_bad_week(tmp_path: Path) -> None:
    told = perform(tmp_path, "--disaster", timeout_s=900).report
    assert [act["name"] for act in told["acts"]] == ACTS
    assert all(act["mended"] > 0 for act in told["acts"]), "each disaster had put a record at risk"
    assert [(act["lost"], act["doubled"]) for act in told["acts"]] == [(0, 0)] * len(ACTS)
    assert (told["sealed"], told["lost"], told["doubled"], told["readable_by_the_thief"]) == (6, 0, 0, 0)
