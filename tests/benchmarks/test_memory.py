"""Whether the program grows with the people of a day: thirty through the real screens, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.goals import MB_A_PERSON

HERE, PEOPLE, FIRST = Path(__file__).parent, 30, 5  # the first bring in what everybody after them uses


def day_of(people: int, out: Path) -> dict[str, Any]:
    """Perform a day and return what it was to the window (`demo_day.py`)."""
    command = [sys.executable, HERE / "demo_day.py", out, str(people)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    assert len(told["resident_mib"]) == people
    return told


@pytest.mark.timeout(0)
def test_a_day_of_many_people_does_not_grow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    resident = day_of(PEOPLE, tmp_path / "day")["resident_mib"]
    growth = (resident[-1] - resident[FIRST - 1]) / (PEOPLE - FIRST) * 2**20 / 1e6
    with capsys.disabled():
        print(
            f"\n  resident after {FIRST} people {resident[FIRST - 1]:.0f} MiB, after {PEOPLE} {resident[-1]:.0f}:"
            f" {growth:.2f} MB a person"
        )
    assert growth <= MB_A_PERSON
