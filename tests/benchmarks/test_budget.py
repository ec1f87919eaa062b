"""A kit after years of work beside a new one, through the real process: `make budget` prints goal, figure and ratio.

A home of 20,000 delivered people, 60,000 events and 2,857 letters, and the same home before them. All seconds are of a
processor; start and sign-in are the median of their rounds, taken by turns.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.day import SEED, people
from support.disk_of_a_day import spent_on_a_day
from support.old_home import grow_old
from support.power import demand

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.demo.kit import ADMIN, DEMO_PASSPHRASE, PINS, prepare
from fieldkit.app.demo.world import World
from fieldkit.storage.sealed_files import FolderOfSealedFiles
from tests.benchmarks.goals import (
    BYTES_OF_A_PERSON,
    ENTER_TO_BERANDA_S,
    FIRST_PIXEL_OF_A_BARE_WINDOW,
    SIGN_IN_AFTER_YEARS,
    SIGN_IN_SCREEN_OF_A_BARE_WINDOW,
    SIGN_IN_SCREEN_OF_THE_SAME_WIDGETS,
    WAITS_OF_A_PERSON,
)
from tests.benchmarks.test_memory import day_of
from tests.benchmarks.test_program_speed import HERE, signed_in, started_ms
from tests.benchmarks.test_rest import rest_of

DELIVERED, PERSONS, ROUNDS, TYPING_S = 20_000, 4, 3, 5
STALL_MS, DAY, REST_MINUTES = 50, 2, 1
COMMANDS = {"doctor": ("doctor",), "backup": ("backup", "make")}


@dataclass(frozen=True)
class Figure:
    """What was measured; without a goal it is only shown."""

    name: str
    figure: float
    goal: float | None = None

    @property
    def is_missed(self) -> bool:
        return self.goal is not None and self.figure > self.goal

    def line(self) -> str:
        goal, ratio = ("", "") if self.goal is None else (f"{self.goal:.2f}", f"{self.figure / self.goal:.2f}")
        return f"  {self.name:<52}{goal:>10}{self.figure:>10.2f}{ratio:>8}"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """`home` is a new kit's, `old` that of an office that worked for years; the devices of both stand there."""
    out = tmp_path_factory.mktemp("budget")
    with World(out, SEED) as world:
        prepare(Home(out / "home"), world, people(PERSONS))
        old = Home(out / "old")
        shutil.copytree(out / "home", old.path)
        grow_old(old, DELIVERED)
        files = FolderOfSealedFiles(old.sealed)
        files.archive(files.found().manifests)
        yield out


