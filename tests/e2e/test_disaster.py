"""The bad week as a command: whatever fails, each person's record lies at the data center once."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.performed import perform

from fieldkit.app.demo.disaster import ACTS

pytestmark = [pytest.mark.days, pytest.mark.timeout(0)]


def test_nothing_is_lost_or_doubled_in_the_bad_week(tmp_path: Path) -> None:
    told = perform(tmp_path, "--disaster").report
    assert [act["name"] for act in told["acts"]] == list(ACTS)
    assert all(act["mended"] > 0 for act in told["acts"]), "each disaster had put a record at risk"
    assert [(act["lost"], act["doubled"]) for act in told["acts"]] == [(0, 0)] * len(ACTS)
    assert (told["sealed"], told["lost"], told["doubled"]) == (len(ACTS) + 1, 0, 0)
    assert (told["readable_by_the_thief"], told["touched_by_the_stranger"]) == (0, 0)


def test_a_stolen_laptop_costs_nothing(tmp_path: Path) -> None:
    """The act that goes through most hands: backup, theft, revocation, another laptop, readmission."""
    told = perform(tmp_path, "--disaster", "--only", "laptop_stolen").report
    assert told["acts"] == [{"name": "laptop_stolen", "lost": 0, "doubled": 0, "mended": 1}]
    assert (told["sealed"], told["readable_by_the_thief"]) == (1, 0)


def test_a_stick_of_a_stranger_touches_nothing(tmp_path: Path) -> None:
    told = perform(tmp_path, "--disaster", "--only", "stick_of_a_stranger").report
    assert told["acts"] == [{"name": "stick_of_a_stranger", "lost": 0, "doubled": 0, "mended": 1}]
    assert (told["sealed"], told["touched_by_the_stranger"]) == (1, 0)


def test_a_disk_that_the_kit_filled_costs_nothing(tmp_path: Path) -> None:
    told = perform(tmp_path, "--disaster", "--only", "disk_filled").report
    assert told["acts"] == [{"name": "disk_filled", "lost": 0, "doubled": 0, "mended": 1}]
