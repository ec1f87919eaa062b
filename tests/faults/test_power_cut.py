"""The battery dies at any moment: what was said to be saved is on the disk, whatever the disk had not written yet.

A child saves attempts, sealed records and their delivery under strace and says so after each commit. What it asked of
the disk is played into a fresh folder up to a cut, without what was not fsynced by then, and the store is opened there.
"""

from __future__ import annotations

import os
import random
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from support.clock import HandClock
from support.kept import ACTS, CountedIds, open_kit
from support.manifests import PlainManifests
from support.planted import HONEST, PlantedBug, demand_caught, demand_quiet
from support.power import Call, Fate, ForgetfulDisk, demand, traced

from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import KnownError
from fieldkit.domain.people import Role, User
from fieldkit.services.recording.seal_record import Recover
from fieldkit.storage.sealed_files import FolderOfSealedFiles

CHILD = """
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from fieldkit.storage import engine, sealed_files
from fieldkit.storage.outbox import SqlOutbox
from support.clock import NOW, HandClock
from support.kept import activity, open_kit, sample, sealed, session
from support.manifests import PlainManifests

def say(words):
    sys.stdout.write(words + "\\n")
    sys.stdout.flush()

# The WAL is written back after some acts instead of hundreds, so that cuts meet that too.
engine._WRITER += ("PRAGMA wal_autocheckpoint = 25",)
{bug}
home = Path(sys.argv[1])
store = open_kit(home)
files = sealed_files.FolderOfSealedFiles(home / "sealed")
outbox = SqlOutbox(store, files, HandClock())
with store.write() as unit:
    unit.activities.save(activity())
    unit.sessions.save(session())
for number in range(int(sys.argv[2])):
    with store.write() as unit:
        unit.sessions.put_samples("session-1", {{f"sample-{{number}}": sample(bytes(6_000))}})
        unit.events.append("attempt_made", "session-1", {{"number": number}}, "user-1", NOW)
    say(f"sample-{{number}}")
    if number % 3 == 2:
        content = f"sealed {{number}} ".encode() * 500
        with store.read() as unit:
            record = sealed(number, unit.records.next_link(), sha256=sha256(content).hexdigest())
        record = replace(record, size_bytes=len(content))
        files.put(record.record_id, content, PlainManifests().text(record))
        with store.write() as unit:
            unit.records.add(record)
            unit.events.append("record_sealed", f"record-{{number}}", {{}}, "user-1", NOW)
        say(f"record-{{number}}")
        outbox.mark_sending(f"record-{{number}}")
        say(f"record-{{number}} sending")
store.close()
"""
_GONE, _NO_FILE = "was said to be saved and is gone$", "stands in the queue without its sealed file$"
_NO_FSYNC = '{**vars(sealed_files.os), "fsync": lambda *_: None}'
BUGS = {  # what is planted, and by what it is caught
    PlantedBug(
        "the store never waits for the disk", rf"^the store does not open: store\.(damaged|wrong_key)$|{_GONE}"
    ): ('engine._WRITER += ("PRAGMA synchronous = OFF",)'),
    PlantedBug("names of sealed files are not waited for", _NO_FILE): (
        "sealed_files.sync_folder = lambda *_, **__: None"
    ),
    PlantedBug("the store waits only now and then", _GONE): 'engine._WRITER += ("PRAGMA synchronous = NORMAL",)',
    PlantedBug("sealed files are not waited for", _NO_FILE): f"sealed_files.os = SimpleNamespace(**{_NO_FSYNC})",
}
TESTS = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def strace() -> None:
    demand()


def watch(folder: Path, units: int, bug: PlantedBug = HONEST) -> list[Call]:
    """Let a child save so much, and return what it asked of the disk."""
    home = folder / "home"
    home.mkdir()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
    command = [sys.executable, "-c", CHILD.format(bug=BUGS.get(bug, "")), str(home), str(units)]
    calls = traced(command, home, folder / "trace", env)
    said = b"".join(call.content for call in calls if call.name == "said").decode().splitlines()
    assert len(said) >= units + 2 * (units // 3)
    demand_quiet(losses(home, said), bug)
    return calls


def losses(home: Path, said: list[str]) -> list[str]:
    """Open the store as after any start and name what is not as it must be."""
    try:
        store = open_kit(home, ids="after")
    except KnownError as error:
        return [f"the store does not open: {error.code}"]
    files = FolderOfSealedFiles(home / "sealed")
    try:
        user = User("user-1", "Rina", Role.PETUGAS_PEREKAMAN)
        Recover(store, files, PlainManifests(), HandClock(), CountedIds("found"), user, "kit-1").run()
        with store.read() as unit:
            _, fault = unit.events.verify()
            units = unit.connection.exec_driver_sql(ACTS).scalar_one()
            entries = unit.records.search(limit=1_000)
            wanted = "SELECT sample_id FROM samples"
            samples = set(unit.connection.exec_driver_sql(wanted).scalars())
    finally:
        store.close()
    records = {entry.record.record_id for entry in entries}
    sending = {f"{e.record.record_id} sending" for e in entries if e.state is DeliveryState.SENDING}
    found = [f"{words} was said to be saved and is gone" for words in said if words not in samples | records | sending]
    if fault is not None:
        found.append(f"the log broke at {fault.sequence}: {fault.code}")
    if units != len(samples) + len(records):
        found.append(f"{len(samples)} samples, {len(records)} records and {units} events: half of a write was kept")
    for entry in entries:
        path = files.path(entry.record.record_id)
        if not path.exists() or sha256(path.read_bytes()).hexdigest() != entry.record.sha256:
            found.append(f"{entry.record.record_id} stands in the queue without its sealed file")
    return found


def sweep(folder: Path, calls: list[Call], cuts: int, seed: int) -> list[str]:
    """Cut the power so many times, every other time right after something was said to be saved."""
    chance = random.Random(seed)
    words = [place for place, call in enumerate(calls, 1) if call.name == "said" and call.content.endswith(b"\n")]
    places = [chance.choice(words) if cut % 2 else chance.randint(1, len(calls)) for cut in range(cuts)]
    disk, done = ForgetfulDisk(folder / "home"), 0
    for number, place in enumerate(sorted(places)):
        for call in calls[done:place]:
            disk.take(call)
        done = place
        home, fate = folder / f"cut-{number}", chance.choice(list(Fate))
        disk.cut(home, fate, chance)
        if found := losses(home, disk.said):
            return [f"cut after call {place} of {len(calls)}, {fate.value} (seed {seed}):", *found]
    return []


def test_a_power_cut_takes_nothing_that_was_said_to_be_saved(tmp_path: Path) -> None:
    assert sweep(tmp_path, watch(tmp_path, units=12), cuts=12, seed=1) == []


@pytest.mark.faults
def test_a_power_cut_in_a_long_sweep(tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(4))
    assert sweep(tmp_path, watch(tmp_path, units=90), cuts=400, seed=seed) == []


@pytest.mark.faults
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_disk_catches_the_planted_bug(tmp_path: Path, bug: PlantedBug) -> None:
    demand_caught(sweep(tmp_path, watch(tmp_path, units=12, bug=bug), cuts=60, seed=2), bug)
