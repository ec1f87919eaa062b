"""The program killed at random moments of an outreach day: nothing it said was saved is gone, nothing is there twice.

A child records residents from simulated devices over their wires, seals and sends them; SIGKILL meets it anywhere, and
the next one goes on. Devices and data center live on, as they do in the field.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.child_day import BUGS
from support.day import SEED, Petugas, offline_context, open_door, people, sign_in
from support.homes import FAST
from support.killed import rounds
from support.planted import demand_caught
from support.standstill import StandstillError, wait_until
from support.told import Fact, Told

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import DEMO_PASSPHRASE
from fieldkit.app.demo.kit import ACTIVITY, PETUGAS, PINS, prepare
from fieldkit.app.demo.world import World
from fieldkit.vault.keyslots import KeySlotFile
from sync.gateway import provision

TESTS = Path(__file__).parents[1]
PEOPLE = 60


@dataclass
class Field:
    """A prepared kit between its devices and its data center."""

    out: Path
    world: World

    @property
    def identity(self) -> Path:
        return self.world.data_center.folder / provision.OPENER_IDENTITY

    @property
    def untouched(self) -> Path:
        return self.out / "untouched"

    @property
    def told(self) -> Told:
        return Told(Home(self.out / "home"), self.identity)


@contextmanager
def open_field(out: Path) -> Iterator[Field]:
    with World(out, SEED) as world:
        home = Home(out / "home")
        prepare(home, world, people(PEOPLE))
        # Hundreds of sign-ins: the petugas gets a slot that opens fast.
        slots, passphrase = KeySlotFile.open(home.slots, FAST), DEMO_PASSPHRASE.format(pin=PINS[PETUGAS.user_id])
        opened = slots.unlock(PETUGAS.user_id, passphrase, home.clock().now())
        slots.start_anew(PETUGAS, passphrase, opened.db_key, opened.signing_key, PINS[PETUGAS.user_id])
        for copy in ("untouched", "warm"):
            shutil.copytree(out / "home", out / copy)
        yield Field(out, world)


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    with open_field(tmp_path_factory.mktemp("field")) as made:
        yield made


class Child:
    """A process that tells facts; `kill` returns what it told."""

    def __init__(self, *command: str) -> None:
        self.facts: list[Fact] = []
        self._process = subprocess.Popen([sys.executable, *command], cwd=TESTS, stdout=subprocess.PIPE)
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._listen)
        self._reader.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            self.facts += map(json.loads, lines)

    def wait_for(self, is_so: Callable[[list[Fact]], bool]) -> None:
        """Wait until it told enough, or ended; fail when it stands still."""
        try:
            wait_until(
                lambda: is_so(self.facts) or self.exit_code is not None,
                self.pid,
                told=lambda: (len(self.facts), self.facts[-1:]),
            )
        except StandstillError:
            os.kill(self.pid, signal.SIGKILL)
            self._reader.join()
            raise

    def kill(self) -> list[Fact]:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.end()
        is_done = bool(self.facts) and self.facts[-1]["kind"] == "done"
        assert self.exit_code == -signal.SIGKILL or is_done, f"it died by itself: {self.exit_code} {self.facts[-1:]}"
        return self.facts

    def end(self) -> list[Fact]:
        self.wait_for(lambda _: False)
        self._reader.join()
        return self.facts

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()


class Fork(Child):
    """A day in a fork of a process that has everything imported."""

    def __init__(self, process: subprocess.Popen[str], arguments: Sequence[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.facts, self._code, self._lines = [], None, process.stdout
        process.stdin.write(json.dumps(arguments) + "\n")
        process.stdin.flush()
        while (fact := json.loads(self._lines.readline()))["kind"] != "begun":
            self.facts.append(fact)
        self.pid = fact["pid"]
        self._reader = threading.Thread(target=self._listen)
        self._reader.start()

    def _listen(self) -> None:
        while (fact := json.loads(self._lines.readline()))["kind"] != "ended":
            self.facts.append(fact)
        self._code = fact["code"]

    @property
    def exit_code(self) -> int | None:
        return self._code


@contextmanager
def forks(field: Field) -> Iterator[Callable[[str], Child]]:
    """Start the process of which days are forks; yield what begins one, by the states of its targets."""
    command = [sys.executable, "-m", "support.child_day", "--forks", str(field.out / "warm")]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=TESTS, text=True, **streams) as process:
        yield lambda states: Fork(process, [str(field.out), str(PEOPLE), states])


def child_day(out: Path, states: str, bug: str) -> Child:
    return Child("-m", "support.child_day", str(out), str(PEOPLE), states, bug)


def faults_of(told: Told) -> list[str]:
    """Start the kit again, as a person would, and compare."""
    with offline_context(told.home) as context:
        return told.faults(context)


def kill_somewhere(child: Child, chance: random.Random) -> list[Fact]:
    """Kill after a random time, after a random fact, or around a seal."""
    match chance.choice(("time", "fact", "fact", "seal")):
        case "time":
            time.sleep(chance.uniform(0, 3))
        case "fact":
            wanted = chance.randint(1, 8)
            child.wait_for(lambda facts: len(facts) >= wanted)
            time.sleep(chance.uniform(0, 0.25))
        case "seal":
            child.wait_for(lambda facts: any(fact["kind"] == "sealing" for fact in facts))
            time.sleep(chance.uniform(0, 0.3))
    return child.kill()


def sweep(field: Field, kills: int, seed: int) -> Told:
    told, chance = field.told, random.Random(seed)
    with forks(field) as begin:
        for number in range(kills):
            told.facts += kill_somewhere(begin("planned,recording"), chance)
            assert faults_of(told) == [], f"after kill {number + 1} of seed {seed}"
        last = begin("recording")
        told.facts += last.end()
    assert last.exit_code == 0
    assert faults_of(told) == []
    assert_all_sealed(told)
    return told


def assert_all_sealed(told: Told) -> None:
    """Everything of which something was captured became one sealed record that the data center acknowledged.

    A recording that was opened and left before its first attempt is none.
    """
    begun = {fact["session"] for kind in ("attempt", "accepted") for fact in told.of(kind)}
    with offline_context(told.home) as context:
        assert context.left_open == ()
        queue = context.delivery.queue()
    assert {entry.record.session_id for entry in queue.entries} >= begun
    assert queue.unsent == 0


@pytest.mark.days
def test_killed_once(field: Field) -> None:
    sweep(field, kills=1, seed=4)


@pytest.mark.faults
@pytest.mark.timeout(0)
@pytest.mark.parametrize("kills", rounds())
def test_killed_at_random_moments(tmp_path: Path, kills: int) -> None:
    """In each round a new kit begins, for what is looked at after each kill grows."""
    seed = int.from_bytes(os.urandom(4))
    with open_field(tmp_path) as field:
        told = sweep(field, kills, seed)
    print(
        f"\n  {kills} kills (seed {seed}): {len(told.of('attempt'))} attempts, {len(told.of('accepted'))} accepted "
        f"steps, {len(told.of('sealed'))} sealed, {len(told.of('acknowledged'))} acknowledged; nothing lost"
    )


@pytest.fixture(scope="module")
def reviewed(field: Field, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A copy of the home in which the first resident waits for the seal, with what was told so far."""
    out = tmp_path_factory.mktemp("reviewed")
    shutil.copytree(field.untouched, out / "home")
    told = Told(Home(out / "home"), field.identity)
    residents = people(PEOPLE)
    door = open_door(told.home, field.world.devices, residents)
    try:
        petugas = Petugas(sign_in(door), residents, lambda kind, **facts: told.facts.append({"kind": kind, **facts}))
        petugas.prepare(petugas.context.visits.targets(ACTIVITY)[0])
    finally:
        door.leave()
    assert len(told.of("accepted")) == 7
    return told


