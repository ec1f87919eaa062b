"""Break one condition at a time, room by room, and see whether the tests of that room notice.

    python packaging/checks/mutants.py [--seed S] [--sample N | --all] [--family F] [--near] [--log FILE] [ROOM ...]

A room is a folder such as `fieldkit/services`, or a part of it; its tests are those of the mirrored folder
(`tests/unit/fieldkit/services`). They are collected and run once, to learn which test calls what; each mutant is then
put into the functions of a fork of that process (`warm_tests`), where the tests run that call them: those beside the
module (`test_MODULE.py` and `test_MODULE_RULE.py`, else that of its folder), then the quickest others, as many as take
`BUDGET_S` of a processor without a mutant. So the working tree never holds a broken vault. What a fork cannot change is
changed as a new one loads it, and asked by the tests beside the module alone. With `--near` only those are asked, which
is quicker while one writes them.

A sample is drawn by seed: one mutant of each module, the others at random. A survivor is a condition that no test of
its room needs: write one, or name it with its reason in docs/mutants.md.

Own, because the known tools do not fit: mutmut 3 tests a copy of the tree that ours, which start processes and read
`assets`, do not find; cosmic-ray writes each mutant into the working tree and starts pytest anew for each.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

from mutations import CONDITIONS, FAMILIES, Mutant, compiled, mutants_of, mutated
from warm_tests import HUNG, Tell, WarmTests, ask_pytest, change_between, forked

PROJECT = Path(__file__).parents[2]
ROOMS = (
    "fieldkit/domain",
    "fieldkit/services",
    "fieldkit/storage",
    "fieldkit/vault",
    "sync/gateway",
    "sync/kit",
    "ui/presenters",
)
WANTED = 0.95
BUDGET_S = 10.0
_PATIENCE_S, _PROCESSOR_S = 600.0, 60.0  # what takes longer hangs, and is noticed
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
SURVIVED, SAME = "SURVIVED", "same"
_ANEW = "anew"  # a fork cannot change it
Answers = dict[Mutant, str]  # the test that noticed, SURVIVED, or SAME for a change that changes nothing


def told(mutant: Mutant) -> str:
    """Return a mutant as one line."""
    return f"{mutant.source.relative_to(PROJECT)}:{mutant.line} {mutant.what}"


def mirrored(source: Path) -> Path:
    """Return where the tests of a file or of a folder stand."""
    inside = Path("tests/unit") / source.relative_to(PROJECT)
    return inside.with_name(f"test_{inside.name}") if source.suffix else inside


def beside(source: Path) -> list[Path]:
    """Return the test files beside a module; one without any is tested by that of its folder, as migrations are."""
    mine = mirrored(source)
    found = [PROJECT / mine, *sorted((PROJECT / mine.parent).glob(f"{mine.stem}_*.py"))]
    of_folders = (
        PROJECT / mirrored(folder.with_suffix(".py")) for folder in source.parents if PROJECT in folder.parents
    )
    return [each for each in found if each.exists()] or [each for each in of_folders if each.exists()][:1]


def room_of(source: Path) -> str:
    """Return the room that a file belongs to."""
    inside = str(source.relative_to(PROJECT))
    return next((room for room in ROOMS if inside.startswith(f"{room}/")), str(Path(inside).parent))


def population(places: Iterable[str], family: str, *, is_near: bool = False) -> dict[str, list[Mutant]]:
    """Return the mutants of some files and folders by the room, or the file, whose tests are asked."""
    found: dict[str, list[Mutant]] = {}
    files = {file for place in places for file in _files(PROJECT / place)}
    for source in sorted(files):
        asked = str(source.relative_to(PROJECT)) if is_near else room_of(source)
        found.setdefault(asked, []).extend(each for each in mutants_of(source) if each.family == family)
    return {room: mutants for room, mutants in found.items() if mutants}


def _files(place: Path) -> Iterable[Path]:
    return [place] if place.suffix else place.rglob("*.py")


def drawn(mutants: Sequence[Mutant], number: int, seed: int) -> list[Mutant]:
    """Draw a sample: one mutant of each module, then at random until there are so many."""
    chance, by_module = random.Random(seed), dict[Path, list[Mutant]]()
    for mutant in mutants:
        by_module.setdefault(mutant.source, []).append(mutant)
    first = [chance.choice(each) for each in by_module.values()]
    rest = sorted(set(mutants) - set(first), key=lambda each: (str(each.source), each.number))
    return first + chance.sample(rest, max(0, min(number - len(first), len(rest))))


def break_from_now(mutant: Mutant) -> None:
    """Let a module be broken wherever its file is loaded from now on, also past the importer, as migrations are."""
    load, broken = SourceFileLoader.get_code, compiled(mutated(mutant), mutant.source)

    def get_code(loader: SourceFileLoader, name: str) -> CodeType | None:
        return broken if Path(loader.path) == mutant.source else load(loader, name)

    SourceFileLoader.get_code = get_code  # type: ignore[assignment, method-assign]


def ask_anew(mutant: Mutant) -> str:
    """Return whether the tests beside the broken module notice it as they load it."""
    tests = [str(each) for each in beside(mutant.source)]
    if not tests:
        return SURVIVED

    def work(_tell: Tell) -> int:
        break_from_now(mutant)
        return ask_pytest(["-x", *tests])

    code, _ = forked(work, _PATIENCE_S, _PROCESSOR_S)
    return SURVIVED if code == 0 else "what is imported" if code != HUNG else "hung"


class Note:
    """Shows survivors as they are found and writes all answers down."""

    def __init__(self, log: Path | None) -> None:
        self._log = log

    def __call__(self, mutant: Mutant, by: str) -> None:
        """Take who noticed a mutant."""
        if by == SURVIVED:
            print(f"  {told(mutant)}", flush=True)
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(f"{by}\t{told(mutant)}\t{mutant.number}\n")


def ask(room: str, mutants: Sequence[Mutant], note: Note) -> Answers:
    """Ask the tests of a room about mutants."""
    files = sorted({mutant.source for mutant in mutants})
    trees = {file: ast.parse(file.read_text("utf-8")) for file in files}
    waiting, place = dict(enumerate(mutants)), PROJECT / room
    tests = beside(place) if place.suffix else [each for each in [PROJECT / mirrored(place)] if each.exists()]
    found: Answers = {}
    if not tests:
        return dict.fromkeys(mutants, SURVIVED)

    def work(tell: Tell) -> int:
        def all_of_them(warm: WarmTests) -> None:
            for name in sorted(warm.failed):
                tell(["", f"{name} fails without a mutant, so it is not asked"])
            for number, mutant in list(waiting.items()):
                change = change_between(trees[mutant.source], mutated(mutant), mutant.source)
                if change is not None and not change:
                    tell([number, SAME])
                elif change and warm.can(change):
                    tell([number, warm.ask(change, beside(mutant.source)) or SURVIVED])
                else:
                    tell([number, _ANEW])

        return WarmTests(files, all_of_them, BUDGET_S).run(map(str, tests))

    def hear(said: list[object]) -> None:
        number, by = said
        if isinstance(number, int):
            mutant = waiting.pop(number)
            found[mutant] = str(by)
            if by != _ANEW:
                note(mutant, str(by))
        else:
            print(f"  {by}", flush=True)

    left = 0
    while waiting and len(waiting) != left:  # what was killed goes on behind what it answered
        left = len(waiting)
        code, _ = forked(work, hear=hear)
        if waiting:
            print(f"  the warm tests of {room} ended with {code} before {len(waiting)} mutants", flush=True)
    for mutant in [*waiting.values(), *(each for each, by in found.items() if by == _ANEW)]:
        found[mutant] = ask_anew(mutant)
        note(mutant, found[mutant])
    return found


def table(answers: dict[str, Answers]) -> tuple[str, bool]:
    """Return the numbers of each room as text, and whether each room notices enough."""
    lines, is_enough = [f"{'room':<22}{'run':>6}{'noticed':>9}{'survived':>10}"], True
    total: Counter[bool] = Counter()
    for room, found in answers.items():
        counted = Counter(by == SURVIVED for by in found.values() if by != SAME)
        lines.append(_line(room, counted))
        total += counted
        is_enough &= counted[False] >= WANTED * counted.total()
    return "\n".join([*lines, _line("all", total)]), is_enough


def _line(name: str, counted: Counter[bool]) -> str:
    whole = counted.total()
    share = 100 * counted[False] / whole if whole else 100.0
    return f"{name:<22}{whole:>6}{counted[False]:>9}{counted[True]:>10}  {share:5.1f} %"


def main() -> int:
    """Run the mutants; return 1 when the tests of a room notice too few."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--sample", type=int, default=120, metavar="N", help="so many of all rooms that are asked")
    asked.add_argument("--all", action="store_true", help="every mutant instead of a sample")
    asked.add_argument("--family", choices=FAMILIES, default=CONDITIONS)
    asked.add_argument("--near", action="store_true", help="ask only the test file beside each module")
    asked.add_argument("--log", type=Path, help="append a line for each mutant with the test that noticed it")
    asked.add_argument("rooms", nargs="*", default=ROOMS)
    given = asked.parse_args()
    os.chdir(PROJECT)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for name in _LOADED_ONCE:
        importlib.import_module(name)
    rooms = population(given.rooms, given.family, is_near=given.near)
    everybody = [mutant for mutants in rooms.values() for mutant in mutants]
    chosen = set(everybody if given.all else drawn(everybody, given.sample, given.seed))
    print(f"{len(everybody)} mutants, {len(chosen)} asked about (seed {given.seed}); not noticed:", flush=True)
    answers: dict[str, Answers] = {}
    for room, mutants in rooms.items():
        mine = [mutant for mutant in mutants if mutant in chosen]
        answers[room] = ask(room, mine, Note(given.log)) if mine else {}
    text, is_enough = table(answers)
    print(text)
    return 0 if is_enough else 1


if __name__ == "__main__":
    raise SystemExit(main())
