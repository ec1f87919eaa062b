"""The data center killed and without power anywhere in its day: nothing acknowledged without bytes, nothing twice.

Its day reads all objects, takes records whole and in chunks, takes one again that was lost, takes a stick, and opens
everything.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from pathlib import Path

import pytest
from support.forks import open_forks, said_in
from support.gateway_day import CARRIED, LOST, SENT, faults, prepare
from support.killed import spread
from support.planted import HONEST, PlantedBug, demand_caught, demand_quiet
from support.power import Call, Fate, ForgetfulDisk, demand, traced

pytestmark = pytest.mark.allow_logs  # a lost object is part of the day, and of each planted bug

TESTS = Path(__file__).parents[1]
RECEIPTS = SENT + LOST + CARRIED
_NO_BYTES = "has a receipt and no bytes$"
BUGS = [
    PlantedBug("receipt before bytes", _NO_BYTES),
    PlantedBug("bytes are not waited for", f"{_NO_BYTES}|has another receipt than the one that was given$"),
    PlantedBug("names are not waited for", _NO_BYTES),
    PlantedBug("rows are not waited for", "was acknowledged and has no row$|has another receipt than the one"),
]


@pytest.fixture(autouse=True)
def strace() -> None:
    demand()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("office") / "home"
    prepare(made)
    return made


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}


def command(home: Path, bug: str = "") -> list[str]:
    return [sys.executable, "-m", "support.gateway_day", str(home), bug]


def kill_sweep(office: Path, folder: Path, some: int | None, bug: PlantedBug = HONEST) -> list[str]:
    """Kill the day at so many of its fsyncs and renames, at all of them by default; return what went wrong."""

    def fresh(name: str) -> Path:
        shutil.copytree(office, folder / name / "home")
        return folder / name

    with open_forks(folder, module="support.gateway_day") as forks:
        calls = forks.calls("day", fresh("quiet"), bug.name)
        demand_quiet(faults(folder / "quiet" / "home", said_in(folder / "quiet")), bug)
        deaths, places = 0, spread(len(calls), some or len(calls))
        for n in random.sample(places, len(places)):
            is_dead, said = forks.kill("day", fresh(str(n)), calls[n - 1], bug.name)
            deaths += is_dead
            if found := faults(folder / str(n) / "home", said):
                return [f"killed at call {n} of {len(calls)}, {calls[n - 1]}:", *found]
            shutil.rmtree(folder / str(n))
    assert deaths
    print(f"\n  {deaths} kills at {len(places)} places: nothing lost")
    return []


def watch(office: Path, folder: Path, bug: PlantedBug = HONEST) -> list[Call]:
    shutil.copytree(office, folder / "home")
    calls = traced(command(folder / "home", bug.name), folder / "home", folder / "trace", environment())
    said = [call.content.decode().strip() for call in calls if call.name == "said"]
    assert len(said) >= RECEIPTS
    demand_quiet(faults(folder / "home", said), bug)
    return calls


def power_sweep(office: Path, folder: Path, calls: list[Call], cuts: int, seed: int) -> list[str]:
    """Cut the power so many times, every other time right after a receipt was given."""
    chance = random.Random(seed)
    shutil.rmtree(folder / "home")
    shutil.copytree(office, folder / "home")
    disk, done = ForgetfulDisk(folder / "home"), 0
    disk.lay(folder / "home")
    words = [place for place, call in enumerate(calls, 1) if call.name == "said" and call.content.endswith(b"\n")]
    places = [chance.choice(words) if cut % 2 else chance.randint(1, len(calls)) for cut in range(cuts)]
    for number, place in enumerate(sorted(places)):
        for call in calls[done:place]:
            disk.take(call)
        done = place
        home, fate = folder / f"cut-{number}", chance.choice(list(Fate))
        disk.cut(home, fate, chance)
        if found := faults(home, disk.said):
            return [f"cut after call {place} of {len(calls)}, {fate.value} (seed {seed}):", *found]
        shutil.rmtree(home)
    return []


def test_a_kill_anywhere_keeps_the_centers_word(office: Path, tmp_path: Path) -> None:
    assert kill_sweep(office, tmp_path, some=5) == []


@pytest.mark.faults
@pytest.mark.timeout(0)
def test_a_kill_at_each_fsync_and_rename_of_the_day(office: Path, tmp_path: Path) -> None:
    assert kill_sweep(office, tmp_path, some=None) == []


@pytest.mark.days
def test_a_power_cut_takes_nothing_that_was_acknowledged(office: Path, tmp_path: Path) -> None:
    assert power_sweep(office, tmp_path, watch(office, tmp_path), cuts=12, seed=1) == []


@pytest.mark.faults
@pytest.mark.timeout(0)
def test_a_power_cut_in_a_long_sweep(office: Path, tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(4))
    assert power_sweep(office, tmp_path, watch(office, tmp_path), cuts=300, seed=seed) == []


@pytest.mark.faults
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_power_cut_catches_the_planted_bug(office: Path, tmp_path: Path, bug: PlantedBug) -> None:
    demand_caught(power_sweep(office, tmp_path, watch(office, tmp_path, bug), cuts=80, seed=3), bug)


@pytest.mark.faults
@pytest.mark.timeout(0)
def test_the_kill_catches_the_planted_bug(office: Path, tmp_path: Path) -> None:
    demand_caught(kill_sweep(office, tmp_path, some=60, bug=BUGS[0]), BUGS[0])
