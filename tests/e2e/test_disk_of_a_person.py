"""What a recorded person costs the laptop's disk, seen from outside: bytes and waits from the opening to the seal."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.power import demand

if TYPE_CHECKING:
    from tests.e2e.conftest import Outreach

BYTES = 16_000_000  # of each person
WAITS = 30  # of a person on average: one for each act, and exceptions are acts
TESTS = Path(__file__).parents[1]
_STRACE = ("strace", "-f", "-y", "-s", "40", "--seccomp-bpf", "-e", "trace=write,pwrite64,writev,fsync,fdatasync", "-o")
# A call that another thread interrupts is told twice; its arguments stand in the first line.
_CALL = re.compile(r'\d+ +(\w+)\((\d+)<([^>]*)>(?:, "((?:[^"\\]|\\.)*)"(?:\.\.\.)?, (\d+))?')


@dataclass
class Spent:
    """What one person cost."""

    written: int = 0
    waits: int = 0


@pytest.mark.days
def test_a_sealed_person_costs_little_of_the_disk(outreach: Outreach, tmp_path: Path) -> None:
    demand()
    home, trace = tmp_path / "home", tmp_path / "trace"
    shutil.copytree(outreach.home.path, home)
    shutil.copyfile(outreach.out / "devices.json", tmp_path / "devices.json")
    day = [sys.executable, "-m", "support.child_day", str(tmp_path), str(len(outreach.residents)), "planned"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
    subprocess.run([*_STRACE, str(trace), *day], check=True, stdout=subprocess.DEVNULL, env=env)
    with trace.open(encoding="ascii", errors="replace") as lines:
        spent = spent_on(lines, str(home))
    print(f"\n  {spent}")
    assert len(spent) == len(outreach.residents)
    assert max(each.written for each in spent) <= BYTES
    assert sum(each.waits for each in spent) <= WAITS * len(spent)


def spent_on(lines: Iterable[str], home: str) -> list[Spent]:
    """Return what each person cost, from what a day did under strace."""
    persons: list[Spent] = []
    is_here = False
    for call in filter(None, map(_CALL.match, lines)):
        name, descriptor, path, text, size = call.groups()
        if descriptor == "1" and text is not None:
            is_here = (is_here or "comes" in text) and r"\"sealed\"" not in text
            if "comes" in text:
                persons.append(Spent())
        elif is_here and path.startswith(home):
            assert name != "writev", "its bytes are not counted"
            if name.endswith("sync"):
                persons[-1].waits += 1
            else:
                persons[-1].written += int(size)
    return persons