@pytest.mark.faults
@pytest.mark.parametrize("bug", BUGS)
def test_harness_catches_the_planted_bug(field: Field, reviewed: Told, bug: str, tmp_path: Path) -> None:
    shutil.copytree(reviewed.home.path, tmp_path / "home")
    shutil.copyfile(field.out / "devices.json", tmp_path / "devices.json")
    told = Told(Home(tmp_path / "home"), field.identity, [*reviewed.facts])
    assert faults_of(told) == []
    child = child_day(tmp_path, "planned" if bug == "says_accepted_too_early" else "recording", bug)
    child.wait_for(lambda facts: any(fact["kind"] == "hole" for fact in facts))
    told.facts += child.kill()
    assert told.of("hole"), "the plant was never reached"
    demand_caught(faults_of(told), BUGS[bug])


@pytest.mark.faults
@pytest.mark.timeout(0)
@pytest.mark.parametrize("_turn", range(6))
def test_the_true_demo_killed_at_random_moments(tmp_path: Path, _turn: int) -> None:
    """Kill the program with its screens; start the kit again, go on with what was open, and deliver everything."""
    chance = random.Random(seed := int.from_bytes(os.urandom(4)))
    child = Child("-m", "support.child_demo", str(tmp_path))
    wanted = chance.randint(1, 60)
    child.wait_for(lambda facts: len(facts) >= wanted)
    time.sleep(chance.uniform(0, 0.5))
    told = Told(Home(tmp_path / "home"), tmp_path / "data-center" / provision.OPENER_IDENTITY, child.kill())
    killed_at = len(told.facts)
    assert faults_of(told) == [], f"seed {seed}"
    with World(tmp_path, SEED):
        last = Child("-m", "support.child_day", str(tmp_path), "4", "recording", "")
        told.facts += last.end()
        assert last.exit_code == 0
    assert faults_of(told) == []
    assert_all_sealed(told)
    print(f"\n  killed after {killed_at} facts (seed {seed}), then {len(told.of('sealed'))} sealed; nothing lost")
