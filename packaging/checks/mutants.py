"""Break one thing at a time in the rooms that keep custody, and see whether the tests beside it notice.

    python packaging/checks/mutants.py [--every N] [--farther] [--log FILE] [ROOM ...]

Each mutant is one change of one expression or statement. The tests of a module's mirrored place, and those named in
`NEAR`, are collected once; each mutant is put into the functions of a fork of that process (`warm_tests`), where only
those run that call them. What a fork cannot change is changed on its way through the importer of a new one. So the
working tree never holds a broken vault. Every Nth mutant is run; with --farther the tests of `FARTHER` are asked about
those that none of the near ones noticed. A survivor is a line that no such test needs: kill it, or name it with its
reason in docs/mutants.md.

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
import math
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

from warm_tests import HUNG, Tell, WarmTests, ask_pytest, changed_functions, forked

PROJECT = Path(__file__).parents[2]
ROOMS = (
    "fieldkit/vault",
    "sync/kit",
    "fieldkit/services/recording/seal_record.py",
    "fieldkit/domain/recording/session.py",
)
# Tests outside the mirrored place that are the nearest to a module.
_SLOTS = ("tests/unit/fieldkit/vault/test_keyslots.py", "tests/unit/fieldkit/vault/test_key_change.py")
NEAR = {
    "fieldkit/vault/keyslots.py": _SLOTS[1:],
    "fieldkit/vault/slot_copies.py": _SLOTS,
    "fieldkit/vault/slot_file.py": _SLOTS,
    "fieldkit/vault/slot_seal.py": _SLOTS,
}
# What every test loads and no mutant changes: loaded once, before the fork.
_LOADED_ONCE = (
    "pytest",
    "PySide6.QtWidgets",
    "cryptography.x509",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "pydantic",
    "hypothesis.internal.conjecture.engine",
    "hypothesis.strategies",
    "asn1crypto.cms",
    "segno",
    "numpy",
)
_PATIENCE_S, _PROCESSOR_S = 600.0, 60.0  # what takes longer hangs, and is noticed
# Farther tests of a room, for what the near ones let live: those that call it, as many as take so long together.
FARTHER = {
    "fieldkit/vault": (
        "tests/unit/fieldkit/storage",
        "tests/unit/fieldkit/services/people",
        "tests/unit/fieldkit/app/bootstrap",
        "tests/unit/fieldkit/formats/test_container.py",
        "tests/integration/backup",
    ),
    "sync/kit": ("tests/integration/sync", "tests/integration/backup", "tests/unit/fieldkit/app/bootstrap"),
    "fieldkit/services/recording": ("tests/unit/fieldkit/services/recording", "tests/integration/storage"),
    "fieldkit/domain/recording": (
        "tests/unit/fieldkit/services/recording",
        "tests/unit/ui/presenters/recording",
        "tests/unit/fieldkit/storage/repositories",
    ),
}
_FARTHER_S = 15.0
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


def changes(tree: ast.AST) -> Iterator[tuple[object, str]]:
    """Change the tree in one place after another, each time undoing it; yield the place and what was changed."""
    flags = [one for node in ast.walk(tree) for one in getattr(node, "decorator_list", ())]
    left_alone = {id(node) for one in flags for node in ast.walk(one)}  # frozen and slots: mypy holds them
    for node in ast.walk(tree):
        if id(node) in left_alone:
            continue
        for name, value in ast.iter_fields(node):
            for at, child in enumerate(value if isinstance(value, list) else [value]):
                for new, what in _instead_of(node, name, child):
                    _put(node, name, at, new)
                    yield (child if hasattr(child, "lineno") else node), what
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


def mutated(mutant: Mutant) -> CodeType:
    """Return the code of a module with one change."""
    tree = ast.parse(mutant.source.read_text())
    for number, _ in enumerate(changes(tree)):
        if number == mutant.number:
            broken = ast.fix_missing_locations(copy.deepcopy(tree))
            return compile(broken, str(mutant.source), "exec", dont_inherit=True)
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
        exec(mutated(self._mutant), vars(module))


def tests_of(source: Path) -> list[str]:
    """Return the near tests of a module."""
    inside = source.relative_to(PROJECT)
    mirrored = Path("tests/unit") / inside.with_name(f"test_{inside.name}")
    return [path for path in (str(mirrored), *NEAR.get(str(inside), ())) if (PROJECT / path).exists()]


def sources(rooms: list[str]) -> list[Path]:
    """Return the files of the rooms, each once."""
    found = [PROJECT / room for room in rooms]
    return sorted({file for path in found for file in ([path] if path.suffix else path.rglob("*.py"))})


def ask_anew(mutant: Mutant, tests: list[str]) -> str:
    """Return whether tests that import the broken module notice it."""

    def work(_tell: Tell) -> int:
        sys.meta_path.insert(0, _Breaking(mutant))
        return ask_pytest(["-x", *tests])

    code, _ = forked(work, _PATIENCE_S, _PROCESSOR_S)
    return "" if code == 0 else "what is imported" if code != HUNG else "hung"


def ask_all(mutants: list[Mutant], tests: list[str], budget_s: float = math.inf) -> dict[Mutant, str | None]:
    """Return which test notices each mutant, empty for a survivor, None for one that is no change at all."""
    files = sorted({mutant.source for mutant in mutants})
    left = {f"{mutant.source}:{mutant.number}": mutant for mutant in mutants}
    whole = {file: compile(file.read_text(), str(file), "exec", dont_inherit=True) for file in files}

    def work(tell: Tell) -> int:
        def all_of_them(warm: WarmTests) -> None:
            for name in sorted(warm.failed):
                tell(["", f"{name} fails without a mutant, so it is not asked"])
            for name, mutant in left.items():
                change = changed_functions(whole[mutant.source], mutated(mutant))
                if change == []:
                    tell([name, None])
                elif change and warm.can(change):
                    tell([name, warm.ask(change)])

        return WarmTests(files, all_of_them, budget_s).run(tests)

    found: dict[Mutant, str | None] = {}
    for name, by in forked(work)[1]:
        if name:
            found[left.pop(name)] = by
        else:
            print(f"  {by}", flush=True)
    return found | {mutant: ask_anew(mutant, tests) for mutant in left.values() if budget_s == math.inf}


def ask_farther(survivors: list[Mutant]) -> dict[Mutant, str | None]:
    """Return which farther test notices each mutant that the near ones let live."""
    found: dict[Mutant, str | None] = {}
    for room, tests in FARTHER.items():
        here = [mutant for mutant in survivors if str(mutant.source.relative_to(PROJECT)).startswith(room)]
        found |= ask_all(here, list(tests), _FARTHER_S) if here else {}
    return found


def main() -> int:
    """Run the mutants; return 1 when one survived."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--every", type=int, default=1, metavar="N")
    asked.add_argument("--farther", action="store_true", help="ask farther tests about what the near ones let live")
    asked.add_argument("--log", type=Path, help="append a line for each mutant with the test that noticed it")
    asked.add_argument("rooms", nargs="*", default=ROOMS)
    given = asked.parse_args()
    os.chdir(PROJECT)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for name in _LOADED_ONCE:
        importlib.import_module(name)
    answers: dict[Mutant, str | None] = {}
    met = 0

    def take(new: dict[Mutant, str | None]) -> list[Mutant]:
        answers.update(new)
        alive = [mutant for mutant, by in new.items() if by == ""]
        for mutant in alive:
            print(f"  {mutant}", flush=True)
        if given.log:
            words = {"": "SURVIVED", None: "same"}
            with given.log.open("a") as log:
                log.writelines(f"{words.get(by, by)}\t{mutant}\t{mutant.number}\n" for mutant, by in new.items())
        return alive

    alive: list[Mutant] = []
    for source in sources(list(given.rooms)):
        every, tests = mutants_of(source), tests_of(source)
        chosen = [mutant for at, mutant in enumerate(every, met) if at % given.every == 0]
        met += len(every)
        if tests and chosen:
            print(f"{source.relative_to(PROJECT)}: {len(chosen)} of {len(every)}; not noticed:", flush=True)
            alive += take(ask_all(chosen, tests))
    if given.farther:
        print("not noticed by farther tests either:", flush=True)
        take(ask_farther(alive))
    survived, same = (list(answers.values()).count(kind) for kind in ("", None))
    killed = len(answers) - survived - same
    print(f"{met} mutants, {len(answers)} run, {killed} killed, {same} no change, {survived} survived")
    return 1 if survived else 0


if __name__ == "__main__":
    raise SystemExit(main())
