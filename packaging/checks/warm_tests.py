"""Tests that are imported and collected once, then run in a fork for each change of the code.

A change inside a function is put into the function objects that the fork took over: what others imported by name is
the same object. A collection that a module names is made anew, with those that follow from it, wherever it is bound.
What the fork cannot change, the caller has to import anew: defaults, class bodies, and functions that already did their
work while the tests were collected.
"""

from __future__ import annotations

import ast
import builtins
import gc
import inspect
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from _pytest.main import pytest_runtestloop
from noted_calls import NOTE, Calls, codes_of, names_of, noting

Tell = Callable[[Any], None]


@dataclass(frozen=True)
class Rebound:
    """Names of a module that are bound to other collections: what gives their new values, in this order."""

    file: str
    values: tuple[tuple[str, CodeType], ...]


Functions = list[tuple[CodeType, CodeType]]  # before and after
Change = Functions | Rebound
HUNG = -1
_LEAST_S = 300.0
_LEAST_PROCESSOR_S = 30.0
_NOTHING = ModuleType("nothing")
_PATIENCE = 6  # times what the same tests take without a change: what takes longer hangs, and is noticed


def forked(
    work: Callable[[Tell], int],
    patience_s: float = float("inf"),
    processor_s: float = 0,
    hear: Tell = lambda _: None,
) -> tuple[int, list[Any]]:
    """Let a fork work; return its exit code and what it told, which `hear` gets at once.

    One that hangs is ended with code HUNG.
    """
    heard: list[Any] = []
    with tempfile.TemporaryFile("w+") as told:
        place = 0

        def listen() -> None:
            nonlocal place
            said = os.pread(told.fileno(), os.fstat(told.fileno()).st_size - place, place)
            end = said.rfind(b"\n") + 1
            place += end
            for line in said[:end].splitlines():
                heard.append(json.loads(line))
                hear(heard[-1])

        child = os.fork()
        if child == 0:
            code = 70
            try:
                if patience_s < float("inf"):
                    os.setpgid(0, 0)  # what it starts is ended with it
                if processor_s:
                    resource.setrlimit(resource.RLIMIT_CPU, (int(processor_s) + 1, resource.RLIM_INFINITY))
                code = work(lambda said: print(json.dumps(said), file=told, flush=True))
            finally:
                os._exit(code)
        ended, until = 0, time.monotonic() + patience_s
        while not ended and (time.monotonic() < until or time.monotonic() < until + kept_waiting(child)):
            ended, status = os.waitpid(child, os.WNOHANG)
            listen()
            if not ended:
                time.sleep(0.01)
        if not ended:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status) if ended else HUNG
        listen()
        return HUNG if code == -signal.SIGXCPU else code, heard


def kept_waiting(process: int) -> float:
    """Return how many seconds a process waited for its turn of a processor: beside other work that is no standstill."""
    waited = [0.0]
    for thread in Path(f"/proc/{process}/task").glob("*/schedstat"):
        with suppress(OSError, IndexError):  # a thread that ended meanwhile; a system that does not count
            waited.append(int(thread.read_text().split()[1]) / 1e9)
    return max(waited)


