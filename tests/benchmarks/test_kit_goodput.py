"""How much of a line a kit makes use of: long, thin, with losses, and cut again and again.

Packets go through a true line between two network namespaces (`support.far_line`): the kernels at both ends speak the
TCP that they speak in the field. Over the same line curl sends the same bytes in one upload to an application that only
writes them, and tus-js-client sends a record of that size to the gateway, where npm can give it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.clock import true_clock
from support.far_line import FAR, FarLine, skip_without_far_lines
from support.gateway import Kit, World
from support.npm import INTEROP, npm_modules
from support.outbox import SmallOutbox
from support.standstill import run_to_its_end

from fieldkit.domain.delivery import DeliveryState
from sync.protocol.messages import Announcement
from tests.benchmarks.goals import BYTES_OVER_A_CUT_LINE, LINE_LONG, LINE_LOSSY, LINE_THIN

TESTS = Path(__file__).parents[1]
PORT, SIZE = 8443, 1_000_000
CUT_EVERY = 300_000
CONGESTION = Path("/proc/sys/net/ipv4/tcp_congestion_control")


@dataclass(frozen=True)
class Case:
    """A line, what goes over it, how often by turns, and the share of curl's goodput that is wanted."""

    bits_per_s: float
    round_trip_s: float
    loss: float
    records: int
    rounds: int
    wanted: float


LINES = {
    "long": Case(20e6, 0.3, 0.0, 8, 1, LINE_LONG),
    "thin": Case(2e6, 0.05, 0.0, 4, 1, LINE_THIN),
    "lossy": Case(20e6, 0.05, 0.02, 8, 3, LINE_LOSSY),  # one transfer alone is a matter of luck
}


@contextmanager
def there(line: FarLine, *command: str) -> Iterator[str]:
    """Run a server at the far end; give the line that it says once it answers."""
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    said = [*line.there, sys.executable, "-m", *command]
    with subprocess.Popen(said, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline()
        finally:
            server.terminate()


@contextmanager
def gateway(line: FarLine, world: World) -> Iterator[str]:
    serve = ("--dir", str(world.folder), "--host", FAR, "--port", str(PORT), "--opener", "none")
    with there(line, "fieldkit", "gateway", "serve", *serve) as said:
        assert said, "the gateway did not begin"
        yield f"https://{FAR}:{PORT}"


@contextmanager
def bare(line: FarLine, world: World, objects: Path) -> Iterator[str]:
    objects.mkdir()
    with there(line, "support.bare_gateway", str(world.folder), str(objects), FAR) as said:
        assert said, "the bare application did not begin"
        yield said.strip()


def by_curl(url: str, whole: Path) -> float:
    """Return how long one upload of all the bytes takes."""
    began = time.monotonic()
    subprocess.run(["curl", "-sfk", "--http1.1", "-T", str(whole), f"{url}/"], check=True)
    return time.monotonic() - began


def by_tus_js(url: str, world: World, kit: Kit, modules: Path, whole: Path) -> float:
    """Return how long tus-js-client takes for one record of all the bytes, announced and signed in before."""
    record_id, manifest, sealed, _ = kit.record(size=whole.stat().st_size)
    whole.write_bytes(sealed)
    with kit.link(url, stall_s=60) as link:
        link.announce(Announcement(manifests=(manifest,)))
        order = {"endpoint": f"{url}/tus", "token": link._token, "recordId": record_id, "file": str(whole)}
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(world.folder / "ca.pem")}
    began = time.monotonic()
    done = run_to_its_end(["node", modules / "client.mjs", json.dumps(order)], env=environment, text=True)
    assert json.loads(done.stdout)["status"] == 204, done.stdout
    return time.monotonic() - began


def by_kit(url: str, kit: Kit, folder: Path, records: int) -> tuple[float, int]:
    """Return how long all records take until their receipts are here, and how many runs."""
    outbox, runs = SmallOutbox(folder), 0
    ids = [kit.queue(outbox, size=SIZE) for _ in range(records)]
    began = time.monotonic()
    while any(outbox.state(each) is not DeliveryState.ACKNOWLEDGED for each in ids):
        kit.run(outbox, url, stall_s=30)
        runs += 1
        assert runs < 200
    return time.monotonic() - began, runs


def tus_js() -> Path | None:
    try:
        folder = npm_modules("tus-js-client", INTEROP / "tus", "TUS_NPM_DIR")
    except pytest.skip.Exception:
        return None
    shutil.copyfile(INTEROP / "tus" / "client.mjs", folder / "client.mjs")
    return folder


@pytest.fixture
def near_world(tmp_path: Path) -> World:
    skip_without_far_lines()
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    return World(tmp_path / "gateway", true_clock(), FAR)


@pytest.fixture
def known_kit(near_world: World) -> Kit:
    near_world.start()
    kit = near_world.enrol_kit("kit-01")
    near_world.stop()
    return kit


@pytest.mark.timeout(600)
@pytest.mark.parametrize("which", LINES)
def test_a_kit_makes_use_of_a_line(near_world: World, known_kit: Kit, tmp_path: Path, which: str) -> None:
    case, modules, whole = LINES[which], tus_js(), tmp_path / "whole"
    whole.write_bytes(os.urandom(case.records * SIZE))
    curl_s = kit_s = tus_s = 0.0
    with (
        FarLine(case.bits_per_s, case.round_trip_s, case.loss) as line,
        bare(line, near_world, tmp_path / "bare") as elsewhere,
        gateway(line, near_world) as url,
    ):
        for number in range(case.rounds):
            curl_s += by_curl(elsewhere, whole)
            kit_s += by_kit(url, known_kit, tmp_path / f"kit-{number}", case.records)[0]
            if modules is not None:
                tus_s += by_tus_js(url, near_world, known_kit, modules, whole)
    tus_said = f"tus-js-client {tus_s:.1f} s" if tus_s else "no tus-js-client"
    print(
        f"\n{case.rounds} times {case.records * SIZE / 1e6:.0f} MB over {case.bits_per_s / 1e6:.0f} Mbit/s,"
        f" {1000 * case.round_trip_s:.0f} ms there and back, {case.loss:.0%} lost, {CONGESTION.read_text().strip()},"
        f" load {os.getloadavg()[0]:.1f}: curl {curl_s:.1f} s, {tus_said}, kit {kit_s:.1f} s:"
        f" {curl_s / kit_s:.1%} of curl's goodput"
    )
    assert curl_s / kit_s >= case.wanted


@pytest.mark.timeout(600)
def test_a_cut_costs_few_bytes(near_world: World, known_kit: Kit, tmp_path: Path) -> None:
    case = LINES["thin"]
    size = case.records * SIZE
    with FarLine(case.bits_per_s, case.round_trip_s, 0.0, CUT_EVERY) as line, gateway(line, near_world) as url:
        seconds, runs = by_kit(url, known_kit, tmp_path / "kit", case.records)
    sent = line.carried["up"] / size
    print(
        f"\n{size / 1e6:.0f} MB, cut every {CUT_EVERY // 1000} kB: {line.carried['cuts']} cuts, {runs} runs,"
        f" {seconds:.1f} s, {sent:.3f} bytes sent for each"
    )
    assert line.carried["cuts"] >= size // CUT_EVERY
    assert sent <= BYTES_OVER_A_CUT_LINE
