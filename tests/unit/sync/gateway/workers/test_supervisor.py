from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from support.standstill import wait_until

from fieldkit.domain.errors import KnownError
from sync.gateway.workers.supervisor import Patience, Supervisor, Worker

# Answers each connection with its number until it is told to stop.
SERVES = """
import contextlib, os, select, signal, socket, sys, threading
told = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: told.set())
threading.Thread(target=lambda: (sys.stdin.read(), told.set()), daemon=True).start()
listening = socket.socket(fileno=int(sys.argv[1]))
listening.setblocking(False)
print("ready", flush=True)
while not told.is_set():
    select.select([listening], [], [], 0.02)
    with contextlib.suppress(BlockingIOError), listening.accept()[0] as line:
        line.sendall(str(os.getpid()).encode())
"""
QUICK = Patience(start_s=1000, stop_s=500, look_s=60)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


class Crew:
    """Two workers, kept by a supervisor on the main thread while `act` goes on elsewhere."""

    def __init__(self, listening: socket.socket, program: str = SERVES) -> None:
        self.begun: list[Worker] = []
        self._listening, self._program = listening, program
        self.wrong: list[Exception] = []

    def begin(self, slot: int) -> Worker:
        number = self._listening.fileno()
        self.begun.append(Worker([sys.executable, "-I", "-c", self._program, str(number)], {}, number))
        return self.begun[-1]

    def ask(self) -> int:
        with socket.create_connection(self._listening.getsockname(), timeout=120) as line:
            return int(line.recv(20))

    def run(self, act: Callable[[], None]) -> None:
        def work() -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001 - told by the main thread
                self.wrong.append(error)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)

        supervisor = Supervisor(self.begin, 2, lambda: False, QUICK)
        supervisor.run(lambda: threading.Thread(target=work).start())
        assert self.wrong == []
        assert all(worker.ended is not None for worker in self.begun)

    def wait_for(self, count: int) -> None:
        wait_until(lambda: len(self.begun) >= count)
        assert len(self.begun) == count


@pytest.mark.allow_logs
def test_a_dead_worker_is_replaced_and_nobody_is_refused(listening: socket.socket) -> None:
    crew = Crew(listening)

    def act() -> None:
        os.kill(crew.begun[0].pid, signal.SIGKILL)
        crew.wait_for(3)
        assert crew.ask() in {worker.pid for worker in crew.begun[1:]}

    crew.run(act)


def test_hup_renews_all_in_turn_and_nobody_is_refused(listening: socket.socket) -> None:
    crew = Crew(listening)

    def act() -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        while len(crew.begun) < 4 or crew.begun[1].ended is None:
            assert crew.ask() in {worker.pid for worker in crew.begun}
        assert [worker.ended is None for worker in crew.begun] == [False, False, True, True]

    crew.run(act)


def test_workers_that_do_not_start_are_told(listening: socket.socket) -> None:
    """Nobody waits for one that died: that would last longer than any test."""
    with pytest.raises(KnownError) as caught:
        Crew(listening, "raise SystemExit(3)").run(lambda: None)
    assert caught.value.code == "gateway.workers_not_started"


def test_a_worker_ends_with_the_process_that_started_it(listening: socket.socket) -> None:
    worker = Crew(listening).begin(0)
    assert worker.is_serving(QUICK.start_s)
    assert worker._process.stdin is not None
    worker._process.stdin.close()  # what the system does when that process dies
    worker.wait(QUICK.start_s)
    assert worker.ended == 0
