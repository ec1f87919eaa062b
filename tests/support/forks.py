"""A process that has everything imported and forks for each act, to be killed or watched by strace.

As a program, `python -m support.forks MODULE WARM`, it reads one line of JSON per act and answers with the id of the
fork, then with how it ended. What a fork says goes to a file, so that it outlives it. The module says what is done:
`warm(root)` before the first fork, in a fork `plant(bug)` and `do(act, root, say)`.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from support.killed import DURABLE
from support.power import STRACE
from support.remembered import estimate_prints, remember

TESTS = Path(__file__).parents[1]
_ENV = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
_LINE = re.compile(r"^(?:(\d+) +)?(\w+)\(")
_SET_PTRACER, _ANYBODY = 0x59616D61, ctypes.c_ulong(-1)
BEGIN, ASKED = "begin ", "asked"


class Forks:
    """Runs acts in forks of one prepared process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, act: str, root: Path, bug: str = "") -> list[str]:
        """Do an act undisturbed and return what it said. Raise `AssertionError` when it failed."""
        self._begin(act, root, bug, is_held=False)
        self._demand(self._end(), 0, root, bug)
        return said_in(root)

    def calls(self, act: str, root: Path, bug: str = "") -> list[str]:
        """Do an act undisturbed and return its fsyncs and renames in order, each as "rename 3"."""
        trace, pid = root / "calls", self._begin(act, root, bug, is_held=True)
        with _strace(pid, "-e", f"trace={','.join(DURABLE)}", "-o", str(trace)):
            self._demand(self._end(), 0, root, bug)
        counts: Counter[tuple[str, str]] = Counter()
        found = []
        for line in trace.read_text("utf-8", "replace").splitlines():
            if match := _LINE.match(line):
                counts[match[1], match[2]] += 1
                found.append(f"{match[2]} {counts[match[1], match[2]]}")
        return found

    def kill(self, act: str, root: Path, call: str, bug: str = "") -> tuple[bool, list[str]]:
        """Do an act and kill it (SIGKILL) at a call; return whether it died of that, and what it said."""
        name, _, ordinal = call.partition(" ")
        inject = f"inject={name}:signal=SIGKILL:when={ordinal}"
        pid = self._begin(act, root, bug, is_held=True)
        with _strace(pid, "-e", f"trace={name}", "-e", inject, "-o", os.devnull):
            status = self._end()
        self._demand(status, -signal.SIGKILL if status else 0, root, bug)
        return status != 0, said_in(root)

    def _demand(self, status: int, wanted: int, root: Path, bug: str) -> None:
        if status != wanted:
            what = f"the act with {bug!r}" if bug else "the act"
            raise AssertionError(
                f"{what} broke, it was neither killed nor done ({status}):\n" + "\n".join(said_in(root))
            )

    def _begin(self, act: str, root: Path, bug: str, *, is_held: bool) -> int:
        job = {"act": act, "root": str(root), "bug": bug, "is_held": is_held}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return self._end()

    def _end(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


@contextmanager
def open_forks(warm: Path, trace: Path | None = None, module: str = "support.kit_acts") -> Iterator[Forks]:
    """Start the process, which works at the place `warm` first: then no fork has anything left to import.

    With `trace`, strace watches it and all its forks and writes down what they do.
    """
    watched = [*STRACE, str(trace)] if trace is not None else []
    command = [*watched, sys.executable, "-m", "support.forks", module, str(warm)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_ENV) as process:
        try:
            forks = Forks(process)
            assert forks._end() == 1, "a thread was left, which no fork would have"
            yield forks
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


def said_in(root: Path) -> list[str]:
    """Return what the act on a site said, in whole lines."""
    path = root / "said"
    return of_the_act(path.read_text().split("\n")[:-1]) if path.exists() else []


def of_the_act(words: list[str]) -> list[str]:
    """Return what the act itself said."""
    return [line for line in words if line != ASKED and not line.startswith(BEGIN)]


@contextmanager
def _strace(pid: int, *options: str) -> Iterator[None]:
    """Watch a fork that is held, and let it go once strace has it: not one of its calls is missed."""
    with subprocess.Popen(["strace", "-f", "-p", str(pid), *options], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = process.stderr.readline()
        assert " attached" in told, told
        os.kill(pid, signal.SIGUSR1)
        yield
        process.wait()


def _serve(module: Any, lines: IO[str], answers: int) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})  # what lets a fork go may come before it waits
    for line in lines:
        job = json.loads(line)
        pid = os.fork()
        if not pid:
            _work(module, **job)
        os.write(answers, f"{pid}\n".encode())
        os.write(answers, f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n".encode())


def _work(module: Any, act: str, root: str, bug: str, is_held: bool) -> None:
    words = os.open(f"{root}/said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(words, 1)
    os.dup2(words, 2)
    if is_held:
        ctypes.CDLL(None).prctl(_SET_PTRACER, _ANYBODY)
        signal.sigwait({signal.SIGUSR1})
    _tell_questions()
    code = 1
    try:
        if bug:
            module.plant(bug)
        _say(f"{BEGIN}{root}")
        module.do(act, Path(root), _say)
        code = 0
    except BaseException:  # noqa: BLE001 - a fork must never go on where its parent waits
        import traceback

        _say(traceback.format_exc())
    finally:
        os._exit(code)


def _tell_questions() -> None:
    """Say each question before it leaves: whoever cuts the power must know what the data center knows by then."""
    from sync.kit.connection import Connection

    begin = Connection.begin

    def told(self: Connection, *given: Any, **more: Any) -> Any:
        _say(ASKED)
        return begin(self, *given, **more)

    Connection.begin = told  # type: ignore[method-assign]  # told apart from what the act says


def _say(words: str) -> None:
    # One write: a line is there as a whole or not at all.
    os.write(1, f"{words}\n".encode())


if __name__ == "__main__":
    for shared in (remember, estimate_prints):
        shared(pytest.MonkeyPatch())
    acts = importlib.import_module(sys.argv[1])
    acts.warm(Path(sys.argv[2]))
    aside = os.dup(1)
    os.write(aside, f"{threading.active_count()}\n".encode())
    _serve(acts, sys.stdin, aside)
