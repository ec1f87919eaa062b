"""A disk that is full from the n-th write on, for SQLite's C code as for Python, and what a program makes of it.

`full_disk.c` stands between a program and its C library. One process that has everything imported waits for places to
try and forks for each, so that a sweep over hundreds of writes pays for its imports once.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from support.planted import HONEST, PlantedBug, demand_quiet
from support.remembered import estimate_prints, remember

from fieldkit.domain.errors import known

TESTS = Path(__file__).parents[1]
_ROOMS = ("fieldkit", "sync", "drivers")
_WARM = -2  # no place, and even
_UNFINISHED = ("*.part", "*.new", "*.next", "*.part-*", "*.new-*", "*.next-*")
_SOURCE = Path(__file__).with_suffix(".c")
_WITNESS = ctypes.CFUNCTYPE(None, ctypes.c_long, ctypes.c_char_p, ctypes.c_char_p)
_NUMBERED = re.compile(r"[0-9a-f]{8,}|\d+")


@dataclass(frozen=True)
class Call:
    """A call that needs room. `site` holds the lines of ours that led to it, innermost first."""

    name: str
    file: str
    site: str

    @property
    def sort(self) -> tuple[str, str, str]:
        """Return what is the same when a loop comes by again with the next piece or the next file."""
        return self.name, _NUMBERED.sub("#", self.file), self.site

    def __str__(self) -> str:
        return f"{self.name} {self.file} at {self.site.partition(' < ')[0]}"


@dataclass(frozen=True)
class Filled:
    """One run. `ended` is "" when the work was done, the code of the sentence it ended with, or where a bug stood."""

    made: int  # calls that need room, made in all
    said: tuple[str, ...]
    ended: str
    noise: str  # what it wrote on standard error
    calls: tuple[Call, ...] = ()  # of a run that was never full

    @property
    def has_sentence(self) -> bool:
        """Return whether nothing but sentences came out."""
        return " " not in self.ended and "Traceback" not in self.noise


class Disk:
    """What the program under test may do to the disk below it."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)

        self._noting = _WITNESS(self._note)  # lives as long as a thread may still be in it
        self._witness = _WITNESS()  # nobody
        self.calls: dict[int, Call] = {}

    def fill_from(self, n: int, span: int = 0, given: int = 0) -> None:
        """Be full from the n-th call on, counted from now, for `span` calls; 0 for never, and for ever.

        A short span is a disk on which what is large has no room and what is small has. `given` bytes are there again
        once the reserve was emptied; 0 is a disk on which others take them at once.
        """
        self._library.full_disk_from(*map(ctypes.c_long, (n, span, given)), self._witness)

    def watch(self) -> None:
        """Be never full, and keep each call with the lines that led to it."""
        self.calls.clear()  # also those of an act that was done before the forks
        self._witness = self._noting
        self.fill_from(0)

    def _note(self, n: int, name: bytes, path: bytes) -> None:
        lines, frame = [], sys._getframe().f_back
        while frame is not None:
            place = Path(frame.f_code.co_filename)
            if ".venv" not in place.parts and TESTS.parent in place.parents:
                lines.append(f"{place.name}:{frame.f_lineno}")
            frame = frame.f_back
        self.calls[n] = Call(name.decode(), Path(os.fsdecode(path)).name, " < ".join(lines))

    def make_room(self) -> None:
        """Take everything again, and watch no longer."""
        self._witness = _WITNESS()
        self.fill_from(0)

    @property
    def made(self) -> int:
        """Return how many calls that need room were made since it was last filled."""
        return int(self._library.full_disk_made())


Laid = tuple[Callable[[int], Sequence[str]], Callable[[Filled, int], list[str]]]


class FillingDisk:
    """A process in which the disk below some folders can be full; `module` holds the acts that may be run there."""

    def __init__(self, folder: Path, module: str) -> None:
        compiler = shutil.which("cc")
        if compiler is None or not sys.platform.startswith("linux"):
            pytest.skip("a full disk needs Linux and a C compiler (cc): apt install gcc")
        library = folder / "full_disk.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, _SOURCE, "-ldl"], check=True)
        env = {
            **os.environ,
            "LD_PRELOAD": str(library),
            "FULL_DISK_UNDER": str(folder / "disk"),
            "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)]),
        }
        self.outside = folder
        self.places = folder / "disk"
        self.places.mkdir()
        self._noise = folder / "noise"
        command = [sys.executable, "-m", "support.full_disk", module, str(self._noise)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def lay_open(self, name: str) -> Self:
        """Give a new folder on the disk for the places of one sweep."""
        self.places = self.outside / "disk" / name
        self.places.mkdir()
        return self

    def run(self, act: str, n: int, *arguments: str, span: int = 0, given: int = 0, bug: str = "") -> Filled:
        """Let an act run with the disk full from its n-th call on, for `span` calls or for good; n = 0: never."""
        asked = {"act": act, "n": n, "span": span, "given": given, "arguments": arguments, "bug": bug}
        answer = self._ask(asked)
        noise = self._noise.read_text("utf-8", "replace")
        calls = tuple(Call(*call) for call in answer.get("calls", ()))
        return Filled(int(answer["made"]), tuple(answer["said"]), str(answer["ended"]), noise, calls)

    def warm(self, act: str, *arguments: str) -> None:
        """Do an act before the first fork, where the module lets it: what it imports and compiles, no fork has to."""
        asked = {"act": act, "n": 0, "span": 0, "given": 0, "arguments": arguments, "bug": "", "is_warm": True}
        answer = self._ask(asked)
        assert answer["ended"] == "", answer["ended"]

    def _ask(self, asked: dict[str, object]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))


