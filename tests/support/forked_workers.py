"""A plugin of pytest: collect the tests once, then run them in so many forks of that process (`--workers N`).

The queue is a file of numbers that all forks have open together: whoever is free reads the next one, and the kernel
sees to it that no two read the same. A number stands for a test file, or with `--share test` for a single test. What a
fork reports goes through a pipe to the process that collected, which shows and counts it as its own.

Own, because pytest-xdist starts new processes, each of which imports and collects every test file again.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import groupby
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from struct import Struct
from tempfile import TemporaryFile
from typing import Any, NoReturn

import pytest
from _pytest._io import TerminalWriter

Location = tuple[str, int | None, str]
Share = list[pytest.Item]

_NUMBER = Struct("I")
_worker = 0


def worker_number() -> int:
    """Return which fork this is, from 1; 0 in the process that collects."""
    return _worker


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("forked workers")
    group.addoption("--workers", type=int, default=0, help="run the tests in so many forks; 0: in this process")
    group.addoption("--share", choices=("file", "test"), default="file", help="what a fork takes from the queue")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the tests in forks; leave it to pytest when no forks are wanted or the collection failed."""
    option = session.config.option
    if not option.workers or option.collectonly or session.testsfailed or not session.items:
        return None
    key: Callable[[pytest.Item], object] = id if option.share == "test" else lambda item: item.path
    Forks(session, [list(items) for _, items in groupby(session.items, key)]).run(option.workers)
    return True


@dataclass
class _Fork:
    """A worker as the collecting process sees it: what it runs, and what of its share comes after that."""

    process: int
    pipe: Connection
    left: deque[pytest.Item]
    running: pytest.Item | None = None


@dataclass
class Forks:
    """The process that collected: forks, listens, and replaces a worker that a test took down."""

    session: pytest.Session
    shares: list[Share]
    _running: dict[Connection, _Fork] = field(default_factory=dict)
    _begun: int = 0

    def run(self, number: int) -> None:
        """Return when every share was run, or raise what stops a session (`-x`, Ctrl-C)."""
        reporter = self.session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.showfspath = False  # tests of several files end by turns
        self._base = self.session.config._tmp_path_factory.getbasetemp()
        with TemporaryFile(buffering=0) as self._queue:
            self._queue.write(b"".join(map(_NUMBER.pack, range(len(self.shares)))))
            self._queue.seek(0)
            for _ in range(min(number, len(self.shares))):
                self._begin([])
            try:
                while self._running:
                    for pipe in wait(list(self._running)):
                        self._hear(self._running[pipe])
                    if self.session.shouldfail:
                        raise self.session.Failed(self.session.shouldfail)
                    if self.session.shouldstop:
                        raise self.session.Interrupted(self.session.shouldstop)
            finally:
                for fork in self._running.values():
                    with suppress(ProcessLookupError):
                        os.kill(fork.process, signal.SIGKILL)
                    os.waitpid(fork.process, 0)

    def _begin(self, left: Share) -> None:
        """Fork a worker that begins with what another one left."""
        self._begun += 1
        here, there = Pipe(duplex=False)
        sys.stdout.flush()
        process = os.fork()
        if process == 0:
            here.close()
            for fork in self._running.values():
                fork.pipe.close()
            self._work(there, left)
        there.close()
        self._running[here] = _Fork(process, here, deque(left))

    def _work(self, pipe: Connection, left: Share) -> NoReturn:
        global _worker
        _worker = self._begun
        code = 1
        try:
            base = self._base / f"worker-{_worker}"
            base.mkdir()
            _Worker(self.session, pipe, self._queue.fileno(), self.shares).run(base, left)
            code = 0
        except BaseException:  # noqa: BLE001 - a fork must never go on where its parent does
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(code)

    def _hear(self, fork: _Fork) -> None:
        """Take one message of a worker."""
        hook = self.session.config.hook
        kind, told = "end", None
        with suppress(EOFError):
            kind, told = fork.pipe.recv()
        if kind == "end":
            self._end(fork)
        elif kind == "share":
            fork.left.extend(self.shares[told])
        elif kind == "start":
            fork.running = fork.left.popleft()
            hook.pytest_runtest_logstart(nodeid=fork.running.nodeid, location=fork.running.location)
        elif kind == "report":
            report = hook.pytest_report_from_serializable(config=self.session.config, data=told)
            hook.pytest_runtest_logreport(report=report)
        elif kind == "finish" and fork.running is not None:
            hook.pytest_runtest_logfinish(nodeid=fork.running.nodeid, location=fork.running.location)
            fork.running = None

    def _end(self, fork: _Fork) -> None:
        """Take leave of a worker. Where a test took it down, that test failed and another worker goes on."""
        del self._running[fork.pipe]
        fork.pipe.close()
        code = os.waitstatus_to_exitcode(os.waitpid(fork.process, 0)[1])
        if code == 0:
            return
        lost = fork.running
        if lost is None:
            raise RuntimeError(f"a worker ended with {code} between two tests")
        words = f"the worker ended with {code} while it ran this test"
        hook = self.session.config.hook
        hook.pytest_runtest_logreport(
            report=pytest.TestReport(lost.nodeid, lost.location, {}, "failed", words, "call", duration=0)
        )
        hook.pytest_runtest_logfinish(nodeid=lost.nodeid, location=lost.location)
        self._begin(list(fork.left))


class _Next:
    """The next test, looked up when the test before is torn down: until then another worker may have taken it."""

    def __init__(self, find: Callable[[], pytest.Item | None]) -> None:
        self._find = find

    def __bool__(self) -> bool:
        self._found = self._find()
        return self._found is not None

    def listchain(self) -> list[Any]:
        assert self._found is not None
        return self._found.listchain()


class _Worker:
    """A fork: runs tests one after another and tells what comes of them."""

    def __init__(self, session: pytest.Session, pipe: Connection, queue: int, shares: list[Share]) -> None:
        self._session, self._pipe = session, pipe
        self._queue, self._shares = queue, shares

    def run(self, base: Path, left: Share) -> None:
        """Run what is left of a share, then shares from the queue; temporary files go below `base`."""
        config = self._session.config
        factory = config._tmp_path_factory
        factory._basetemp, factory._exit_stack = base, ExitStack()
        capture = config.pluginmanager.get_plugin("capturemanager")
        if capture is not None:  # the files that were captured into are those of the parent
            capture.stop_global_capturing()
            capture.start_global_capturing()
            capture.suspend_global_capture()
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter._tw = TerminalWriter(Path(os.devnull).open("w"))  # noqa: SIM115 - as long as the worker
        config.pluginmanager.register(self)
        items = self._items(left)
        item = next(items, None)
        while item is not None:
            following: list[pytest.Item | None] = []

            def find(found: list[pytest.Item | None] = following) -> pytest.Item | None:
                if not found:
                    found.append(next(items, None))
                return found[0]

            config.hook.pytest_runtest_protocol(item=item, nextitem=_Next(find))
            item = find()
        config.hook.pytest_sessionfinish(session=self._session, exitstatus=int(self._session.testsfailed > 0))

    def _items(self, left: Share) -> Iterator[pytest.Item]:
        yield from left
        while number := os.read(self._queue, _NUMBER.size):
            (place,) = _NUMBER.unpack(number)
            self._pipe.send(("share", place))
            yield from self._shares[place]

    def pytest_runtest_logstart(self) -> None:
        self._pipe.send(("start", None))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        config = self._session.config
        self._pipe.send(("report", config.hook.pytest_report_to_serializable(config=config, report=report)))

    def pytest_runtest_logfinish(self) -> None:
        self._pipe.send(("finish", None))
