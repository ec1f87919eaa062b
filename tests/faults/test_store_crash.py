"""The store dies at any moment and keeps every write that it said was saved.

A child process records attempts in a loop and tells each one after its commit; it is killed at random moments, and the
store is opened again. SIGKILL shows what the process forgot, not what the disk did: that is test_power_cut.py.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.kept import ACTS, activity, open_kit, session
from support.planted import PlantedBug, demand_caught
from support.small_disk import on_a_small_disk

HONEST = """
    with store.write() as unit:
        keep(unit, number)
    print(number, flush=True)
"""
# The planted bug: it says "saved" before it is.
HASTY = """
    with store.write() as unit:
        keep(unit, number)
        print(number, flush=True)
        open_hole(number)
"""
# Another one: the sample and its event are two transactions.
TORN = """
    with store.write() as unit:
        unit.sessions.put_samples("session-1", {f"sample-{number}": sample(bytes(30_000))})
    open_hole(number)
    with store.write() as unit:
        unit.events.append("attempt_made", "session-1", {"number": number}, "user-1", NOW)
    print(number, flush=True)
"""
CHILD = """
import sys, time
from itertools import count
from pathlib import Path
from support.kept import NOW, open_kit, sample

def keep(unit, number):
    unit.sessions.put_samples("session-1", {f"sample-{number}": sample(bytes(30_000))})
    unit.events.append("attempt_made", "session-1", {"number": number}, "user-1", NOW)

def open_hole(number):
    # Stand still where the fourth write would lose something; nothing happens to those before it.
    if number % 100_000 == 3:
        print("hole", flush=True)
        time.sleep(600)

store = open_kit(Path(sys.argv[1]), ids=sys.argv[2])
for number in count(int(sys.argv[2])):
"""
BUGS = {
    PlantedBug("says saved too early", r"^3 was said to be saved and is gone$"): HASTY,
    PlantedBug("writes in two halves", r"^4 samples and 3 events: half of a write was kept$"): TORN,
}
NO_ROOM_KEPT = PlantedBug("no room was kept", r"^store\.disk_(full|failed)$")
TESTS = Path(__file__).parents[1]


def make_home(home: Path) -> None:
    store = open_kit(home)
    with store.write() as unit:
        unit.activities.save(activity())
        unit.sessions.save(session())
    store.close()


def run_and_kill(home: Path, way: str, first: int, chance: random.Random) -> list[int]:
    """Let the child write from number `first` on, kill it, and return what it said was saved.

    The moment is a random one, or that at which a planted bug stands still.
    """
    command = [sys.executable, "-c", CHILD + way, str(home), str(first)]
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}) as child:
        assert child.stdout is not None
        said = [child.stdout.readline()]
        if way is HONEST:
            time.sleep(chance.uniform(0, 0.15))
        while way is not HONEST and said[-1] not in ("hole\n", ""):
            said.append(child.stdout.readline())
        child.kill()
        said += child.stdout.readlines()
    assert child.returncode == -signal.SIGKILL, f"the child died by itself: {said}"
    return [int(line) for line in said if line.endswith("\n") and line != "hole\n"]


def losses(home: Path, said: list[int]) -> list[str]:
    """Open the store again and name what is not as it must be."""
    store = open_kit(home, ids=f"reader-{len(said)}")
    try:
        with store.read() as unit:
            _, fault = unit.events.verify()
            wanted = "SELECT sample_id FROM samples"
            units = unit.connection.exec_driver_sql(ACTS).scalar_one()
            kept = {int(name.partition("-")[2]) for name in unit.connection.exec_driver_sql(wanted).scalars()}
    finally:
        store.close()
    found = [f"{number} was said to be saved and is gone" for number in said if number not in kept]
    if fault is not None:
        found.append(f"the log broke at {fault.sequence}: {fault.code}")
    if units != len(kept):
        found.append(f"{len(kept)} samples and {units} events: half of a write was kept")
    return found


def sweep(home: Path, way: str, kills: int, seed: int) -> list[str]:
    """Kill so many times, or until something is lost."""
    make_home(home)
    chance = random.Random(seed)
    said: list[int] = []
    for turn in range(kills):
        said += run_and_kill(home, way, turn * 100_000, chance)
        if found := losses(home, said):
            return found
    assert len(said) >= kills
    return []


def test_killed_store_keeps_what_it_said(tmp_path: Path) -> None:
    assert sweep(tmp_path, HONEST, kills=4, seed=1) == []


@pytest.mark.faults
def test_killed_store_keeps_what_it_said_in_a_long_sweep(tmp_path: Path) -> None:
    assert sweep(tmp_path, HONEST, kills=60, seed=int.from_bytes(os.urandom(4))) == []


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_harness_catches_the_planted_bug(tmp_path: Path, bug: PlantedBug) -> None:
    demand_caught(sweep(tmp_path, BUGS[bug], kills=1, seed=2), bug)


@pytest.mark.days
def test_kill_while_the_store_is_made_leaves_none_or_a_whole_one(tmp_path: Path) -> None:
    code = "from pathlib import Path; import sys; from support.kept import open_kit; open_kit(Path(sys.argv[1]))"
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    chance = random.Random(3)
    for turn in range(3):
        home = tmp_path / str(turn)
        home.mkdir()
        command = [sys.executable, "-c", code, str(home)]
        with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}) as child:
            while not (home / "kit.db.new").exists() and not (home / "kit.db").exists() and child.poll() is None:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.1))
            child.kill()
        make_home(home)


FILLING = """
import sys
from pathlib import Path
from support.kept import activity, open_kit, sample, session
from fieldkit.domain.errors import StoreError
from fieldkit.storage.sealed_files import FolderOfSealedFiles

