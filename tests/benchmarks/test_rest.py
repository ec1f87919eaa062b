"""What a kit that is signed in and left alone takes: ten minutes after the first, so it has a command of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.day import SEED, people

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.demo.kit import PETUGAS, PINS, prepare
from fieldkit.app.demo.world import World
from tests.benchmarks.goals import MIB_A_MINUTE_AT_REST

HERE, MINUTES = Path(__file__).parent, 10


def rest_of(home: Path, minutes: int) -> tuple[float, float, Sequence[float]]:
    """Leave a kit alone for so many minutes after its first two; return % of a processor, wake-ups a second, MiB."""
    command = [sys.executable, HERE / "at_rest.py", home, str(minutes + 1)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run(
        [*command, PETUGAS.user_id, PINS[PETUGAS.user_id]], capture_output=True, text=True, env=environment, check=True
    )
    _, *rows = [tuple(map(float, line.split())) for line in done.stdout.splitlines()]
    seconds, wakes, mib = zip(*(row[1:] for row in rows), strict=True)
    return sum(seconds) / 0.6 / len(rows), sum(wakes) / 60 / len(rows), mib


@pytest.mark.timeout(0)
def test_a_kit_at_rest_does_not_grow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With every driver that looks around by itself; after five minutes the screen lock covers it."""
    with World(tmp_path, SEED) as world:
        prepare(Home(tmp_path / "home"), world, people(4))
    percent, wakes, mib = rest_of(tmp_path / "home", MINUTES)
    slope = (mib[-1] - mib[0]) / (len(mib) - 1)
    with capsys.disabled():
        print(
            f"\n  at rest {percent:.2f} % of a processor, {wakes:.1f} wake-ups a second;"
            f" {mib[-1]:.0f} MiB, {slope:+.3f} a minute"
        )
    assert slope <= MIB_A_MINUTE_AT_REST
