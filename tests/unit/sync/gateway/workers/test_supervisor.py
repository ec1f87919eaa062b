from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from queue import Empty
from types import SimpleNamespace

import pytest
from support.standstill import wait_until

from fieldkit.domain.errors import KnownError
from sync.gateway.workers import supervisor as module
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
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
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

        before = {each: signal.getsignal(each) for each in SIGNALS}
        supervisor = Supervisor(self.begin, 2, lambda: False, QUICK)
        supervisor.run(lambda: threading.Thread(target=work).start())
        assert {each: signal.getsignal(each) for each in SIGNALS} == before
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


@pytest.mark.parametrize(
    ("program", "patience_s", "is_serving"),
    [("import time; time.sleep(1000)", 0.05, False), ("print('ready', flush=True); input()", QUICK.start_s, True)],
)
def test_who_takes_too_long_is_killed(
    listening: socket.socket, program: str, patience_s: float, is_serving: bool
) -> None:
    worker = Crew(listening, program).begin(0)
    assert worker.is_serving(patience_s) is is_serving
    worker.wait(0)
    assert worker.ended == -signal.SIGKILL
    worker.tell_to_stop()  # of one that has ended: nothing


class Actor:
    """Stands for a worker: serves or not, and ends when a script says so."""

    def __init__(self, age_s: float = 100.0, *, serves: bool = True) -> None:
        self.age_s, self.serves, self.pid = age_s, serves, 1
        self.ended: int | None = None
        self.told: list[str] = []

    def is_serving(self, _patience_s: float) -> bool:
        return self.serves

    def tell_to_stop(self) -> None:
        self.told.append("stop")

    def wait(self, _patience_s: float) -> None:
        self.told.append("waited")
        self.ended = self.ended or 0


class Stage:
    """Gives a supervisor its workers, its words and its time: each wait that nothing ends is over at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *cast: Actor, look_s: float = 3600.0) -> None:
        self.cast, self.begun, self.waits, self.now = list(cast), list[tuple[int, Actor]](), list[float](), 0.0
        self.script: list[Callable[[], str | None]] = []
        self.is_due = False
        stage = self

        class Words:
            def put(self, _word: str) -> None: ...

            def get(self, timeout: float) -> str:
                stage.waits.append(timeout)
                word = stage.script.pop(0)() if stage.script else "stop"
                if word is None:
                    stage.now += timeout
                    raise Empty
                return word

        monkeypatch.setattr(module, "SimpleQueue", Words)
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.now))
        self._supervisor = Supervisor(self.begin, 2, lambda: self.is_due, Patience(look_s=look_s))  # type: ignore[arg-type]  # actors

    def begin(self, slot: int) -> Actor:
        actor = self.cast.pop(0) if self.cast else Actor()
        self.begun.append((slot, actor))
        return actor

    def play(self, *script: Callable[[], str | None]) -> None:
        self.script = list(script)
        self._supervisor.run(lambda: None)

    def dies(self) -> str:
        """Let the newest worker end."""
        self.begun[-1][1].ended = 1
        return "look"


def nothing() -> None:
    """Let the time pass."""


@pytest.mark.allow_logs
@pytest.mark.parametrize(("age_s", "waits"), [(4.9, [1, 3, 7, 15, 30, 30]), (5.0, [0] * 6)])
def test_who_dies_young_again_and_again_is_replaced_later_and_later(
    monkeypatch: pytest.MonkeyPatch, age_s: float, waits: list[float]
) -> None:
    stage = Stage(monkeypatch, *(Actor(age_s) for _ in range(8)))
    steps = [stage.dies, nothing] if any(waits) else [stage.dies]
    stage.play(*steps * 6)
    assert [slot for slot, _ in stage.begun] == [0, *[1] * 7]
    assert stage.waits == (
        [3600, *[each for wait in waits[:-1] for each in (wait, 3600)], 30, 3600] if any(waits) else [3600] * 7
    )
    assert all("waited" in actor.told for _, actor in stage.begun)


@pytest.mark.allow_logs
def test_deaths_are_counted_in_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, Actor(), Actor(1), Actor(1), Actor(9), Actor(1))
    stage.play(stage.dies, nothing, stage.dies, nothing, stage.dies, stage.dies, nothing)
    assert stage.waits == [3600, 1, 3600, 3, 3600, 3600, 1, 3600]


@pytest.mark.allow_logs
def test_a_renewal_that_is_due_is_asked_for_at_each_look_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, Actor(), Actor(1), look_s=60.0)
    stage.is_due = True
    stage.play(stage.dies, nothing)  # the second wait is for who takes its place
    assert [slot for slot, _ in stage.begun] == [0, 1, 1]
    stage = Stage(monkeypatch, look_s=60.0)
    stage.play(nothing)
    assert [slot for slot, _ in stage.begun] == [0, 1]
    stage = Stage(monkeypatch, look_s=60.0)
    stage.is_due = True
    stage.play(nothing)
    assert [slot for slot, _ in stage.begun] == [0, 1, 0, 1]
    assert [actor.told for _, actor in stage.begun] == [["stop", "waited"]] * 4


def test_where_a_new_worker_does_not_serve_the_old_ones_go_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, new = Actor(), Actor(), Actor(serves=False)
    stage = Stage(monkeypatch, first, second, new)
    seen: list[list[list[str]]] = []

    def look() -> str:
        seen.append([list(actor.told) for actor in (first, second, new)])
        return "stop"

    stage.play(lambda: "renew", look)
    assert seen == [[[], [], ["stop", "waited"]]]
    assert caplog.messages == ["a new worker 0 does not serve; the old ones go on"]