home = Path(sys.argv[1])
(home / "ballast").write_bytes(bytes(1_000_000))
store = open_kit(home)
with store.write() as unit:
    unit.activities.save(activity())
    unit.sessions.save(session())
saved = 0
try:
    while True:
        with store.write() as unit:
            unit.sessions.put_samples("session-1", {f"sample-{saved}": sample(bytes(100_000))})
        saved += 1
except StoreError as error:
    print(error.code)
try:
    FolderOfSealedFiles(home / "sealed").put("record-1", bytes(2_000_000), "manifest")
except StoreError as error:
    print(error.code)
print([path.name for path in (home / "sealed").iterdir()])
(home / "ballast").unlink()
with store.write() as unit:
    unit.sessions.put_samples("session-1", {f"sample-{saved}": sample(b"after")})
store.close()
store = open_kit(home, ids="later")
with store.read() as unit:
    for number in range(saved + 1):
        unit.sessions.sample(f"sample-{number}")
store.close()
print("all there" if saved > 3 else "nothing was saved")
"""


def test_full_disk_stops_with_a_sentence_and_loses_nothing(tmp_path: Path) -> None:
    said = on_a_small_disk(tmp_path, 4, "-c", FILLING, str(tmp_path))
    assert said == ["store.disk_full", "store.disk_full", "[]", "all there"]


SIGNING_IN = """
import sys
from pathlib import Path
from support.clock import NOW, HandClock
from support.kept import fill_queue, open_kit
from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import KnownError
from fieldkit.storage.outbox import SqlOutbox
from fieldkit.storage.reserve import Reserve
from fieldkit.storage.sealed_files import FolderOfSealedFiles

home = Path(sys.argv[1])
store = open_kit(home)
files = FolderOfSealedFiles(home / "sealed")
for record in fill_queue(store, [1, 2]):
    files.put(record.record_id, bytes(300_000), "manifest")
store.close()
if len(sys.argv) > 2:  # the planted bug: no room was kept
    Reserve.keep = lambda *_, **__: None
Reserve(home / "kit.reserve").keep()
try:
    with (home / "others").open("wb", buffering=0) as others:
        while True:
            others.write(bytes(4096))
except OSError as error:
    print("full", error.errno)
try:
    store = open_kit(home, ids="later")
    outbox = SqlOutbox(store, files, HandClock())
    print(len(outbox.pending(NOW)))
    for record_id in ("record-1", "record-2"):
        outbox.mark_sending(record_id)
        outbox.mark_received(record_id)
        outbox.acknowledge(record_id, "receipt", NOW)
        outbox.sealed_bytes(record_id).close()
        files.erase(record_id)
    print(outbox.counts()[DeliveryState.ACKNOWLEDGED], len(files.found().sealed))
    store.close()
    open_kit(home, ids="last").close()
except KnownError as error:
    print(error.code)
"""


def test_on_a_full_disk_one_can_sign_in_send_and_make_room(tmp_path: Path) -> None:
    assert on_a_small_disk(tmp_path, 16, "-c", SIGNING_IN, str(tmp_path)) == ["full 28", "2", "2 0"]


def test_without_the_reserve_nobody_gets_in(tmp_path: Path) -> None:
    demand_caught(on_a_small_disk(tmp_path, 16, "-c", SIGNING_IN, str(tmp_path), NO_ROOM_KEPT.name), NO_ROOM_KEPT)
