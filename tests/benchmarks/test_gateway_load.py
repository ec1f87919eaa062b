"""Many kits at once against a gateway in both sizes, beside an application that only writes the same bytes.

`make bench-gateway` runs the whole load; LOAD=quick a small one, whose figures say little. The other end of S3 is moto,
which is Python and slower than any data center: so the large size is measured beside two bare applications, one that
writes files and one that puts the same bytes into the same moto. Shares are told by the clock, where moto, the client
and whatever else the machine does count in, and by the processor time of what serves alone. What PostgreSQL and moto
spend meanwhile is told apart: it is in neither.

Objects and rows stand on a disk (`support.true_disk`), for in memory a flush costs nothing. Rounds of the bare one and
of ours take turns, so that what else runs disturbs both, and a figure is the median of its rounds. Before each of them
what the last one wrote is removed: a virtual machine gives memory that nobody uses back to its host within seconds, and
who writes into memory that it must ask for anew spends twice as much (a bare record 2.4 ms of processor when it
ran first, 4.0 behind ours). How often the disk is waited for is counted by strace in a round of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
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
from support.true_disk import file_system_of, folder_on_disk

from fieldkit.domain.delivery import MANIFEST_TYP
from sync.gateway import provision
from sync.gateway.tables import records, uploads
from tests.benchmarks.goals import GATEWAY_BYTES_A_SECOND, GATEWAY_INTO_THE_SAME_STORE, GATEWAY_PROCESSOR

TESTS = Path(__file__).parents[1]
SERVE = [sys.executable, "-m", "fieldkit", "gateway", "serve", "--port", "0", "--opener", "none"]
BARE = [sys.executable, "-m", "support.bare_gateway"]
IS_WHOLE = os.environ.get("FIELDKIT_GATEWAY_LOAD") == "whole"
LOADS = {20: 100, 50: 40, 200: 10} if IS_WHOLE else {8: 5}  # kits, and the records that each of them sends
SIZE, ROUNDS = (1_000_000, 3) if IS_WHOLE else (400_000, 1)
CHUNK = int(os.environ.get("FIELDKIT_GATEWAY_CHUNK", 1024 * 1024))
WITH_KITS = 20  # so many, when the processor is judged
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
        return float(self.told["records"]) * SIZE / 1e6 / self.seconds

    @property
    def record_ms(self) -> float:
        """Processor time of one record."""
        return 1000 * self.processor_s / float(self.told["records"])


@dataclass
class Round:
    """The same load for each, one after the other."""

    plain: Figures
    ours: Figures
    into_store: Figures | None = None


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


def planned(folder: Path, kits: int) -> list[dict[str, Any]]:
    """Enrol the kits without any network and seal their records."""
    clock = true_clock()
    gateway_context = provision.open_gateway(folder, clock)
    rest, made = rest_of_all(SIZE), []
    for number in range(kits):
        kit = enrolled_kit(folder, gateway_context, clock, f"kit-{number:03d}")
        entries = []
        for count in range(LOADS[kits]):
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
            if written() >= sum(len(kit["records"]) for kit in kits) / 10:
                tenth.append(max(each.memory_info().rss for each in crew))

    def spent() -> float:
        return sum(sum(each.cpu_times()[:2]) for each in crew)

    began = -1.0
    while began != (began := spent()):  # its start is no part of a record
        time.sleep(0.3)
    before, servers, watcher = began, of_servers(), threading.Thread(target=watch)
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
    command = [*BARE, str(folder), objects or str(tmp_path / "bare")]
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as shared:
        shared.setblocking(False)
        with serving([*command, str(shared.fileno())], {}, (shared.fileno(),)) as (first, url):
            pids = [first]
            if workers == 1:
                done = measured(tmp_path, kits, url, pids, None)
            else:
                with serving([*command, str(shared.fileno())], {}, (shared.fileno(),)) as (second, _):
                    done = measured(tmp_path, kits, url, [*pids, second], None)
    shutil.rmtree(tmp_path / "bare")
    return done


def middle(rounds: list[Round], figure: Callable[[Round], float]) -> tuple[float, str]:
    """Return the median of a figure, and with which ends it is told."""
    found = sorted(map(figure, rounds))
    return median(found), "" if len(found) == 1 else f" ({found[0]:.2f} to {found[-1]:.2f})"


def told(size: str, kits: int, rounds: list[Round]) -> list[str]:
    """Print the medians of all rounds; return those that are not as wanted."""
    share, shares = middle(rounds, lambda each: each.ours.speed / each.plain.speed)
    times, of_times = middle(rounds, lambda each: each.ours.record_ms / each.plain.record_ms)
    ours, plain = [each.ours for each in rounds], [each.plain for each in rounds]
    print(
        f"\n{size}: {kits} kits, {LOADS[kits]} records of {SIZE} bytes in chunks of {CHUNK}, {len(rounds)} rounds,"
        f" load {os.getloadavg()[0]:.1f}\n"
        f"  {median(e.speed for e in ours):.0f} MB/s, bare {median(e.speed for e in plain):.0f}:"
        f" {share:.2f} of it{shares}\n"
        f"  processor {median(e.record_ms for e in ours):.2f} ms a record,"
        f" bare {median(e.record_ms for e in plain):.2f}: {times:.2f} times{of_times}\n"
        f"  largest worker {max(e.rss_tenth for e in ours) >> 20} MiB after a tenth,"
        f" {max(e.rss_end for e in ours) >> 20} MiB at the end\n"
        f"  slowest record {max(e.told['longest_s'] for e in ours):.2f} s,"
        f" bare {max(e.told['longest_s'] for e in plain):.2f} s"
    )
    wanted = [("of the bare one's speed", share, GATEWAY_BYTES_A_SECOND)]
    stores = [(each, each.into_store) for each in rounds if each.into_store is not None]
    if stores:
        part, parts = middle([each for each, _ in stores], lambda each: each.ours.speed / _store(each).speed)
        more, mores = middle([each for each, _ in stores], lambda each: each.ours.record_ms / _store(each).record_ms)
        print(
            f"  bare into the same store {median(e.speed for _, e in stores):.0f} MB/s: {part:.2f} of it{parts};"
            f" its processor {median(e.record_ms for _, e in stores):.2f} ms a record: {more:.2f} times{mores}"
        )
        for name in stores[0][1].servers_s:
            mine, its = (1000 * median(e.servers_s[name] for e in those) for those in (ours, [e for _, e in stores]))
            count = kits * LOADS[kits]
            print(f"  meanwhile {name} {mine / count:.1f} ms a record, beside the bare one {its / count:.1f}")
        wanted.append(("of the speed of a bare one into the same store", part, GATEWAY_INTO_THE_SAME_STORE))
    faults = [f"{size}, {kits} kits: {is_so:.2f} {of}, {least} wanted" for of, is_so, least in wanted if is_so < least]
    if size == "embedded" and kits == WITH_KITS and times > GATEWAY_PROCESSOR:
        faults.append(f"{size}, {kits} kits: {times:.2f} times the bare one's processor, {GATEWAY_PROCESSOR} wanted")
    return faults if IS_WHOLE else []


def _store(each: Round) -> Figures:
    assert each.into_store is not None
    return each.into_store


def judged(folder: Path, kits: list[dict[str, Any]], ours: Figures, sizes: dict[str, int]) -> list[str]:
    """Look at all that came of it; return what is not as it must be."""
    wanted = {record["id"]: record["sha256"] for kit in kits for record in kit["records"]}
    gateway_context = provision.open_gateway(folder, true_clock())
    with gateway_context.reading() as connection:
        held = dict(connection.execute(sa.select(records.c.record_id, records.c.receipt)).all())
        half = connection.scalar(sa.select(sa.func.count()).select_from(uploads))
    gateway_context.engine.dispose()
    receipts, growth = ours.told["receipts"], ours.rss_end / ours.rss_tenth
    print(
        f"  {ours.speed:.0f} MB/s; {len(wanted)} records: {len(receipts)} receipts, {len(held)} rows,"
        f" {len(sizes)} objects, {half} uploads left over; memory grew to {growth:.2f} times (at most {FLAT})"
    )
    for trouble in ours.told["wrong"]:
        print(f"  a kit was told {trouble}")
    must = {
        "each kit went through without a refusal": ours.told["wrong"] == [],
        "each record was acknowledged once": ours.told["records"] == len(receipts) == len(wanted),
        "each receipt is the one in its row": held == receipts,
        "no record was lost, none came from nowhere": held.keys() == wanted.keys(),
        "no upload is left over": half == 0,
        "each object has the bytes of its record": sizes == dict.fromkeys(wanted.values(), SIZE),
        "the memory is flat": growth <= FLAT or not IS_WHOLE,
    }
    return [f"not true: {clause}" for clause, is_so in must.items() if not is_so]


def counted(folder: Path) -> Any:
    gateway_context = provision.open_gateway(folder, true_clock())

    def count() -> int:
        with gateway_context.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(records)) or 0

    return count, gateway_context.engine.dispose


def run_both(tmp_path: Path, folder: Path, kits: list[dict[str, Any]], workers: int = 1) -> tuple[Round, list[str]]:
    """Return a round of each, and what is not as it must be."""
    plain = bare(tmp_path, folder, kits, workers)
    options = [] if workers == 1 else ["--workers", str(workers)]
    count, close = counted(folder)
    with serving([*SERVE, "--dir", str(folder), *options], {}) as (pid, url):
        pids = [each.pid for each in psutil.Process(pid).children()] or [pid]
        ours = measured(tmp_path, kits, url, pids, count)
    close()
    objects = json.loads((folder / "gateway.json").read_text())["objects"]
    into_store = bare(tmp_path, folder, kits, workers, objects) if objects else None
    if objects:
        pages = obstore.list(from_url(objects), "sealed")
        sizes = {Path(entry["path"]).name: entry["size"] for page in pages for entry in page}
    else:
        sizes = {p.name: p.stat().st_size for p in (folder / "objects/sealed").rglob("*") if p.is_file()}
    faults = judged(folder, kits, ours, sizes)
    bares = [plain] if into_store is None else [plain, into_store]
    return Round(plain, ours, into_store), [
        *faults,
        *(f"a bare one was told {e}" for o in bares for e in o.told["wrong"]),
    ]


def waits(trace: Path) -> Counter[str]:
    """Return how often files, folders and the database were waited for, of a trace that names each one."""
    found = Counter[str]()
    for line in trace.read_text().splitlines():
        if "sync(" in line:
            place = line.partition("<")[2].partition(">")[0]
            found["rows" if ".sqlite" in place else "folders" if Path(place).is_dir() else "files"] += 1
    return found


def tell_waits(disk: Path, kits: list[dict[str, Any]]) -> None:
    """Serve once more under strace, which stops at nothing else, and print how often a record waits for the disk."""
    strace = shutil.which("strace")
    if strace is None:
        print("  strace is not here: nobody counted how often the disk is waited for")
        return
    folder = disk / "gateway"
    for name, command in (("ours", [*SERVE, "--dir", str(folder)]), ("bare", [*BARE, str(folder), str(disk / "bare")])):
        trace = disk / f"{name}.strace"
        tracing = [strace, "-D", "-f", "-y", "--seccomp-bpf", "-e", "trace=fsync,fdatasync,syncfs", "-o", str(trace)]
        with serving([*tracing, *command], {}) as (pid, url):
            before = waits(trace)
            done = measured(disk, kits, url, [pid], None if name == "bare" else lambda: 0)
            found, count = waits(trace) - before, done.told["records"]
        each = ", ".join(f"{what} {times / count:.2f}" for what, times in sorted(found.items()))
        print(f"  waits for the disk a record, {name}: {found.total() / count:.2f} ({each})")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    made = folder_on_disk(tmp_path)
    yield made
    shutil.rmtree(made)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kits", LOADS)
def test_the_embedded_size(disk: Path, kits: int) -> None:
    rounds, faults = list[Round](), list[str]()
    for number in range(ROUNDS + 1):
        place = disk / str(number)
        folder = place / "gateway"
        place.mkdir()
        provision.init(folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], true_clock())
        plan = planned(folder, kits)
        shutil.rmtree(disk / str(number - 1), ignore_errors=True)
        if number < ROUNDS:
            done, wrong = run_both(place, folder, plan)
            rounds.append(done)
            faults += wrong
        else:
            faults += told("embedded", kits, rounds)
            print("  on {} ({})".format(*file_system_of(disk)))
            (place / "bare").mkdir()
            tell_waits(place, plan)
    print(*(f"  MISSED {fault}" for fault in faults), sep="\n")
    assert faults == []


@pytest.mark.timeout(1800)
def test_the_large_size(disk: Path, postgres_url: str, s3_url: str) -> None:
    folder, kits = disk / "gateway", 50 if IS_WHOLE else 8
    provision.init(folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], true_clock())
    stand_on(folder, postgres_url, s3_url)
    done, faults = run_both(disk, folder, planned(folder, kits), workers=2)
    faults += told("large", kits, [done])
    print(*(f"  MISSED {fault}" for fault in faults), sep="\n")
    assert faults == []
