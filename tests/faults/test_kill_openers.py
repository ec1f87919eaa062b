"""Openers killed anywhere, three at a time: each record has one verdict, its status lines once, one submission."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
from support.clock import true_clock
from support.gateway import Kit, enrolled_kit, receive
from support.killed import rounds
from support.lenient import be_lenient
from support.opener_forks import submitted
from support.planted import HONEST, PlantedBug, demand_caught, demand_quiet
from support.records import small_draft
from support.services import Postgres, stand_on
from support.standstill import end_of, wait_until

from fieldkit.formats.container import write_container
from fieldkit.ports.vault import SigningKey
from fieldkit.vault.cms import RecordSealer
from sync.gateway import provision
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.opening.process import take_out
from sync.gateway.tables import records, statuses
from sync.protocol.messages import Announcement

TESTS = Path(__file__).parents[1]
OPENERS = 3
_DAY = timedelta(days=1)
_STEPS = 26  # more than opening one record takes
TWICE = PlantedBug("twice", r"^submissions: Counter\(\{.*: 1\}\)")
Forks = Callable[[dict[str, Any]], int]


class Center:
    """A data center whose records are opened by forks."""

    def __init__(self, forks: Forks, folder: Path, database: str = "") -> None:
        self.folder, self.clock = folder / "gateway", true_clock()
        provision.init(self.folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], self.clock)
        stand_on(self.folder, database)
        self.context: GatewayContext = provision.open_gateway(self.folder, self.clock)
        be_lenient(self.context)
        submitted.create(self.context.engine)
        self.kit: Kit = enrolled_kit(self.folder, self.context, self.clock, "kit-01")
        self.ids = list[str]()
        self._forks = forks

    def receive(self, count: int) -> None:
        self.clock.at = datetime.now(UTC)
        made = [self.kit.record(size=200, nik=f"33150141079{len(self.ids) + n:05d}") for n in range(count)]
        Ledger(self.context).announce(
            self.kit.name, Announcement(manifests=tuple(manifest for _, manifest, _, _ in made))
        )
        for record_id, _, sealed, _ in made:
            receive(self.context, self.kit, record_id, sealed)
            self.ids.append(record_id)

    def open(self, step: int = 0, lease_s: float = 0.0, slow_s: float = 0.0, **how: object) -> int:
        said = {"folder": str(self.folder), "step": step, "lease_s": lease_s, "slow_s": slow_s}
        return self._forks({**said, "is_once": True, "bug": "", "hole": "", **how})

    def open_the_rest(self) -> None:
        """Open everything, undisturbed; a record that was being opened at three deaths has its turn a day later."""
        with self.context.engine.begin() as connection:
            values: dict[str, Any] = {"set_aside_at": datetime.now(UTC) - 2 * _DAY}
            connection.execute(sa.update(records).where(records.c.set_aside_at.is_not(None)).values(values))
        assert self.open() == 0

    def verdicts(self) -> Counter[str]:
        with self.context.engine.begin() as connection:
            return Counter(connection.scalars(sa.select(records.c.verdict)))

    def faults(self) -> list[str]:
        """Name each record that is not judged once in effect."""
        with self.context.engine.begin() as connection:
            verdicts = dict(connection.execute(sa.select(records.c.record_id, records.c.verdict)).all())
            codes = Counter(map(tuple, connection.execute(sa.select(statuses.c.record_id, statuses.c.code))))
            asked = Counter(connection.scalars(sa.select(submitted.c.record_id)))
            cursors = connection.scalars(sa.select(statuses.c.cursor).order_by(statuses.c.cursor)).all()
        expected = Counter(
            {(each, code): 1 for each in self.ids for code in ("RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD")}
        )
        found = [] if verdicts == dict.fromkeys(self.ids, "valid") else [f"verdicts: {Counter(verdicts.values())}"]
        found += [] if codes == expected else [f"statuses: {(codes - expected) + (expected - codes)}"]
        found += [] if asked == Counter(self.ids) else [f"submissions: {asked - Counter(self.ids)}"]
        return found + ([] if list(cursors) == list(range(1, len(cursors) + 1)) else ["the feed has a hole"])


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    """Start the process that forks; ask it for an opener, and get what it answers."""
    path = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
    command = [sys.executable, "-m", "support.opener_forks"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=path) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def ask(said: dict[str, Any]) -> int:
            stdin.write(json.dumps(said) + "\n")
            stdin.flush()
            return int(stdout.readline())

        yield ask


@pytest.fixture
def server(forks: Forks, tmp_path: Path, postgres_url: str) -> Iterator[Center]:
    made = Center(forks, tmp_path, postgres_url)
    yield made
    made.context.engine.dispose()


def killed_at_each_step(opened: Center) -> list[str]:
    """Let one opener after another die at the first, second … thing that it does to the database."""
    ends = []
    for step in range(1, _STEPS):
        opened.receive(1)
        ends.append(opened.open(step))
    assert ends == [-signal.SIGKILL] * (_STEPS - 1)
    opened.open_the_rest()
    return opened.faults()


def test_killed_at_each_step_on_a_file(forks: Forks, tmp_path: Path) -> None:
    opened = Center(forks, tmp_path)
    assert killed_at_each_step(opened) == []
    opened.context.engine.dispose()


def test_killed_at_each_step_on_a_server(server: Center) -> None:
    assert killed_at_each_step(server) == []


def sweep(
    opened: Center,
    kills: int,
    seed: int,
    lease_s: float = 0.05,
    between: Callable[[], None] = lambda: None,
) -> list[str]:
    """Let three openers work and kill one after another; each gets a successor at once."""
    chance = random.Random(seed)

    def begin() -> int:
        return opened.open(lease_s=lease_s, slow_s=0.004, is_once=False)

    opened.receive(OPENERS)
    at_work = [begin() for _ in range(OPENERS)]
    try:
        for _ in range(kills):
            opened.receive(chance.choice((1, 2, 3)))
            time.sleep(chance.uniform(0, 0.03))
            between()
            place = chance.randrange(OPENERS)
            os.kill(at_work[place], signal.SIGKILL)
            at_work[place] = begin()
    finally:
        for pid in at_work:
            os.kill(pid, signal.SIGKILL)
    opened.open_the_rest()
    return opened.faults()


def test_three_openers_killed_a_few_times(server: Center) -> None:
    assert sweep(server, 8, seed=3) == []


def test_openers_that_take_each_other_s_records_judge_them_once(server: Center) -> None:
    """A lease that is over at once: two open the same record again and again."""
    assert sweep(server, 4, seed=4, lease_s=0.0) == []


def second_comes_late(opened: Center, bug: PlantedBug) -> list[str]:
    """Let an opener hold a record open until another one has judged it, and then judge it too."""
    opened.receive(1)
    hole = opened.folder / "hole"
    second = opened.open(bug=bug.name, hole=str(hole))
    wait_until(hole.exists, second)
    assert opened.open(bug=bug.name) == 0
    assert opened.faults() == []
    hole.unlink()
    wait_until(lambda: psutil.Process(second).status() == psutil.STATUS_ZOMBIE, second)
    return opened.faults()


@pytest.mark.days
def test_who_comes_second_judges_nothing(server: Center) -> None:
    assert second_comes_late(server, HONEST) == []


@pytest.mark.days
def test_the_planted_bug_is_caught(server: Center) -> None:
    server.receive(1)
    assert server.open(bug=TWICE.name) == 0
    demand_quiet(server.faults(), TWICE)
    demand_caught(second_comes_late(server, TWICE), TWICE)


@pytest.mark.faults
def test_a_database_that_restarts_under_them_costs_nothing(server: Center, postgres: Postgres) -> None:
    def restart() -> None:
        time.sleep(0.1)  # each of them is in the midst of something
        postgres.stop()
        time.sleep(0.1)
        postgres.start()
        server.context.engine.dispose()

    assert sweep(server, 10, seed=6, between=restart) == []


@pytest.mark.faults
@pytest.mark.timeout(0)
@pytest.mark.parametrize("kills", rounds())
def test_three_openers_killed_at_random_moments(server: Center, kills: int) -> None:
    seed = int.from_bytes(os.urandom(4))
    assert sweep(server, kills, seed) == []
    print(f"\n  {kills} kills of three openers (seed {seed}), {len(server.ids)} records: none lost, none judged twice")


def sealed_records(opened: Center, count: int) -> None:
    """Receive records that are truly sealed."""
    opened.clock.at = datetime.now(UTC)
    kit = opened.kit
    sealer = RecordSealer(
        SigningKey(kit.answer.kit_certificate, kit.key), kit.petugas, kit.answer.configuration.age_recipients
    )
    for sequence in range(1, count + 1):
        draft = small_draft(
            str(uuid.uuid4()), kit.name, f"33150141079{sequence:05d}", sequence=sequence, at=opened.clock.now()
        )
        sealed = sealer.seal(write_container(draft), opened.clock.now()).data
        record_id, manifest, _, _ = kit.record(sealed=sealed, record_id=draft.record_id)
        Ledger(opened.context).announce(kit.name, Announcement(manifests=(manifest,)))
        receive(opened.context, kit, record_id, sealed)
        opened.ids.append(record_id)


@pytest.mark.faults
def test_three_programs_on_machines_of_their_own_share_the_work_and_stop_when_told(
    server: Center, postgres_url: str, tmp_path: Path
) -> None:
    take_out(server.folder, tmp_path / "apart")
    places = {"FIELDKIT_DATABASE_URL": postgres_url, "FIELDKIT_OBJECTS": (server.folder / "objects").as_uri()}
    (server.folder / "objects" / "sealed").mkdir(parents=True)
    command = [sys.executable, "-m", "fieldkit", "gateway", "open", "--dir", str(tmp_path / "apart"), "--trial"]
    programs = [
        subprocess.Popen(
            [*command, "--identity", str(server.folder / "opener.identity")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **places, "PYTHONPATH": str(TESTS.parent)},
        )
        for _ in range(OPENERS)
    ]
    try:
        for program in programs:
            assert program.stdout is not None
            assert program.stdout.readline() != ""
        sealed_records(server, 9)
        at_work = [program.pid for program in programs]
        wait_until(lambda: not server.verdicts()[""], *at_work, told=server.verdicts, every_s=0.1)
        said = []
        for program in programs:
            program.send_signal(signal.SIGTERM)
            said.append((end_of(program)[1], program.returncode))
    finally:
        for program in programs:
            program.kill()
            program.wait()
    assert said == [("", 0)] * OPENERS
    assert server.verdicts() == {"valid": 9}