def sweep(
    disk: FillingDisk,
    act: str,
    laid: Laid,
    some: int | None,
    span: int | None = 0,
    bug: PlantedBug = HONEST,
    given: int = 0,
) -> list[str]:
    """Fill the disk at so many places of an act, or with None at each distinct one, in any order.

    It is full for `span` calls, with 0 for good; with None for one call and for good by turns. Return what was not as
    it must be, at the first place. With the bytes `given` by the reserve the act must be done all the same. `laid` lays
    out a fresh place for a number, and looks at it afterwards.
    """
    lay, wrong = laid
    disk.warm(act, *lay(_WARM))
    shutil.rmtree(disk.places / str(_WARM))
    quiet = disk.run(act, 0, *lay(0), bug=bug.name)
    demand_quiet([quiet.ended, quiet.noise] if quiet.ended else wrong(quiet, 0), bug)
    calls = quiet.calls
    assert len(calls) > 10
    places = places_of(calls)
    parts = min(some or len(places), len(places))
    chosen = [places[(2 * part + 1) * len(places) // (2 * parts)] for part in range(parts)]  # the middle of each part
    random.shuffle(chosen)
    for done, n in enumerate(chosen):
        turn = done % 2 if span is None else span
        filled = disk.run(act, n, *lay(n), span=turn, given=given, bug=bug.name)
        faults = [] if filled.has_sentence and not (given and filled.ended) else [filled.ended, filled.noise]
        faults += wrong(filled, n)
        if faults:
            long = "one call" if turn else "good"
            return [f"full for {long} from call {n} of {len(calls)}, {calls[n - 1]}, ended {filled.ended!r}:", *faults]
        shutil.rmtree(disk.places / str(n), ignore_errors=True)  # a judge may have taken it away
    print(f"\n  full at {parts} of {len(places)} distinct places, of {len(calls)} calls: nothing lost")
    return []


def places_of(calls: Sequence[Call]) -> list[int]:
    """Return where the disk is to be full, from 1: of calls of one sort, wherever they come, the first and the last.

    Of one sort are calls of one name on one kind of file from the same lines of ours: turns of a loop, not two acts.
    """
    first, last = dict[tuple[str, str, str], int](), dict[tuple[str, str, str], int]()
    for n, call in enumerate(calls, 1):
        first.setdefault(call.sort, n)
        last[call.sort] = n
    return sorted({*first.values(), *last.values()})


def unfinished(folder: Path, *more: str) -> list[str]:
    found = {path for end in (*_UNFINISHED, *more) for path in folder.rglob(end)}
    return [f"left behind: {path.relative_to(folder)}" for path in sorted(found)]


def _serve(module: str, noise: str) -> None:
    for shared in (remember, estimate_prints):
        shared(pytest.MonkeyPatch())
    units: Any = importlib.import_module(module)
    answers, disk = os.dup(1), Disk()
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        if asked.pop("is_warm", False):
            answer = _answer(units, disk, asked) if asked["act"] in units.BEFORE_FORKS else {"ended": ""}
            assert threading.active_count() == 1, "a thread was left, which no fork would have"
            os.write(answers, (json.dumps({"ended": answer["ended"]}) + "\n").encode())
            continue
        read, write = os.pipe()
        child = os.fork()
        if not child:
            errors = os.open(noise, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(errors, 1)
            os.dup2(errors, 2)
            with open(write, "w", encoding="utf-8") as pipe:  # noqa: PTH123 - a descriptor
                json.dump(_answer(units, disk, asked), pipe)
            os._exit(0)
        os.close(write)
        with open(read, encoding="utf-8") as pipe:  # noqa: PTH123
            told = pipe.read()
        _, status = os.waitpid(child, 0)
        answer = json.loads(told) if told else {"made": 0, "said": [], "ended": f"died of {status}"}
        # What the act needed the next one finds here.
        for name in answer.pop("imported", ()):
            if name not in sys.modules:
                importlib.import_module(name)
        os.write(answers, (json.dumps(answer) + "\n").encode())


def _answer(units: object, disk: Disk, asked: dict[str, str]) -> dict[str, object]:
    said: list[str] = []
    if asked["bug"]:
        getattr(units, asked["bug"])()
    n = int(asked["n"])
    if n:
        disk.fill_from(n, int(asked["span"]), int(asked["given"]))
    else:
        disk.watch()
    ended = ""
    try:
        getattr(units, asked["act"])(disk, said.append, *asked["arguments"])
    except BaseException as error:  # noqa: BLE001 - whatever it is, the sweep must hear of it
        told = known(error)  # as window and command line ask
        ended = _place_of(error) if told is None else told.code
    made = disk.made
    disk.make_room()
    ours = [name for name in sys.modules if name.partition(".")[0] in _ROOMS]
    calls = [astuple(disk.calls[at]) for at in sorted(disk.calls)]
    return {"made": made, "said": said, "ended": ended, "imported": ours, "calls": calls}


def _place_of(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if ".venv" not in frame.filename]
    ours = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
    return f"{type(error).__name__} {error} at {' < '.join(reversed(ours))}"


if __name__ == "__main__":
    _serve(*sys.argv[1:])
