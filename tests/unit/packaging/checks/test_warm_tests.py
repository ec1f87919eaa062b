from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import warm_tests

ROOM = """
from dataclasses import dataclass
LEAST = 17
OPEN = frozenset({"a", "b"})
SHUT = OPEN - {"a"}
KNOWN = frozenset({"x", "y"})

@dataclass
class Gate:
    age: int

    def may(self):
        return self.age >= LEAST

def is_shut(door):
    return door in SHUT

def early():
    return 1

def asked_by_nobody():
    return 2

def asked_slowly():
    return 3

def once(steps):
    while steps:
        steps -= 1
    return "done"
"""
TESTS = """
import time
import room
from room import KNOWN
FIRST = room.early()

def test_slow():
    until = time.process_time() + 0.3
    while time.process_time() < until:
        pass
    assert room.asked_slowly() == 3

def test_quick():
    assert room.Gate(17).may()
    assert not room.Gate(16).may()

def test_doors():
    assert room.is_shut("b")

def test_known():
    assert KNOWN == {"x", "y"}

def test_end():
    assert room.once(2) == "done"

def test_that_fails_by_itself():
    assert not room.Gate(17).may()
"""
# Asks about one change after another and prints the answers.
ASK = """
import ast, json, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], "."]
import warm_tests
warm_tests._LEAST_PROCESSOR_S = 1
text = Path("room.py").read_text()
source, beside = Path("room.py").resolve(), [Path("test_room.py").resolve()]

def work(tell):
    def all_of_them(warm):
        for before, after in json.loads(sys.argv[2]):
            old, new = (ast.parse(each) for each in (text, text.replace(before, after)))
            change = warm_tests.change_between(old, new, source)
            can = bool(change) and warm.can(change)
            kind = len(change) if isinstance(change, list) else type(change).__name__
            found = warm.ask(change) if can else ""
            tell([kind, can, found, warm.ask(change, beside) if can and not found else ""])
        tell(sorted(warm.failed))
    return warm_tests.WarmTests([Path("room.py").resolve()], all_of_them, 0.2).run(["test_room.py"])

print(json.dumps(warm_tests.forked(work)[1]))
"""
CHANGES = [  # what is changed into what, how many functions that changes or what else, whether it can be, who notices
    (">=", "> ", 1, True, "test_room.py::test_quick", ""),
    ("return 2", "return 4", 1, True, "", ""),  # no test calls it
    ("return 3", "return 4", 1, True, "", "test_room.py::test_slow"),  # takes too long, and is asked beside the module
    ("return 1", "return 4", 1, False, "", ""),  # called while the tests were collected
    ("LEAST = 17", "LEAST = 18", "Rebound", False, "", ""),  # no collection
    ('"a", "b"', '"a"', "Rebound", True, "test_room.py::test_doors", ""),  # what follows from it is made anew
    ('"x", "y"', '"x"', "Rebound", True, "test_room.py::test_known", ""),  # named by a test alone
    ("class Gate", "class Gates", "NoneType", False, "", ""),
    ("steps -= 1", "steps -= 0", 1, True, "ended with -1", ""),
    ("", "", 0, False, "", ""),
]


@pytest.mark.days
def test_each_change_is_asked_by_the_tests_that_call_it(tmp_path: Path) -> None:
    (tmp_path / "room.py").write_text(ROOM)
    (tmp_path / "test_room.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:schemathesis -p no:pytest-qt\n")
    asked = json.dumps([change[:2] for change in CHANGES])
    command = [sys.executable, "-c", ASK, str(Path(warm_tests.__file__).parent), asked]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    *answers, failed = json.loads(done.stdout)
    assert answers == [list(change[2:]) for change in CHANGES]
    assert failed == ["test_room.py::test_that_fails_by_itself"]


def test_a_fork_that_hangs_is_ended() -> None:
    assert warm_tests.forked(lambda tell: tell("here") or time.sleep(60) or 0, patience_s=0.2) == (-1, ["here"])  # type: ignore[func-returns-value]


def test_what_a_fork_tells_may_be_long() -> None:
    """The calls of a whole room are one line of some MiB."""
    long, short = "x" * (3 << 20), ["short"]

    def work(tell: warm_tests.Tell) -> int:
        for said in (short, long, short):
            tell(said)
        return 3

    heard: list[object] = []
    assert warm_tests.forked(work, hear=heard.append) == (3, [short, long, short])
    assert heard == [short, long, short]


def test_a_longer_run_without_a_change_is_waited_for_longer() -> None:
    """By the tests that are asked, not by all of the room: those of a whole room take an hour beside other work."""
    warm = warm_tests.WarmTests([], lambda _: None, 10.0)
    warm.took.update({"quick": (1.0, 2.0), "slow": (20.0, 200.0)})
    assert warm.limits_of(["quick", "unknown"]) == (300.0, 30.0)
    assert warm.limits_of(["quick", "slow"]) == (6 * 202.0, 6 * 21.0)
