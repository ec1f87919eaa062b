"""How much of a poor line a kit makes use of: 2 Mbit/s, 50 ms there and back, shaped in a proxy of our own.

Beside it curl sends the same bytes in one upload to an application that only writes them. Then the line is cut each
300 kB; a run that a cut ended is begun again at once, for how long a kit waits is another matter and told apart.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.clock import true_clock
from support.gateway import Kit, World
from support.outbox import SmallOutbox
from support.thin_line import ThinLine

from fieldkit.domain.delivery.way import DeliveryState

TESTS = Path(__file__).parents[1]
BYTES_PER_S, DELAY_S, CUT_EVERY = 2_000_000 / 8, 0.025, 300_000
RECORDS, SIZE = 4, 1_000_000
WANTED, MOST_FOR_CUTS = 0.95, 1.15


def by_curl(world: World, tmp_path: Path) -> float:
    """Return how long one upload of all the bytes takes."""
    (tmp_path / "bare").mkdir()
    whole = tmp_path / "whole"
    whole.write_bytes(os.urandom(RECORDS * SIZE))
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    command = [sys.executable, "-m", "support.bare_gateway", str(world.folder), str(tmp_path / "bare")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}) as bare:
        assert bare.stdout is not None
        port = int(bare.stdout.readline().rpartition(":")[2])
        with ThinLine(port, BYTES_PER_S, DELAY_S) as line:
            began = time.monotonic()
            url = f"https://127.0.0.1:{line.port}/"
            subprocess.run(["curl", "-sfk", "--http1.1", "-T", str(whole), url], check=True)
            seconds = time.monotonic() - began
        bare.terminate()
    return seconds


def by_kit(world: World, kit: Kit, folder: Path, cut_every: int = 0) -> tuple[float, int, ThinLine]:
    """Return how long all records take until their receipts are here, and how many runs."""
    outbox, runs = SmallOutbox(folder), 0
    ids = [kit.queue(outbox, size=SIZE) for _ in range(RECORDS)]
    with ThinLine(world.port, BYTES_PER_S, DELAY_S, cut_every) as line:
        began = time.monotonic()
        while any(outbox.state(each) is not DeliveryState.ACKNOWLEDGED for each in ids):
            kit.run(outbox, f"https://127.0.0.1:{line.port}")
            runs += 1
            assert runs < 200
        return time.monotonic() - began, runs, line


@pytest.mark.timeout(600)
def test_a_kit_makes_use_of_a_poor_line(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    world = World(tmp_path / "gateway", true_clock())
    world.start()
    kit = world.enrol_kit("kit-01")
    curl_s = by_curl(world, tmp_path)
    uncut_s, _, whole_line = by_kit(world, kit, tmp_path / "uncut")
    cut_s, runs, line = by_kit(world, kit, tmp_path / "cut", CUT_EVERY)
    world.stop()
    megabytes = RECORDS * SIZE / 1e6
    print(
        f"\n{megabytes:.0f} MB over {BYTES_PER_S * 8 / 1e6:.0f} Mbit/s, {2000 * DELAY_S:.0f} ms there and back,"
        f" load {os.getloadavg()[0]:.1f}\n"
        f"  curl {curl_s:.1f} s, kit {uncut_s:.1f} s: {curl_s / uncut_s:.1%} of its goodput,"
        f" {whole_line.sent / 1e6:.2f} MB on the line\n"
        f"  cut every {CUT_EVERY // 1000} kB: {cut_s:.1f} s in {runs} runs, {cut_s / uncut_s:.2f} times;"
        f" {line.sent / 1e6:.2f} MB on the line, {line.sent / whole_line.sent:.2f} times"
    )
    assert curl_s / uncut_s >= WANTED
    assert cut_s / uncut_s <= MOST_FOR_CUTS
