"""What the program takes of a person's time: until the sign-in screen stands, and beside devices and people."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.day import SEED, people
from support.performed import perform

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.demo.kit import PETUGAS, PINS, prepare
from fieldkit.app.demo.world import World
from tests.benchmarks.goals import (
    BERANDA_AFTER_READING_AHEAD,
    ENTER_TO_BERANDA_S,
    FIRST_PIXEL_OF_A_BARE_WINDOW,
    MODULES_AFTER_ENTER,
    OWN_TIME_OF_A_PERSON_S,
    SIGN_IN_SCREEN_OF_A_BARE_WINDOW,
    SIGN_IN_SCREEN_OF_THE_SAME_WIDGETS,
)

HERE = Path(__file__).parent
# What the sign-in screen needs nothing of; each of them once stood in its way.
NOT_YET = {
    *(
        "PySide6.QtPrintSupport",
        "PySide6.QtSvg",
        "PySide6.QtTest",
        "PySide6.QtNetwork",
        "alembic",
        "asn1crypto",
        "cryptography",
        "cv2",
    ),
    *("httpx2", "numpy", "psutil", "pydantic", "rich", "segno", "serial", "smartcard", "sqlalchemy", "sqlcipher3"),
    *("tomllib", "typer", "typst", "yaml"),
    *("fieldkit.app.bootstrap.devices", "fieldkit.ports.exchange", "fieldkit.ports.devices", "fieldkit.ports.exchange"),
    *("fieldkit.app.bootstrap.enrolment", "fieldkit.domain.nik", "importlib.resources", "socket"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("kit")
    with World(out, SEED) as world:
        prepare(Home(out / "home"), world, people(4))
    return out / "home"


def painted_ms(*command: object) -> tuple[float, set[str]]:
    """Start a process; return the ms of a processor until its window is painted, and what it had loaded."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(HERE.parents[1])}
    environment["DISPLAY"] = ":0"  # with its splash; nothing is shown there
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # the second start counts, as in the field
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, *map(str, command)], stdout=subprocess.PIPE, text=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)  # each of them ends as soon as it is painted
    said, *loaded = done.stdout.split()
    assert said == "painted"
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000, set(loaded)


def test_splash_and_sign_in_screen_stand_soon(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pixel, ours, bare, same = started_ms(home)
    with capsys.disabled():
        print(
            f"\n  first pixel {pixel:.0f} ms, sign-in screen {ours:.0f} ms; a bare PySide6 window {bare:.0f} ms, one"
            f" with the same widgets {same:.0f} ms; ratios {pixel / bare:.2f}, {ours / bare:.2f}, {ours / same:.2f}"
        )
    assert ours / same <= SIGN_IN_SCREEN_OF_THE_SAME_WIDGETS
    assert pixel / bare <= FIRST_PIXEL_OF_A_BARE_WINDOW
    assert ours / bare <= SIGN_IN_SCREEN_OF_A_BARE_WINDOW


def started_ms(home: Path, rounds: int = 15) -> tuple[float, ...]:
    """Return medians of splash, sign-in screen, bare window and one with the same widgets, started by turns, in ms."""
    commands = [("first_pixel.py", home), ("sign_in_painted.py", home), ("bare_window.py",), ("same_widgets.py",)]
    times = [[painted_ms(HERE / script, *given)[0] for script, *given in commands] for _ in range(rounds + 1)]
    return tuple(map(statistics.median, zip(*times[1:], strict=True)))  # the first start only warms the disk


def test_the_sign_in_screen_loads_only_what_it_shows(home: Path) -> None:
    _, loaded = painted_ms(HERE / "sign_in_painted.py", home)
    assert "PySide6.QtWidgets" in loaded
    assert loaded & NOT_YET == set()


def test_what_is_read_ahead_is_not_waited_for_after_enter(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In turns, of the processor's time from Enter to Beranda; five seconds are what somebody takes to type."""
    rounds = [[signed_in(home, seconds) for seconds in (0, 5)] for _ in range(4)][1:]
    at_once, later = (statistics.median(took for took, *_ in column) for column in zip(*rounds, strict=True))
    with capsys.disabled():
        print(f"\n  Enter to Beranda: {at_once:.2f} s of a processor at once, {later:.2f} s after 5 s of typing")
    assert all(loaded <= MODULES_AFTER_ENTER for _, (_, loaded, _) in rounds)
    assert later / at_once <= BERANDA_AFTER_READING_AHEAD
    assert later <= ENTER_TO_BERANDA_S


def signed_in(home: Path, seconds: int) -> tuple[float, int, float]:
    """Return the seconds of a processor from Enter to Beranda, the modules loaded in them, and the resident MiB."""
    person = PETUGAS.user_id, PINS[PETUGAS.user_id]
    command = [sys.executable, HERE / "signed_in.py", home, str(seconds), *person]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(HERE.parents[1])}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    took, loaded, resident_mib = done.stdout.split()
    return float(took), int(loaded), float(resident_mib)


@pytest.mark.parametrize("lacks", OWN_TIME_OF_A_PERSON_S)
def test_the_program_itself_takes_little_time_per_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lacks: str
) -> None:
    """What somebody waits for the program, the inspection of samples included, with and without NFIQ 2."""
    begun = time.monotonic()
    performed = perform(tmp_path / "demo", "--people", "4", "--seed", str(SEED), lacks=lacks)
    day = time.monotonic() - begun
    seconds = performed.report["seconds"]
    with capsys.disabled():
        print(
            f"\n  per person {seconds['subject']:.2f} s, of it devices and people {seconds['device']:.2f} s, "
            f"the program {seconds['app_overhead']:.2f} s (seal {seconds['seal']:.2f} s); "
            f"sync {seconds['sync']:.2f} s; the whole day {day:.1f} s"
        )
    assert performed.report["acknowledged"] == 4
    assert seconds["app_overhead"] <= OWN_TIME_OF_A_PERSON_S[lacks]