def ask_pytest(tests: Iterable[str], *plugins: object) -> int:
    """Run tests in this process without a word; return the exit code."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        least = [
            "-q",
            "-m",
            "not faults",
            "--timeout",
            "0",
            "--tb",
            "line",
            "--assert",
            "plain",
        ]  # nobody reads why
        return int(pytest.main([*least, "--basetemp", f"{folder}/tests", *tests], plugins=plugins))


def change_between(old: ast.Module, new: ast.Module, source: Path) -> Change | None:
    """Return what differs between two versions of a module, None when a fork cannot change it."""
    before, after = (compile(tree, str(source), "exec", dont_inherit=True) for tree in (old, new))
    functions = changed_functions(before, after)
    return _rebound(old, new, source) if functions is None else functions


def _rebound(old: ast.Module, new: ast.Module, source: Path) -> Rebound | None:
    """Return a changed assignment of a module with those after it that follow from it."""
    pairs = list(zip(old.body, new.body, strict=True))
    changed = [after for before, after in pairs if ast.dump(before) != ast.dump(after)]
    if len(changed) != 1 or _assigned(changed[0]) is None:
        return None
    names, values = set[str](), []
    for statement in new.body[new.body.index(changed[0]) :]:
        name, value = _assigned(statement) or ("", None)
        asked = {each.id for each in ast.walk(statement) if isinstance(each, ast.Name)}
        if value is not None and (statement is changed[0] or names & asked):
            names.add(name)
            values.append((name, compile(ast.Expression(value), str(source), "eval", dont_inherit=True)))
    return Rebound(str(source), tuple(values))


def _assigned(statement: ast.stmt) -> tuple[str, ast.expr] | None:
    match statement:
        case ast.Assign(targets=[ast.Name(name)], value=value):
            return name, value
        case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value):
            return name, value
    return None


def changed_functions(old: CodeType, new: CodeType) -> Functions | None:
    """Return the outermost functions that differ, before and after; None when anything outside of them does."""
    if old == new:
        return []
    if old.co_flags & inspect.CO_OPTIMIZED:
        return [(old, new)]
    inner = [[one for one in code.co_consts if isinstance(one, CodeType)] for code in (old, new)]
    outer = [
        code.replace(co_consts=tuple(one for one in code.co_consts if not isinstance(one, CodeType)))
        for code in (old, new)
    ]
    found = [changed_functions(*pair) for pair in zip(*inner, strict=False)]
    if outer[0] != outer[1] or len(inner[0]) != len(inner[1]) or None in found:
        return None
    return [pair for pairs in found for pair in pairs or ()]


def _asks_for(function: FunctionType, bound: set[int]) -> bool:
    """Return whether a function asks for one of some values by a name of its module."""
    asked = {name for code in codes_of(function.__code__) for name in code.co_names}
    return any(id(function.__globals__[name]) in bound for name in asked & function.__globals__.keys())


def _module_of(file: str) -> ModuleType:
    return next((each for each in list(sys.modules.values()) if getattr(each, "__file__", None) == file), _NOTHING)


def _bind(change: Rebound) -> None:
    """Give the names of a module their new values, wherever somebody imported them."""
    module = vars(_module_of(change.file))
    for name, code in change.values:
        was, module[name] = module[name], eval(code, module)
        for other in list(sys.modules.values()):
            for bound, value in list(vars(other).items()):
                if value is was:
                    setattr(other, bound, module[name])


def _spent() -> float:
    """Return what this process and those that it awaited took of a processor."""
    return sum(os.times()[:4])


class _Without:
    """Runs all tests without a change: how long each takes, what it calls, and whether it passes.

    What it takes of a processor is the same beside other work.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls, self.failed = calls, set[str]()
        self.took: dict[str, tuple[float, float]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        begun, before = time.monotonic(), _spent()
        done = yield
        self.took[item.nodeid] = (_spent() - before, time.monotonic() - begun)
        return done

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        self._calls.now = str(item.path)  # what a fixture does may be for all tests of the file
        yield
        self._calls.now = item.nodeid

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)


