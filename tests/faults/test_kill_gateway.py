"""The serving gateway killed at random moments while a kit sends: no receipt without its bytes, nothing twice."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import true_clock
from support.gateway import Kit, enrolled_kit
from support.killed import rounds
from support.outbox import SmallOutbox
from support.planted import HONEST, PlantedBug, demand_caught, demand_quiet, mistakes_in
from support.services import free_port
from support.standstill import wait_until

from fieldkit.domain.delivery import DeliveryState
from sync.gateway import provision
from sync.gateway.custody import Scrub
from sync.gateway.tables import records, statuses

TESTS = Path(__file__).parents[1]
RECORD_BYTES = 60_000
_DAY = timedelta(days=1)
_ANSWERED = 300  # runs of the kit that the gateway answered: more of them help no record that these did not help
BYTES_LATER = PlantedBug("bytes are written later", "was acknowledged without its bytes")


class Field:
    """A data center in forks, and a kit that has something to send before each kill."""

    def __init__(self, folder: Path, bug: PlantedBug = HONEST) -> None:
        self.folder, self.clock = folder / "gateway", true_clock()
        provision.init(self.folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], self.clock)
        gateway_context = provision.open_gateway(self.folder, self.clock)
        self.kit: Kit = enrolled_kit(self.folder, gateway_context, self.clock, "kit-01")
        gateway_context.engine.dispose()
        self.outbox, self.ids, self.answered = SmallOutbox(folder / "kit"), list[str](), 0
        port = free_port()
        self.url = f"https://127.0.0.1:{port}"
        command = [sys.executable, "-m", "support.gateway_forks", str(self.folder), str(port), bug.name]
        path = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
        self._log = (folder / "log").open("wb")
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._log}
        self._forks = subprocess.Popen(command, text=True, env=path, **streams)

    def close(self) -> None:
        assert self._forks.stdin is not None
        assert self._forks.stdout is not None
        with self._forks.stdin, self._forks.stdout, self._log:
            pass
        self._forks.wait()

    def serve(self) -> int:
        """Start to serve; return the process."""
        assert self._forks.stdin is not None
        self._forks.stdin.write("\n")
        self._forks.stdin.flush()
        return self._answer()

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        assert self._answer() == -signal.SIGKILL, "it died by itself"

    def _answer(self) -> int:
        assert self._forks.stdout is not None
        return int(self._forks.stdout.readline())

    def queue(self, count: int) -> None:
        for _ in range(count):
            self.ids.append(self.kit.queue(self.outbox, size=RECORD_BYTES, nik=f"33150141079{len(self.ids):05d}"))

    def send(self) -> None:
        self.clock.at = datetime.now(UTC)
        stopped_by = self.kit.run(self.outbox, self.url).stopped_by
        self.answered += stopped_by is None or stopped_by.code != "sync.unreachable"

    def wait_for(self, is_so: Callable[[], bool], pid: int) -> None:
        """Wait for what the gateway does while it is sent to. Raise `AssertionError` when it does not come to it."""
        self.answered = 0
        wait_until(lambda: is_so() or self.answered > _ANSWERED, pid, told=lambda: self.answered)
        assert is_so(), "the gateway answers and does nothing"

    def send_until_killed(self, chance: random.Random) -> None:
        """Send two records again and again until the gateway dies in the middle of something."""
        self.queue(2)
        pid, is_over, before = self.serve(), threading.Event(), self.acknowledged()

        def work() -> None:
            while not is_over.is_set():
                self.send()

        sender = threading.Thread(target=work)
        sender.start()
        try:
            # As it starts, or around something that it did; how long that takes is the machine's affair.
            if chance.random() < 0.7:
                wanted = before + chance.choice((1, 2))
                self.wait_for(lambda: self.acknowledged() >= wanted, pid)
                time.sleep(chance.uniform(0, 0.1))
            else:
                time.sleep(chance.uniform(0, 0.8))
        finally:
            self.kill(pid)
            is_over.set()
            sender.join()

    def send_and_kill(self, count: int) -> None:
        """Send so many records, and let the gateway die as soon as it acknowledged the last of them."""
        self.queue(count)
        pid = self.serve()
        self.answered = 0
        while self.acknowledged() < len(self.ids):
            self.send()
            assert self.answered <= _ANSWERED, "the gateway answers and does nothing"
        self.kill(pid)

    def acknowledged(self) -> int:
        return sum(self.outbox.state(each) is DeliveryState.ACKNOWLEDGED for each in self.ids)

    def faults(self) -> list[str]:
        """Name each record that was acknowledged and is not there whole."""
        gateway_context = provision.open_gateway(self.folder, self.clock)
        with gateway_context.engine.begin() as connection:
            receipts = dict(connection.execute(sa.select(records.c.record_id, records.c.receipt)).all())
        gateway_context.engine.dispose()
        found = mistakes_in(Path(self._log.name).read_text("utf-8", "replace"))
        for record_id in self.ids:
            if self.outbox.state(record_id) is DeliveryState.ACKNOWLEDGED:
                row = self.outbox.row(record_id)
                path = provision.sealed_path(self.folder, row["sha256"])
                if receipts.get(record_id) != row["receipt"]:
                    found.append(f"{record_id} has another receipt at the data center, or no row")
                if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != row["sha256"]:
                    found.append(f"{record_id} was acknowledged without its bytes")
        return found

    def let_a_day_pass(self) -> None:
        """A record that was being opened at three deaths has its next turn a day later."""
        gateway_context = provision.open_gateway(self.folder, self.clock)
        is_aside = records.c.set_aside_at.is_not(None), records.c.verdict == ""
        with gateway_context.engine.begin() as connection:
            connection.execute(sa.update(records).where(*is_aside).values(set_aside_at=datetime.now(UTC) - 2 * _DAY))
        gateway_context.engine.dispose()

    def undone(self) -> list[str]:
        """Send and open everything, undisturbed; name what is missing or there twice."""
        self.let_a_day_pass()
        pid, told = self.serve(), -1

        def known() -> int:
            """Return how much the kit was told of its records: what is acknowledged counts more than a status."""
            return 3 * self.acknowledged() + sum(len(self.outbox.codes(each)) for each in self.ids)

        while known() < 5 * len(self.ids):
            if known() > told:
                told, self.answered = known(), 0
            self.send()
            for record_id in self.ids:
                if self.outbox.state(record_id) is DeliveryState.QUEUED:
                    self.outbox.send_again(record_id, "kit")
            if self.answered > _ANSWERED:
                break
            time.sleep(0.1)
        self.kill(pid)
        gateway_context = provision.open_gateway(self.folder, self.clock)
        report = Scrub(gateway_context).run()
        with gateway_context.engine.begin() as connection:
            verdicts = dict(connection.execute(sa.select(records.c.record_id, records.c.verdict)).all())
            codes = connection.execute(sa.select(statuses.c.record_id, statuses.c.code)).all()
        gateway_context.engine.dispose()
        found = [] if verdicts == dict.fromkeys(self.ids, "valid") else [f"verdicts: {verdicts}"]
        found += [] if len(codes) == len(set(codes)) == 2 * len(self.ids) else [f"{len(codes)} statuses"]
        found += [f"lost: {report.lost}"] if report.lost else []
        return found + [f"{key} is nobody's" for key in report.unknown]


def sweep(folder: Path, kills: int, seed: int) -> list[str]:
    """Kill so many times, or until something is wrong."""
    chance, field = random.Random(seed), Field(folder)
    try:
        for number in range(kills):
            field.send_until_killed(chance)
            if found := field.faults():
                return [f"after kill {number + 1} of seed {seed}:", *found]
        return field.undone()
    finally:
        field.close()


def test_killed_a_few_times(tmp_path: Path) -> None:
    assert sweep(tmp_path, 3, seed=5) == []


@pytest.mark.faults
@pytest.mark.allow_logs  # the gateway itself finds what its bug lost
def test_the_planted_bug_is_caught(tmp_path: Path) -> None:
    """Three records are written at once, and only two wait for the third."""
    field = Field(tmp_path, BYTES_LATER)
    try:
        field.send_and_kill(3)
        demand_quiet(field.faults(), BYTES_LATER)
        field.send_and_kill(2)
        demand_caught(field.faults(), BYTES_LATER)
    finally:
        field.close()


@pytest.mark.faults
@pytest.mark.timeout(0)
@pytest.mark.parametrize("kills", rounds())
def test_killed_at_random_moments(tmp_path: Path, kills: int) -> None:
    seed = int.from_bytes(os.urandom(4))
    assert sweep(tmp_path, kills, seed) == []
    print(f"\n  {kills} kills (seed {seed}), {2 * kills} records: nothing lost, nothing doubled")
