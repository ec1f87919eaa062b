"""The large data center under load while its workers and openers are killed, its database restarts, its store fails.

Several kits send all the while. In the end every record of every kit was acknowledged once, is there once with the
receipt that its kit holds and the bytes that the receipt promises, was judged once, and nothing else is there.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from support.center_forks import BYTES_LATER, OPENER, TWICE, WORKER
from support.clock import true_clock
from support.failing_line import FailingLine
from support.gateway import Kit, enrolled_kit, open_plainly
from support.opener_forks import Counted, submitted
from support.outbox import SmallOutbox
from support.planted import PlantedBug, demand_caught, mistakes_in
from support.services import Postgres, s3_environment, stand_on
from support.standstill import StandstillError, wait_until, worked_s

from fieldkit.domain.delivery import DeliveryState
from sync.gateway import provision
from sync.gateway.blobs import Content
from sync.gateway.custody import Scrub
from sync.gateway.database import GatewayContext
from sync.gateway.opener import Opener
from sync.gateway.tables import manifests, parts, records, statuses, uploads
from sync.gateway.uploads import Uploads

pytestmark = pytest.mark.timeout(0)

TESTS = Path(__file__).parents[1]
KITS = 4
KILLS = int(os.environ.get("FIELDKIT_DEATHS", "200"))
KILLS_A_RESTART = 18
SIZES = (3_000, 60_000, 200_000)
CHUNK_BYTES = 65_536
LOG = "log"  # what the crew writes on standard error
CODES = Counter({"RECEIVED_AT_CENTRAL": 1, "PRINT_READY_RECORD": 1})
_MOST_RUNS = 400
_PATIENCE_S = 5.0  # of a processor, that the crew works in vain while its store or its database fails
_WITHOUT_BYTES = "was (acknowledged without its bytes|called lost and asked for again)$"
BUGS = [PlantedBug(BYTES_LATER, _WITHOUT_BYTES), PlantedBug(TWICE, "was told Counter.*: 2")]
_DAY = timedelta(days=1)


class Watched(SmallOutbox):
    """An outbox that keeps what it was told of its records."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.told = Counter[str]()
        self.lost = list[str]()

    def acknowledge(self, record_id: str, receipt_jws: str, at: datetime) -> None:
        super().acknowledge(record_id, receipt_jws, at)
        self.told[record_id] += 1

    def lost_at_center(self, record_id: str, at: datetime) -> None:
        super().lost_at_center(record_id, at)
        self.lost.append(record_id)


class Crew:
    """Workers and openers in forks of one process; whoever is killed has a successor at once."""

    def __init__(self, folder: Path, environment: dict[str, str], roles: tuple[str, ...], bug: str) -> None:
        path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
        self._bug, self._roles = bug, dict[int, str]()
        self._log = (folder.parent / LOG).open("wb")
        self._forks = subprocess.Popen(
            [sys.executable, "-m", "support.center_forks", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **environment, "PYTHONPATH": path},
        )
        self.url = f"https://127.0.0.1:{self._answer()}"
        for role in roles:
            self._begin(role)

    def kill_one(self, chance: random.Random) -> str:
        """Kill one of them; return what it was."""
        pid = chance.choice(list(self._roles))
        role = self._roles.pop(pid)
        os.kill(pid, signal.SIGKILL)
        self._begin(role)
        return role

    @property
    def pid(self) -> int:
        return self._forks.pid

    def close(self) -> None:
        for pid in self._roles:
            os.kill(pid, signal.SIGKILL)
        assert self._forks.stdin is not None
        assert self._forks.stdout is not None
        with self._forks.stdin, self._forks.stdout, self._log:
            pass
        self._forks.wait()

    def _begin(self, role: str) -> None:
        assert self._forks.stdin is not None
        self._forks.stdin.write(json.dumps({"role": role, "bug": self._bug}) + "\n")
        self._forks.stdin.flush()
        self._roles[self._answer()] = role

    def _answer(self) -> int:
        assert self._forks.stdout is not None
        return int(self._forks.stdout.readline())


