"""Many kits at once against a gateway in both sizes, beside an application that only writes the same bytes.

`make bench-gateway` runs the whole load; LOAD=quick a small one, whose figures say little. The other end of S3 is moto,
which is Python and slower than any data center: so the large size is measured beside two bare applications, one that
writes files and one that puts the same bytes into the same moto. Shares are told by the clock, where moto, the client
and whatever else the machine does count in, and by the processor time of what serves alone. What PostgreSQL and moto
spend meanwhile is told apart: it is in neither.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import obstore
import psutil
import pytest
import sqlalchemy as sa
from obstore.store import from_url
from support.clock import true_clock
from support.gateway import enrolled_kit
from support.load_client import rest_of_all
from support.services import stand_on

from fieldkit.domain.delivery.sealed import MANIFEST_TYP
from sync.gateway import provision
from sync.gateway.tables import records, uploads

TESTS = Path(__file__).parents[1]
IS_WHOLE = os.environ.get("FIELDKIT_GATEWAY_LOAD") == "whole"
KITS, RECORDS, SIZE = (50, 40, 1_000_000) if IS_WHOLE else (8, 5, 400_000)
CHUNK = int(os.environ.get("FIELDKIT_GATEWAY_CHUNK", 1024 * 1024))
WANTED = {"embedded": 0.5, "large": 0.6}  # of the bare one's bytes a second
FLAT = 1.2


@dataclass
class Figures:
    """What one run took."""

    seconds: float
    processor_s: float  # of what serves, without client and other servers
    rss_tenth: int
    rss_end: int
    told: dict[str, Any]
    servers_s: dict[str, float]  # processor time of the other servers meanwhile

    @property
    def speed(self) -> float:
        """Megabytes a second."""
        return KITS * RECORDS * SIZE / 1e6 / self.seconds


@contextmanager
def serving(command: list[str], environment: dict[str, str], fds: tuple[int, ...] = ()) -> Iterator[tuple[int, str]]:
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, pass_fds=fds, env={**os.environ, "PYTHONPATH": path, **environment}
    ) as server:
        assert server.stdout is not None
        try:
            yield server.pid, server.stdout.readline().split()[-1]
        finally:
            server.terminate()
            server.wait(60)


def planned(folder: Path) -> list[dict[str, Any]]:
    """Enrol the kits without any network and seal their records."""
    clock = true_clock()
    gateway_context = provision.open_gateway(folder, clock)
    rest, made = rest_of_all(SIZE), []
    for number in range(KITS):
        kit = enrolled_kit(folder, gateway_context, clock, f"kit-{number:03d}")
        entries = []
        for count in range(RECORDS):
            record_id, _, head, _ = kit.record(size=0, nik=f"33150141{number:03d}{count:05d}")
            digest = hashlib.sha256(head + rest[len(head) :]).hexdigest()
            manifest = {
                "record_id": record_id,
                "kit": kit.name,
                "size_bytes": SIZE,
                "sha256": digest,
                "sealed_at": clock.now().isoformat(),
                "activity_id": "kegiatan-1",
                "chain": "c1",
                "sequence": count + 1,
                "previous": "",
            }
            signed = kit.signer.sign(manifest, MANIFEST_TYP)
            entries.append({"id": record_id, "head": head.decode(), "manifest": signed, "sha256": digest})
        made.append({"token": kit.token(gateway_context), "records": entries})
    gateway_context.engine.dispose()
    return made


def measured(tmp_path: Path, kits: list[dict[str, Any]], url: str, pids: list[int], written: Any) -> Figures:
    """Send all of it to what these processes serve; `written()` says how many records are there by now."""
    host, _, port = url.removeprefix("https://").rpartition(":")
    plan = {"host": host, "port": int(port), "size": SIZE, "chunk": CHUNK, "bare": written is None, "kits": kits}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    crew = [psutil.Process(pid) for pid in pids]
    is_over, tenth = threading.Event(), []

    def watch() -> None:
        while written is not None and not tenth and not is_over.wait(0.05):
            if written() >= KITS * RECORDS / 10:
                tenth.append(max(each.memory_info().rss for each in crew))

    def spent() -> float:
        return sum(sum(each.cpu_times()[:2]) for each in crew)

    before, servers, watcher = spent(), of_servers(), threading.Thread(target=watch)
    watcher.start()
    command = [sys.executable, "-m", "support.load_client", str(tmp_path / "plan.json")]
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONPATH": path})
    end = max(each.memory_info().rss for each in crew)
    is_over.set()
    watcher.join()
    told = json.loads(done.stdout)
    meanwhile = {name: now - servers[name] for name, now in of_servers().items()}
    return Figures(told["seconds"], spent() - before, tenth[0] if tenth else end, end, told, meanwhile)


def of_servers() -> dict[str, float]:
    """Return the processor time that PostgreSQL and the stand-in for S3 have spent so far, ended connections too."""
    spent = {"PostgreSQL": 0.0, "moto": 0.0}
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            name = "PostgreSQL" if each.name() == "postgres" else "moto" if "moto.server" in each.cmdline() else ""
            if name:
                spent[name] += sum(each.cpu_times()[:4])
    return spent


def bare(tmp_path: Path, folder: Path, kits: list[dict[str, Any]], workers: int, objects: str = "") -> Figures:
    (tmp_path / "bare").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "support.bare_gateway", str(folder), objects or str(tmp_path / "bare")]
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as shared:
        shared.setblocking(False)
        with serving([*command, str(shared.fileno())], {}, (shared.fileno(),)) as (first, url):
            pids = [first]
            if workers == 1:
                return measured(tmp_path, kits, url, pids, None)
            with serving([*command, str(shared.fileno())], {}, (shared.fileno(),)) as (second, _):
                return measured(tmp_path, kits, url, [*pids, second], None)


def told(size: str, ours: Figures, plain: Figures, into_store: Figures | None = None) -> None:
    load = os.getloadavg()[0]
    megabytes = KITS * RECORDS * SIZE / 1e6
    print(
        f"\n{size}: {KITS} kits, {RECORDS} records of {SIZE} bytes in chunks of {CHUNK}, load {load:.1f}\n"
        f"  {ours.speed:.0f} MB/s, bare {plain.speed:.0f} MB/s: {ours.speed / plain.speed:.0%} of it\n"
        f"  processor of the workers {1000 * ours.processor_s / megabytes:.1f} ms a MB,"
        f" bare {1000 * plain.processor_s / megabytes:.1f}: {plain.processor_s / ours.processor_s:.0%}\n"
        f"  largest worker {ours.rss_tenth >> 20} MiB after a tenth, {ours.rss_end >> 20} MiB at the end\n"
        f"  slowest record {ours.told['longest_s']:.2f} s"
    )
    if into_store is not None:
        print(
            f"  bare into the same store {into_store.speed:.0f} MB/s: {ours.speed / into_store.speed:.0%} of it;"
            f" its processor {1000 * into_store.processor_s / megabytes:.1f} ms a MB:"
            f" {into_store.processor_s / ours.processor_s:.0%}"
        )
        for name, spent_s in ours.servers_s.items():
            mine, its = 1000 * spent_s / megabytes, 1000 * into_store.servers_s[name] / megabytes
            print(f"  meanwhile {name} {mine:.1f} ms a MB, beside the bare one {its:.1f}")


def judged(folder: Path, size: str, kits: list[dict[str, Any]], ours: Figures, sizes: dict[str, int]) -> list[str]:
    """Look at all that came of it and print it; return what is not as it must be."""
    wanted = {record["id"]: record["sha256"] for kit in kits for record in kit["records"]}
    gateway_context = provision.open_gateway(folder, true_clock())
    with gateway_context.reading() as connection:
        held = dict(connection.execute(sa.select(records.c.record_id, records.c.receipt)).all())
        half = connection.scalar(sa.select(sa.func.count()).select_from(uploads))
    gateway_context.engine.dispose()
    receipts, growth = ours.told["receipts"], ours.rss_end / ours.rss_tenth
    print(
        f"  {len(wanted)} records: {len(receipts)} receipts, {len(held)} rows, {len(sizes)} objects,"
        f" {half} uploads left over; memory grew to {growth:.2f} times (at most {FLAT})"
    )
    for trouble in ours.told["wrong"]:
        print(f"  a kit was told {trouble}")
    must = {
        "each kit went through without a refusal": ours.told["wrong"] == [],
        "each record was acknowledged once": ours.told["records"] == len(receipts) == KITS * RECORDS,
        "each receipt is the one in its row": held == receipts,
        "no record was lost, none came from nowhere": held.keys() == wanted.keys(),
        "no upload is left over": half == 0,
        "each object has the bytes of its record": sizes
        == {f"sealed/{sha[:2]}/{sha[2:4]}/{sha}": SIZE for sha in wanted.values()},
        "the memory is flat": growth <= FLAT or not IS_WHOLE,
    }
    return [f"{size}, not true: {clause}" for clause, is_so in must.items() if not is_so]


def counted(folder: Path) -> Any:
    gateway_context = provision.open_gateway(folder, true_clock())

    def count() -> int:
        with gateway_context.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(records)) or 0

    return count, gateway_context.engine.dispose


def run_both(tmp_path: Path, folder: Path, size: str, options: list[str], workers: int) -> list[str]:
    """Return what is not as it must be, after all of it was printed."""
    kits = planned(folder)
    plain = bare(tmp_path, folder, kits, workers)
    command = [sys.executable, "-m", "fieldkit", "gateway", "serve", "--dir", str(folder), "--port", "0"]
    count, close = counted(folder)
    with serving([*command, "--opener", "none", *options], {}) as (pid, url):
        pids = [each.pid for each in psutil.Process(pid).children()] or [pid]
        ours = measured(tmp_path, kits, url, pids, count)
    close()
    objects = json.loads((folder / "gateway.json").read_text())["objects"]
    into_store = bare(tmp_path, folder, kits, workers, objects) if objects else None
    told(size, ours, plain, into_store)
    bares = [plain] if into_store is None else [plain, into_store]
    if objects:
        pages = obstore.list(from_url(objects), "sealed")
        sizes = {entry["path"]: entry["size"] for page in pages for entry in page}
    else:
        root = folder / "objects"
        sizes = {str(p.relative_to(root)): p.stat().st_size for p in (root / "sealed").rglob("*") if p.is_file()}
    faults = judged(folder, size, kits, ours, sizes)
    faults += [f"{size}: a bare one was told {each}" for other in bares for each in other.told["wrong"]]
    share = ours.speed / plain.speed
    if IS_WHOLE and share < WANTED[size]:
        faults.append(f"{size}: {share:.0%} of the bare one's speed, {WANTED[size]:.0%} are wanted")
    print(*(f"  MISSED {fault}" for fault in faults), sep="\n")
    return faults


@pytest.mark.timeout(1800)
def test_the_embedded_size(tmp_path: Path) -> None:
    folder = tmp_path / "gateway"
    provision.init(folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], true_clock())
    assert run_both(tmp_path, folder, "embedded", [], 1) == []


@pytest.mark.timeout(1800)
def test_the_large_size(tmp_path: Path, postgres_url: str, s3_url: str) -> None:
    folder = tmp_path / "gateway"
    provision.init(folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], true_clock())
    stand_on(folder, postgres_url, s3_url)
    assert run_both(tmp_path, folder, "large", ["--workers", "2"], 2) == []