class _With:
    """Tells the first test that notices a change."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._tell(report.nodeid)


class WarmTests:
    """A plugin of pytest that runs the collected tests for one change after another instead of once.

    Asked are those beside what was changed, then the quickest others that call it, as many as take `budget_s` of a
    processor without a change.
    """

    def __init__(self, files: Iterable[Path], work: Callable[[WarmTests], None], budget_s: float) -> None:
        self._calls = Calls(frozenset(map(str, files)))
        self._work, self._budget_s = work, budget_s
        self._live: dict[str, list[FunctionType]] = defaultdict(list)
        self.took: dict[str, tuple[float, float]] = {}
        self.failed: set[str] = set()

    def run(self, tests: Iterable[str]) -> int:
        """Collect the tests and do the work with them."""
        self._calls.begin()
        return ask_pytest(tests, self)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Do the work instead of running the tests once."""
        self._calls.end()
        gc.unfreeze()  # what is frozen is not listed
        for one in gc.get_objects():
            if type(one) is FunctionType and one.__code__.co_filename in self._calls.files:
                self._live[next(names_of(one.__code__))].append(one)
        gc.freeze()
        self._session = session
        self._measure()
        self._work(self)
        return True

    def _measure(self) -> None:
        def work(tell: Tell) -> int:
            seen = _Without(self._calls)
            setattr(builtins, NOTE, self._calls.note)
            for file in self._calls.files:
                for old, new in noting(file).items():
                    self._put([(old, new)])
            self._loop(seen)
            tell([seen.took, {by: sorted(names) for by, names in self._calls.seen.items()}, sorted(seen.failed)])
            return 0

        code, told = forked(work)
        if not told:
            raise RuntimeError(f"the tests did not come to their end without a change: {code}")
        self.took, calls, failed = told[-1]
        self._calls.seen.update({by: set(names) for by, names in calls.items()})
        self.failed = set(failed)

    def _loop(self, plugin: object) -> None:
        """Run what the session holds, in a fork that ends with it."""
        config = self._session.config
        config.pluginmanager.register(plugin)
        with suppress(self._session.Failed, self._session.Interrupted):
            pytest_runtestloop(self._session)
        config.hook.pytest_sessionfinish(session=self._session, exitstatus=0)  # fixtures end what they began

    def can(self, change: Change) -> bool:
        """Return whether what is changed is here, and did nothing before the tests began."""
        if isinstance(change, Rebound):
            return isinstance(vars(_module_of(change.file)).get(change.values[0][0]), Collection)
        names = {name for old, _ in change for name in names_of(old)}
        return not names & self._calls.seen[""] and all(
            old.co_freevars == new.co_freevars and any(one.__code__ == old for one in self._live[next(names_of(old))])
            for old, new in change
        )

    def chosen(self, change: Change, beside: Collection[Path] = ()) -> list[pytest.Item]:
        """Return which tests are asked about a change: those beside it that call it, others that do, others beside it.

        What a test remembers for all that follow, such as an empty store, only the first of them calls.
        """
        if isinstance(change, Rebound):
            bound = self._bound(change)
            names = self._users(bound)
        else:
            bound, names = set(), {name for old, _ in change for name in names_of(old)}

        def calls(item: pytest.Item) -> bool:
            itself = getattr(item, "function", None)  # a table may be stated by the test alone
            has_called = names & (self._calls.seen[item.nodeid] | self._calls.seen[str(item.path)])
            return bool(has_called) or (isinstance(itself, FunctionType) and _asks_for(itself, bound))

        able = sorted((item for item in self._session.items if item.nodeid not in self.failed), key=self._seconds)
        asked = [item for item in able if item.path in beside and calls(item)]
        total = 0.0
        for item in able:
            if item.path not in beside and calls(item):
                total += self._seconds(item)
                asked += [item] if total <= self._budget_s else []
        return asked + [item for item in able if item.path in beside and not calls(item)]

    def _bound(self, change: Rebound) -> set[int]:
        """Return the identities of what is bound anew."""
        module = vars(_module_of(change.file))
        return {id(module[name]) for name, _ in change.values if name in module}

    def _users(self, bound: set[int]) -> set[str]:
        """Return the functions that ask for what is bound anew, wherever they imported it."""
        every = (one for functions in self._live.values() for one in functions)
        return {name for one in every if _asks_for(one, bound) for name in names_of(one.__code__)}

    def _seconds(self, item: pytest.Item) -> float:
        return self.took.get(item.nodeid, (0.0, 0.0))[0]

    def limits_of(self, tests: Iterable[str]) -> tuple[float, float]:
        """Return after how many seconds, and how many of a processor, these tests hang."""
        took = [self.took.get(test, (0.0, 0.0)) for test in tests]
        processor_s, whole_s = sum(each for each, _ in took), sum(each for _, each in took)
        return max(_LEAST_S, _PATIENCE * whole_s), max(_LEAST_PROCESSOR_S, _PATIENCE * processor_s)

    def _put(self, change: Functions) -> None:
        for old, new in change:
            for one in self._live[next(names_of(old))]:
                if one.__code__ == old:
                    one.__code__ = new

    def ask(self, change: Change, beside: Collection[Path] = ()) -> str:
        """Return the test that notices a change; nothing when none does."""
        items = self.chosen(change, beside)

        def work(tell: Tell) -> int:
            if isinstance(change, Rebound):
                _bind(change)
            else:
                self._put(change)
            self._session.items[:] = items
            self._session.config.option.maxfail = 1
            self._loop(_With(tell))
            return 0

        code, told = forked(work, *self.limits_of(item.nodeid for item in items)) if items else (0, [])
        return str(told[0]) if told else ("" if code == 0 else f"ended with {code}")