@pytest.mark.timeout(0)
def test_nothing_grows_with_the_years(out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demand()
    figures = [*start(out), *sign_in(out), *commands(out, tmp_path)]
    shutil.copytree(out / "home", out / "resting")
    with ThreadPoolExecutor(1) as beside:  # three minutes that take next to nothing of a processor
        resting = beside.submit(rest_of, out / "resting", REST_MINUTES)
        figures += [*work(out), *disk(out, tmp_path), *day(tmp_path), *rest(*resting.result())]
    with capsys.disabled():
        print(f"\n  {'':<52}{'goal':>10}{'figure':>10}{'ratio':>8}")
        print("\n".join(figure.line() for figure in figures))
    assert [figure.name for figure in figures if figure.is_missed] == []


def start(out: Path) -> Iterator[Figure]:
    """Until the splash stands, and until the names to pick from are painted."""
    pixel, new, bare, same = started_ms(out / "home")
    old = started_ms(out / "old", ROUNDS)[1]
    yield Figure("first pixel, times a bare window", pixel / bare, FIRST_PIXEL_OF_A_BARE_WINDOW)
    yield Figure("sign-in screen, new home, ms", new)
    yield Figure("sign-in screen, times the same widgets", new / same, SIGN_IN_SCREEN_OF_THE_SAME_WIDGETS)
    yield Figure("sign-in screen, times a bare window", new / bare, SIGN_IN_SCREEN_OF_A_BARE_WINDOW)
    yield Figure("sign-in screen after years, times a new home", old / new)


def sign_in(out: Path) -> Iterator[Figure]:
    """From Enter to Beranda, and what lies in memory then."""
    rounds = [[signed_in(out / name, TYPING_S) for name in ("home", "old")] for _ in range(ROUNDS + 1)][1:]
    (new, _, new_mib), (old, _, old_mib) = (
        tuple(map(statistics.median, zip(*column, strict=True))) for column in zip(*rounds, strict=True)
    )
    yield Figure("Enter to Beranda, new home, s", new, ENTER_TO_BERANDA_S)
    yield Figure("Enter to Beranda after years, s", old, ENTER_TO_BERANDA_S)
    yield Figure("Enter to Beranda after years, times a new home", old / new, SIGN_IN_AFTER_YEARS)
    yield Figure("resident signed in, new home, MiB", new_mib)
    yield Figure("resident signed in after years, MiB", old_mib)


def commands(out: Path, tmp_path: Path) -> Iterator[Figure]:
    """What goes through a whole home."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(DEMO_PASSPHRASE.format(pin=PINS[ADMIN.user_id]))
    who = ["--user", ADMIN.user_id, "--passphrase-file", str(passphrase)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    for name, words in COMMANDS.items():
        for home, when in (("home", "new home"), ("old", "after years")):
            stick = tmp_path / f"stick-{home}"
            stick.mkdir(exist_ok=True)
            given = [*who, "--to", str(stick)] if name == "backup" else []
            said = [sys.executable, "-m", "fieldkit", *words, "--home", str(out / home), *given]
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            done = subprocess.run(said, capture_output=True, text=True, env=environment)
            assert name == "doctor" or done.returncode == 0, done.stdout + done.stderr
            yield Figure(f"{name}, {when}, s", resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)


def disk(out: Path, tmp_path: Path) -> Iterator[Figure]:
    """What a recorded person costs, from the opening to the seal."""
    work = tmp_path / "day"
    work.mkdir()
    spent = spent_on_a_day(out, PERSONS, work)
    assert len(spent) == PERSONS
    yield Figure("written a person, most, MB", max(each.written for each in spent) / 1e6, BYTES_OF_A_PERSON / 1e6)
    yield Figure("waits for the disk a person, on average", statistics.mean(e.waits for e in spent), WAITS_OF_A_PERSON)


def work(out: Path) -> Iterator[Figure]:
    """What the services do with a whole home: the audit, the check of every page and copy, a bundle of everything."""
    paths = os.pathsep.join([str(HERE.parent), str(HERE.parents[1])])
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": paths}
    for name, when in (("home", "new home"), ("old", "after years")):
        # At a copy: what is exchanged is noted, and the next figures are of a home that did nothing yet.
        shutil.copytree(out / name, out / f"{name}-worked")
        command = [sys.executable, HERE / "home_work.py", out / f"{name}-worked"]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        for line in done.stdout.splitlines():
            yield Figure(f"{line.split()[0]}, {when}, s", float(line.split()[1]))


def day(tmp_path: Path) -> Iterator[Figure]:
    """How long the window looks at nothing that comes in, while people are recorded, sealed and sent."""
    worked_ms = day_of(DAY, tmp_path / "stalls")["worked_ms"]
    yield Figure(f"stalls of the window over {STALL_MS} ms a person", sum(ms > STALL_MS for ms in worked_ms) / DAY)
    yield Figure("longest stall of the window, ms", max(worked_ms))


def rest(percent: float, wakes: float, mib: Sequence[float]) -> Iterator[Figure]:
    """A signed-in kit that is left alone, in its third minute; ten of them are `make budget-rest`."""
    yield Figure("at rest, % of a processor", percent)
    yield Figure("at rest, wake-ups a second", wakes)
    yield Figure("resident at rest, MiB", mib[-1])
