"""Break one thing at a time in the rooms that keep custody, and see whether the tests beside it notice.

    python packaging/checks/mutants.py [--every N] [ROOM ...]

Each mutant is one change of one expression or statement. The module is changed on its way through the importer of a
forked process, so that the working tree never holds a broken vault; only the tests of its mirrored place run, and
those named in `NEAR`. Every Nth mutant is run. A survivor is a line that no near test needs: kill it, or name it with
its reason in docs/mutants.md.

Own, because the known tools do not fit: mutmut 3 needs one run of the whole suite to learn which test calls what, and
tests a copy of the tree that ours, which start processes and read `assets`, do not find; cosmic-ray writes each mutant
into the working tree, starts pytest anew for each (2 s of imports), and brings thirteen packages.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

PROJECT = Path(__file__).parents[2]
ROOMS = (
    "fieldkit/vault",
    "sync/kit",
    "fieldkit/services/recording/seal_record.py",
    "fieldkit/domain/recording/session.py",
)
# Tests outside the mirrored place that are the nearest to a module.
NEAR = {"fieldkit/vault/keyslots.py": ("tests/unit/fieldkit/vault/test_key_change.py",)}
# What every test loads and no mutant changes: loaded once, before the fork.
_LOADED_ONCE = (
    "pytest",
    "PySide6.QtWidgets",
    "cryptography.x509",
    "sqlalchemy",
    "pydantic",
    "numpy",
)
_LEAST_PATIENCE_S = 20.0
_PATIENCE = 6  # times the run without a mutant: what takes longer hangs, and is noticed
_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}


@dataclass(frozen=True)
class Mutant:
    """One change of a module; `number` is its place among the changes of that module."""

    source: Path
    number: int
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.source.relative_to(PROJECT)}:{self.line} {self.what}"


def changes(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Yield the tree after each single change, the same tree each time, and what was changed; it is undone after."""
    flags = [one for node in ast.walk(tree) for one in getattr(node, "decorator_list", ())]
    left_alone = {id(node) for one in flags for node in ast.walk(one)}  # frozen and slots: mypy holds them
    for node in ast.walk(tree):
        if id(node) in left_alone:
            continue
        for name, value in ast.iter_fields(node):
            for at, child in enumerate(value if isinstance(value, list) else [value]):
                for new, what in _instead_of(node, name, child):
                    _put(node, name, at, new)
                    yield node, what
                    _put(node, name, at, child)


def _put(node: ast.AST, name: str, at: int, new: object) -> None:
    value = getattr(node, name)
    if isinstance(value, list):
        value[at] = new
    else:
        setattr(node, name, new)


def _instead_of(node: ast.AST, name: str, child: object) -> Iterator[tuple[object, str]]:
    """Yield what may stand in the place of a part of a node."""
    if isinstance(child, ast.AST) and type(child) in _SWAPS:
        new = _SWAPS[type(child)]
        yield new(), f"{type(child).__name__} → {new.__name__}"
    elif isinstance(child, ast.UnaryOp) and isinstance(child.op, ast.Not):
        yield child.operand, "without not"
    elif isinstance(child, ast.Constant) and not isinstance(node, ast.Expr | ast.JoinedStr | ast.FormattedValue):
        if isinstance(child.value, bool):
            yield ast.copy_location(ast.Constant(not child.value), child), f"{child.value} → {not child.value}"
        elif isinstance(child.value, int):
            yield ast.copy_location(ast.Constant(child.value + 1), child), f"{child.value} → {child.value + 1}"
    elif isinstance(child, ast.Raise | ast.Expr) and not _is_text(child):
        what = "raise" if isinstance(child, ast.Raise) else f"call {ast.unparse(child)[:50]}"
        yield ast.copy_location(ast.Pass(), child), f"without {what}"
    elif name == "value" and isinstance(node, ast.Return) and isinstance(child, ast.expr) and not _is_none(child):
        yield ast.copy_location(ast.Constant(None), child), "return None"


