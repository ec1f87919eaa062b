"""What a recorded day costs the laptop's disk, seen from outside by strace: bytes and waits of each person."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parents[1]
_STRACE = ("strace", "-f", "-y", "-s", "40", "--seccomp-bpf", "-e", "trace=write,pwrite64,writev,fsync,fdatasync", "-o")
# A call that another thread interrupts is told twice; its arguments stand in the first line.
_CALL = re.compile(r'\d+ +(\w+)\((\d+)<([^>]*)>(?:, "((?:[^"\\]|\\.)*)"(?:\.\.\.)?, (\d+))?')


@dataclass
class Spent:
    """What one person cost from the opening of the recording to its seal."""

    written: int = 0
    waits: int = 0


def spent_on_a_day(out: Path, persons: int, work: Path) -> Sequence[Spent]:
    """Record a day at a copy of the prepared demo in `out`, whose devices stand there; `work` is an empty folder."""
    home, trace = work / "home", work / "trace"
    shutil.copytree(out / "home", home)
    shutil.copyfile(out / "devices.json", work / "devices.json")
    day = [sys.executable, "-m", "support.child_day", str(work), str(persons), "planned"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
    subprocess.run([*_STRACE, str(trace), *day], check=True, stdout=subprocess.DEVNULL, env=env)
    with trace.open(encoding="ascii", errors="replace") as lines:
        return _spent(lines, str(home))


def _spent(lines: Iterable[str], home: str) -> Sequence[Spent]:
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
