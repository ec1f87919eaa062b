"""What the program takes of a person's time: until the sign-in screen stands, and beside devices and people."""

from __future__ import annotations

import os
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
    MODULES_AFTER_ENTER,
    OWN_TIME_OF_A_PERSON_S,
    SIGN_IN_SCREEN_OF_A_BARE_WINDOW,
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
    *("fieldkit.app.bootstrap.devices", "fieldkit.ports.backups", "fieldkit.ports.devices", "fieldkit.ports.ways_back"),
    *("fieldkit.app.bootstrap.first_start", "fieldkit.domain.nik", "importlib.resources", "socket"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("kit")
    with World(out, SEED) as world:
        prepare(Home(out / "home"), world, people(4))
    return out / "home"


def painted_ms(*command: object) -> tuple[float, set[str]]:
    """Start a process; return when it said that its window is painted, and what it had loaded."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(HERE.parents[1])}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # the second start counts, as in the field
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *map(str, command)], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        said, *loaded = process.stdout.readline().split()
        took = time.perf_counter() - begun
    assert said == "painted"
    return took * 1000, set(loaded)


def test_the_sign_in_screen_stands_soon(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In turns, so that a busy machine slows both alike; of some rounds the quietest counts."""
    rounds = sorted((one_round(home) for _ in range(4)), key=lambda medians: medians[0] / medians[1])
    ours, bare = rounds[0]
    with capsys.disabled():
        others = ", ".join(f"{one / other:.2f}" for one, other in rounds[1:])
        print(f"\n  sign-in screen {ours:.0f} ms; bare PySide6 window {bare:.0f} ms; ratio {ours / bare:.2f}")
        print(f"  (noisier rounds: {others})")
    assert ours / bare <= SIGN_IN_SCREEN_OF_A_BARE_WINDOW


def one_round(home: Path) -> tuple[float, float]:
    """Return the medians of both, in ms; the first start of each only warms the disk."""
    times = [
        (painted_ms(HERE / "sign_in_painted.py", home)[0], painted_ms(HERE / "bare_window.py")[0]) for _ in range(10)
    ][1:]
    ours, bare = (statistics.median(column) for column in zip(*times, strict=True))
    return ours, bare


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