def _is_text(node: ast.Raise | ast.Expr) -> bool:
    """Return whether a statement is a docstring, or the body of a Protocol."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def mutants_of(source: Path) -> list[Mutant]:
    """Return every mutant of a file."""
    tree = ast.parse(source.read_text())
    found = []
    for number, (node, what) in enumerate(changes(tree)):
        found.append(Mutant(source, number, getattr(node, "lineno", 0), what))
    return found


def mutated(mutant: Mutant) -> ast.Module:
    """Return the tree of a module with one change."""
    tree = ast.parse(mutant.source.read_text())
    for number, _ in enumerate(changes(tree)):
        if number == mutant.number:
            return ast.fix_missing_locations(copy.deepcopy(tree))
    raise ValueError(f"{mutant.source} has no change {mutant.number}")


class _Breaking(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module broken; before the usual finders."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._name = ".".join(mutant.source.relative_to(PROJECT).with_suffix("").parts)

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        if name != self._name:
            return None
        return importlib.util.spec_from_file_location(name, self._mutant.source, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        code = compile(mutated(self._mutant), str(self._mutant.source), "exec")
        exec(code, vars(module))


def tests_of(source: Path) -> list[str]:
    """Return the near tests of a module."""
    inside = source.relative_to(PROJECT)
    mirrored = Path("tests/unit") / inside.with_name(f"test_{inside.name}")
    return [path for path in (str(mirrored), *NEAR.get(str(inside), ())) if (PROJECT / path).exists()]


def run(tests: list[str], mutant: Mutant | None, patience_s: float) -> tuple[int, float]:
    """Run tests in a forked process; return its exit code and its seconds. One that hangs is ended with code -1."""
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        if mutant is not None:
            sys.meta_path.insert(0, _Breaking(mutant))
        import pytest

        os._exit(
            int(
                pytest.main(
                    [
                        "-x",
                        "-q",
                        "-m",
                        "not faults",
                        "--timeout",
                        "0",
                        "-W",
                        "ignore::pytest.PytestAssertRewriteWarning",
                        *tests,
                    ]
                )
            )
        )
    while time.monotonic() - begun < patience_s:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status), time.monotonic() - begun
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -1, time.monotonic() - begun


def sources(rooms: list[str]) -> list[Path]:
    """Return the files of the rooms, each once."""
    found = [PROJECT / room for room in rooms]
    return sorted({file for path in found for file in ([path] if path.suffix else path.rglob("*.py"))})


def main() -> int:
    """Run the mutants; return 1 when one survived."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--every", type=int, default=1, metavar="N")
    asked.add_argument("rooms", nargs="*", default=ROOMS)
    given = asked.parse_args()
    os.chdir(PROJECT)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for name in _LOADED_ONCE:
        importlib.import_module(name)
    killed, survivors, met = 0, list[Mutant](), 0
    for source in sources(list(given.rooms)):
        every, tests = mutants_of(source), tests_of(source)
        chosen = [mutant for at, mutant in enumerate(every, met) if at % given.every == 0]
        met += len(every)
        if not tests or not chosen:
            continue
        code, took = run(tests, None, 600.0)
        if code != 0:
            print(f"{source.relative_to(PROJECT)}: its tests fail without a mutant, so nothing is learned", flush=True)
            continue
        alive = [m for m in chosen if run(tests, m, max(_LEAST_PATIENCE_S, took * _PATIENCE))[0] == 0]
        killed, survivors = killed + len(chosen) - len(alive), survivors + alive
        print(f"{source.relative_to(PROJECT)}: {len(chosen)} of {len(every)} run, {len(alive)} survived", flush=True)
        for mutant in alive:
            print(f"  {mutant}", flush=True)
    print(f"{met} mutants, {killed + len(survivors)} run, {killed} killed, {len(survivors)} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main())
