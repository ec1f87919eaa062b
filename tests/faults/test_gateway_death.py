"""The large data center under load while its workers are killed, its database restarts and its store fails.

Kits send all the while. In the end every record is there once, with the receipt that its kit holds and the bytes that
the receipt promises, and was judged once.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from support.clock import true_clock
from support.failing_line import FailingLine
from support.gateway import Kit, enrolled_kit
from support.outbox import SmallOutbox
from support.services import Postgres, free_port, postgres_programs, s3_environment, stand_on

from fieldkit.domain.delivery.way import DeliveryState
from sync.gateway import provision
from sync.gateway.blobs import Content
from sync.gateway.tables import manifests, records, statuses, uploads

# Python 3.11 forgets to close a TLS socket whose peer dies between the connection and the handshake.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")

KITS = 3
KILLS = int(os.environ.get("FIELDKIT_DEATHS", "200"))
_MOST_RUNS = 400
_PATIENCE_S = 5.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Postgres]:
    """One of our own: it is restarted."""
    folder = Path(tempfile.mkdtemp(prefix="fieldkit-pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")))
    server = Postgres(postgres_programs(), folder, free_port())
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.stop()
        subprocess.run(["rm", "-rf", folder], check=True)


@pytest.fixture
def line(s3_endpoint: str) -> Iterator[FailingLine]:
    made = FailingLine(urllib.parse.urlsplit(s3_endpoint).port or 80, seed=11)
    yield made
    made.close()


class Field:
    """A gateway of two workers, and kits that send."""

    def __init__(self, folder: Path, database: Postgres, line: FailingLine, objects: str) -> None:
        self.folder, self.clock = folder / "gateway", true_clock()
        provision.init(self.folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], self.clock)
        stand_on(self.folder, database.new_database(), objects)
        self.database, self.line = database, line
        gateway_context = provision.open_gateway(self.folder, self.clock)
        self.kits: list[Kit] = []
        for number in range(KITS):
            self.kits.append(enrolled_kit(self.folder, gateway_context, self.clock, f"kit-{number:02d}"))
        gateway_context.engine.dispose()
        self.outboxes = [SmallOutbox(folder / kit.name) for kit in self.kits]
        self.ids: list[list[str]] = [[] for _ in self.kits]
        failing = s3_environment(f"http://127.0.0.1:{line.port}")
        command = [sys.executable, "-m", "fieldkit", "gateway", "serve", "--dir", str(self.folder), "--port", "0"]
        self._log = (folder / "log").open("wb")
        self.program = subprocess.Popen(
            [*command, "--workers", "2", "--opener", "inside"],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **failing},
        )
        assert self.program.stdout is not None
        self.url = self.program.stdout.readline().split()[-1]

    def close(self) -> None:
        self.program.terminate()
        self.program.wait(60)
        assert self.program.stdout is not None
        self.program.stdout.close()
        self._log.close()

    def send(self, at: int) -> None:
        self.clock.at = datetime.now(UTC)
        self.kits[at].run(self.outboxes[at], self.url)

    def load(self, at: int, is_over: threading.Event, chance: random.Random) -> None:
        while not is_over.is_set():
            if len(self.waiting(at)) < 4:
                size = chance.choice((3_000, 60_000, 700_000))
                self.ids[at].append(self.kits[at].queue(self.outboxes[at], size=size))
            self.send(at)
            self.let_go(at)

    def waiting(self, at: int) -> list[str]:
        return [each for each in self.ids[at] if self.outboxes[at].state(each) is not DeliveryState.ACKNOWLEDGED]

    def let_go(self, at: int) -> None:
        """Nobody waits half an hour for the next try here."""
        for each in self.waiting(at):
            if self.outboxes[at].state(each) in (DeliveryState.QUEUED, DeliveryState.QUARANTINED):
                self.outboxes[at].send_again(each, "kit")

    def let_something_happen(self, chance: random.Random) -> None:
        """Wait for a record or two, or some seconds when nobody serves; then for a part of what comes next."""
        wanted, patience = self.acknowledged() + chance.choice((1, 2)), time.monotonic() + _PATIENCE_S
        while self.acknowledged() < wanted and time.monotonic() < patience:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.2))

    def acknowledged(self) -> int:
        return sum(outbox.counts().get(DeliveryState.ACKNOWLEDGED, 0) for outbox in self.outboxes)

    def kill_one(self, chance: random.Random) -> bool:
        with suppress(psutil.NoSuchProcess):
            crew = psutil.Process(self.program.pid).children()
            if crew:
                chance.choice(crew).send_signal(signal.SIGKILL)
                return True
        return False

    def restart_database(self) -> None:
        self.database.stop()
        self.database.start()

    def finish(self) -> None:
        """Send what is left, undisturbed, and wait until all of it is judged."""
        for at in range(KITS):
            for _ in range(_MOST_RUNS):
                self.send(at)
                if not self.waiting(at):
                    break
                self.let_go(at)
                time.sleep(0.05)
        every = [each for ids in self.ids for each in ids]
        gateway_context = provision.open_gateway(self.folder, self.clock)
        with gateway_context.engine.begin() as connection:  # the lease of an opener that died has run out
            lent = sa.update(records).where(records.c.verdict == "").values(set_aside_at=None, set_aside_error="")
            connection.execute(lent)
        for _ in range(_MOST_RUNS):
            with gateway_context.reading() as connection:
                judged = connection.scalar(
                    sa.select(sa.func.count()).select_from(records).where(records.c.verdict != "")
                )
            if judged == len(every):
                break
            time.sleep(0.1)
        gateway_context.engine.dispose()

    def faults(self) -> list[str]:
        gateway_context = provision.open_gateway(self.folder, self.clock)
        with gateway_context.reading() as connection:
            rows = {row.record_id: row for row in connection.execute(sa.select(records))}
            promised = {row.record_id: row for row in connection.execute(sa.select(manifests))}
            said = connection.execute(sa.select(statuses.c.record_id, statuses.c.code)).all()
            left = connection.scalar(sa.select(sa.func.count()).select_from(uploads))
        found = [] if not left else [f"{left} uploads are left"]
        for outbox, ids in zip(self.outboxes, self.ids, strict=True):
            for each in ids:
                if outbox.state(each) is not DeliveryState.ACKNOWLEDGED:
                    found.append(f"{each} is {outbox.state(each).value}: {outbox.row(each)['reason']}")
                elif each not in rows or rows[each].receipt != outbox.row(each)["receipt"]:
                    found.append(f"{each} has another receipt at the data center, or no row")
                elif gateway_context.blobs.content(rows[each].key) != Content(
                    promised[each].size_bytes, promised[each].sha256
                ):
                    found.append(f"{each} was acknowledged without its bytes")
        gateway_context.engine.dispose()
        every = {each for ids in self.ids for each in ids}
        found += [] if rows.keys() == every else [f"{len(rows)} records instead of {len(every)}"]
        # These records are sealed for nobody: each is judged invalid, once.
        codes = {record_id: [code for other, code in said if other == record_id] for record_id in every}
        return found + [f"{name} was told {each}" for name, each in codes.items() if len(each) != 1]


def deaths(folder: Path, database: Postgres, line: FailingLine, objects: str, kills: int, restarts: int) -> str:
    """Kill so many workers under load; return what was wrong, one line each."""
    chance, is_over = random.Random(kills), threading.Event()
    field = Field(folder, database, line, objects)
    try:
        crew = [
            threading.Thread(target=field.load, args=(at, is_over, random.Random(at)), daemon=True)
            for at in range(KITS)
        ]
        for each in crew:
            each.start()
        done = restarted = 0
        while done < kills:
            line.failing = chance.random() < 0.7
            field.let_something_happen(chance)
            done += field.kill_one(chance)
            if done >= kills * (restarted + 1) // (restarts + 1):
                restarted += 1
                field.restart_database()
        is_over.set()
        for each in crew:
            each.join(60)
        line.failing = False
        field.finish()
        found = field.faults()
        count = sum(map(len, field.ids))
        print(f"\n  {done} kills, {restarted} restarts, {line.failures} failures of the store: {count} records", end="")
        print(", nothing lost, nothing doubled" if not found else f", {len(found)} faults")
        assert count
        return "\n".join(found)
    finally:
        is_over.set()
        field.close()


@pytest.mark.faults
@pytest.mark.timeout(0)
def test_a_few_deaths_lose_and_double_nothing(
    tmp_path: Path, database: Postgres, line: FailingLine, s3_url: str
) -> None:
    assert deaths(tmp_path, database, line, s3_url, kills=5, restarts=1) == ""


@pytest.mark.faults
@pytest.mark.timeout(0)
def test_two_hundred_deaths(tmp_path: Path, database: Postgres, line: FailingLine, s3_url: str) -> None:
    assert deaths(tmp_path, database, line, s3_url, KILLS, restarts=10) == ""