class Program:
    """The program itself: two workers, one of them with an opener, and who replaces them."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "fieldkit", "gateway", "serve", "--dir", str(folder), "--port", "0"]
        self._log = (folder.parent / LOG).open("wb")
        self._program = subprocess.Popen(
            [*command, "--workers", "2", "--opener", "inside"],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **environment, "PYTHONPATH": str(TESTS.parent)},
        )
        assert self._program.stdout is not None
        self.url = self._program.stdout.readline().split()[-1]

    @property
    def pid(self) -> int:
        return self._program.pid

    def kill_one(self, chance: random.Random) -> str:
        with suppress(psutil.NoSuchProcess):
            crew = psutil.Process(self._program.pid).children()
            if crew:
                chance.choice(crew).send_signal(signal.SIGKILL)
                return WORKER
        return ""

    def close(self) -> None:
        self._program.terminate()
        wait_until(lambda: self._program.poll() is not None, self._program.pid)
        assert self._program.stdout is not None
        self._program.stdout.close()
        self._log.close()


class Field:
    """A data center, and kits that send to it."""

    def __init__(self, folder: Path, database: str, line: FailingLine, objects: str, kits: int = KITS) -> None:
        self.folder, self.clock = folder / "gateway", true_clock()
        provision.init(self.folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], self.clock, "trial")
        stand_on(self.folder, database, objects)
        settings = self.folder / "gateway.json"
        limits = {"limits": {"max_chunk_bytes": CHUNK_BYTES}}
        settings.write_text(json.dumps({**json.loads(settings.read_text()), **limits}))
        self.context = provision.open_gateway(self.folder, self.clock)
        submitted.create(self.context.engine)
        self.kits: list[Kit] = [
            enrolled_kit(self.folder, self.context, self.clock, f"kit-{number:02d}") for number in range(kits)
        ]
        self.outboxes = [Watched(folder / kit.name) for kit in self.kits]
        self.ids: list[list[str]] = [[] for _ in self.kits]
        self.environment = s3_environment(f"http://127.0.0.1:{line.port}")

    def send(self, at: int, url: str) -> None:
        self.clock.at = datetime.now(UTC)
        self.kits[at].run(self.outboxes[at], url)

    def load(self, at: int, url: str, is_over: threading.Event, chance: random.Random) -> None:
        while not is_over.is_set():
            if len(self.waiting(at)) < 4:
                nik = f"3315014107{at}{len(self.ids[at]):05d}"
                self.ids[at].append(self.kits[at].queue(self.outboxes[at], size=chance.choice(SIZES), nik=nik))
            self.send(at, url)
            self.let_go(at)

    def waiting(self, at: int) -> list[str]:
        done = {DeliveryState.ACKNOWLEDGED, DeliveryState.PURGED}
        return [each.record_id for each in self.outboxes[at].held() if each.state not in done]

    def let_go(self, at: int) -> None:
        """Nobody waits half an hour for the next try here."""
        for each in self.waiting(at):
            if self.outboxes[at].state(each) in (DeliveryState.QUEUED, DeliveryState.QUARANTINED):
                self.outboxes[at].send_again(each, "kit")

    def let_something_happen(self, chance: random.Random, crew: int) -> None:
        """Wait for a record or two, or while the crew works in vain; then for a part of what comes next."""
        wanted, worked, told = (
            self.acknowledged() + chance.choice((1, 2)),
            worked_s([crew]),
            lambda: self.acknowledged(),
        )
        with suppress(StandstillError):  # it waits for a store that fails
            wait_until(
                lambda: self.acknowledged() >= wanted or worked_s([crew]) > worked + _PATIENCE_S,
                crew,
                told=told,
                every_s=0.1,
            )
        time.sleep(chance.uniform(0, 0.2))

    def acknowledged(self) -> int:
        return sum(outbox.told.total() for outbox in self.outboxes)

    def finish(self, url: str, is_trial: bool) -> None:
        """Send what is left, undisturbed, let a day pass, and judge what waits."""
        for at in range(len(self.kits)):
            for _ in range(_MOST_RUNS):
                self.send(at, url)
                if not self.waiting(at):
                    break
                self.let_go(at)
                time.sleep(0.05)
        with self.context.engine.begin() as connection:  # who died at a record is not asked for it at once
            aside = sa.update(records).where(records.c.set_aside_at.is_not(None))
            connection.execute(aside.values(set_aside_at=datetime.now(UTC) - 2 * _DAY))
        opener = Opener(self.context, open_plainly, Counted())
        opener.release()
        opener.run_pending()
        for at in range(len(self.kits)) if is_trial else ():
            self.send(at, url)  # the kits hear what became of them

    def faults(self, is_trial: bool) -> list[str]:
        """Name what is not as it must be. `is_trial`: the records can be opened and penunggalan says something."""
        aged = replace(self.context, limits=replace(self.context.limits, orphan_age=timedelta(0)))
        self.clock.at = datetime.now(UTC) + timedelta(minutes=1)
        Uploads(aged).sweep()
        scrub = Scrub(self.context).run()
        with self.context.reading() as connection:
            rows = {row.record_id: row for row in connection.execute(sa.select(records))}
            promised = {row.record_id: row for row in connection.execute(sa.select(manifests))}
            said = connection.execute(sa.select(statuses).order_by(statuses.c.cursor)).all()
            asked = Counter(connection.scalars(sa.select(submitted.c.record_id)))
            left = [connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in (uploads, parts)]
        every = {each for ids in self.ids for each in ids}
        found = [f"{count} rows of uploads are left" for count in left if count]
        found += [f"{key} is nobody's" for key in (*scrub.unknown, *_beside(self.context))]
        found += [f"{each.record_id} is {each.fault}" for each in (*scrub.lost, *scrub.unreadable)]
        found += [f"{each.record_id} was called lost" for each in scrub.found_again]
        found += (
            [f"{len(rows)} rows of {len(every)} records"] if rows.keys() != every or len(promised) != len(rows) else []
        )
        for outbox, ids in zip(self.outboxes, self.ids, strict=True):
            found += [f"{each} was called lost and asked for again" for each in outbox.lost]
            found += [f"{each} was acknowledged {outbox.told[each]} times" for each in ids if outbox.told[each] != 1]
            for each in set(ids) & rows.keys():
                if rows[each].receipt != outbox.row(each)["receipt"]:
                    found.append(f"{each} has another receipt at the data center: {outbox.row(each)['reason']}")
                if not _is_whole(self.context, rows[each].key, promised[each]):
                    found.append(f"{each} was acknowledged without its bytes")
                if is_trial and Counter(outbox.codes(each)) != CODES:
                    found.append(f"{each} was told {outbox.codes(each)} to its kit")
        codes = {each: Counter(row.code for row in said if row.record_id == each) for each in every}
        # The program itself opens none of these records: whom it left waiting is valid, the others are not.
        found += [
            f"{each} was told {told}"
            for each, told in codes.items()
            if told != CODES and (is_trial or told.total() != 1)
        ]
        found += [f"submitted: {asked}"] if is_trial and asked != Counter(every) else []
        holes = [row.cursor for row in said] != list(range(1, len(said) + 1))
        return found + (["the feed has a hole"] if holes else [])

    def close(self) -> None:
        self.context.engine.dispose()


def _beside(gateway_context: GatewayContext) -> list[str]:
    """Return what lies in the store and is no record."""
    return [key for key in gateway_context.blobs.keys("") if not key.startswith("sealed/")]


def _is_whole(gateway_context: GatewayContext, key: str, promised: sa.Row[tuple[object, ...]]) -> bool:
    with suppress(FileNotFoundError):
        return gateway_context.blobs.content(key) == Content(promised.size_bytes, promised.sha256)
    return False


Staffed = Callable[[Path, dict[str, str]], Crew | Program]


def deaths(
    field: Field, database: Postgres, line: FailingLine, kills: int, restarts: int, staffed: Staffed
) -> list[str]:
    """Kill so often under load; return what was wrong, one line each."""
    chance, is_over = random.Random(kills), threading.Event()
    staff = staffed(field.folder, field.environment)
    is_trial = isinstance(staff, Crew)
    killed, restarted, began = Counter[str](), 0, time.monotonic()
    loads = [
        threading.Thread(target=field.load, args=(at, staff.url, is_over, random.Random(at)), daemon=True)
        for at in range(len(field.kits))
    ]
    try:
        for each in loads:
            each.start()
        while killed.total() < kills:
            line.failing = chance.choice((0.0, 0.2, 0.4, 0.8))
            field.let_something_happen(chance, staff.pid)
            if role := staff.kill_one(chance):
                killed[role] += 1
            if restarted < restarts and killed.total() >= kills * (restarted + 1) // (restarts + 1):
                restarted += 1
                database.crash()
        is_over.set()
        for each in loads:
            each.join()
        line.failing = 0.0
        field.finish(staff.url, is_trial)
        found = field.faults(is_trial) + mistakes_in((field.folder.parent / LOG).read_text("utf-8", "replace"))
    finally:
        is_over.set()
        staff.close()
        field.close()
    count, failed = sum(map(len, field.ids)), ", ".join(f"{n} {kind}" for kind, n in line.failures.items())
    print(f"\n  {dict(killed)} killed, {restarted} crashes of the database, failures of the store: {failed}", end="")
    print(
        f" ({line.lost_puts} of them puts that were done); {count} records in {time.monotonic() - began:.0f} s", end=""
    )
    print(", 0 lost, 0 doubled, 0 acknowledged without bytes" if not found else f", {len(found)} faults")
    assert count
    return found


@pytest.fixture
def line(s3_endpoint: str) -> Iterator[FailingLine]:
    made = FailingLine(urllib.parse.urlsplit(s3_endpoint).port or 80, seed=11)
    yield made
    made.close()


@pytest.fixture
def field(tmp_path: Path, postgres_url: str, line: FailingLine, s3_url: str) -> Field:
    return Field(tmp_path, postgres_url, line, s3_url)


def crew(bug: str = "", roles: tuple[str, ...] = (WORKER, WORKER, OPENER, OPENER)) -> Staffed:
    return lambda folder, environment: Crew(folder, environment, roles, bug)


def test_a_few_deaths_lose_and_double_nothing(
    tmp_path: Path, postgres_url: str, line: FailingLine, s3_url: str, postgres: Postgres
) -> None:
    field = Field(tmp_path, postgres_url, line, s3_url, kits=2)
    assert deaths(field, postgres, line, 3, 1, crew(roles=(WORKER, OPENER))) == []


@pytest.mark.faults
def test_two_hundred_deaths(field: Field, postgres: Postgres, line: FailingLine) -> None:
    assert deaths(field, postgres, line, KILLS, KILLS // KILLS_A_RESTART, crew()) == []


@pytest.mark.faults
def test_the_program_replaces_its_dead_workers_and_loses_nothing(
    field: Field, postgres: Postgres, line: FailingLine
) -> None:
    assert deaths(field, postgres, line, 5, 1, Program) == []


@pytest.mark.faults
@pytest.mark.allow_logs  # it finds itself what its bug lost
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_planted_bug_is_caught(field: Field, postgres: Postgres, line: FailingLine, bug: PlantedBug) -> None:
    demand_caught(deaths(field, postgres, line, 20, 0, crew(bug.name)), bug)
