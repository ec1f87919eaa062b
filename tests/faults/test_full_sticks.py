"""A true stick is full, fills in the midst, cannot be written, is pulled out: one sentence, nothing half, once more."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.clock import HandClock
from support.kits import Told, contents, make_kit, seal_into, sticks_of
from support.true_stick import TrueStick

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.rescue import REPORT, rescue
from fieldkit.app.bootstrap.stick_backups import backups_on, verify_backup
from fieldkit.app.cli.options import write_private
from fieldkit.domain.errors import known
from fieldkit.media.place import UNFINISHED, Place
from ui.presenters.exchange.sticks import write_bundle
from ui.runtime.printing import LaptopPrinting

Act = Callable[[Home, Path], object]
BUNDLE = bytes(range(256)) * 2_000


def hand_over(home: Home, stick: Path) -> None:
    sticks_of(home, HandClock()).carry(str(stick), [path.stem for path in home.sealed.glob("*.age")], {})


ACTS: dict[str, Act] = {
    "backup": lambda home, stick: sticks_of(home, HandClock()).back_up(str(stick), (), Told(), Told()),
    "carried records": hand_over,
    "rescue": lambda home, stick: rescue(home, stick, HandClock()),
    "exchange bundle": lambda _, stick: write_bundle(str(stick), "K01-1.tukar", BUNDLE),
    "letter": lambda _, stick: LaptopPrinting(stick / "out").save("BA-1", BUNDLE),
    "export": lambda _, stick: write_private(stick / "out", {"a.json": BUNDLE, "b.pdf": BUNDLE}),
}
WAYS = ("full", "fills", "locked", "pulled out", "pulled out between")
FILES = {"backup": 4, "carried records": 6, "rescue": 6, "exchange bundle": 1, "letter": 1, "export": 2}
ONE_FILE = ("exchange bundle", "letter")
KINDS = ("ext4", "tmpfs", "vfat", "exfat")


def may_meet(act: str, way: str) -> bool:
    """Return whether a stick can do that to an act: one file is written through one folder that is held open."""
    return act not in ONE_FILE or not way.startswith("pulled out")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_kit(tmp_path / "kit")
    for number in range(1, 4):
        seal_into(made, number)
    return made


@pytest.fixture
def sticks(tmp_path: Path) -> Iterator[Callable[[str], TrueStick]]:
    made: list[TrueStick] = []

    def stick(kind: str) -> TrueStick:
        made.append(TrueStick(tmp_path, kind))
        return made[-1]

    yield stick
    for each in made:
        each.pull_out()


def meet(stick: TrueStick, way: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the stick do it at once, or before its n-th file is written, or after."""
    match way:
        case "full":
            stick.fill()
        case "locked":
            stick.lock()
        case _:
            write, written = Place.write, []

            def interrupted(self: Place, *arguments: object, **more: object) -> None:
                written.append(self)
                if len(written) == number and way != "pulled out between":
                    stick.fill() if way == "fills" else stick.pull_out()
                write(self, *arguments, **more)  # type: ignore[arg-type]
                if len(written) == number and way == "pulled out between":
                    stick.pull_out()

            monkeypatch.setattr(Place, "write", interrupted)


def wrong(stick: Path, home: Home, *, is_pulled_out: bool = False) -> list[str]:
    """Return what is half there: under a true name, or left behind, which a stick that was pulled out may have."""
    left = [path for path in stick.rglob("*") if path.is_file() and path.name != "others"]
    if is_pulled_out:
        left = [path for path in left if UNFINISHED not in {part[-len(UNFINISHED) :] for part in path.parts}]
    for report in (path for path in left if path.name == REPORT):
        json.loads(report.read_bytes())
    whole = {BUNDLE, *(path.read_bytes() for path in home.sealed.iterdir())}
    backups = backups_on(Place(stick))
    for backup in backups:
        verify_backup(backup)
    kept = tuple(backup.path for backup in backups)
    unknown = [path for path in left if path.name != REPORT and path.read_bytes() not in whole]
    return [str(path) for path in unknown if not any(path.is_relative_to(folder) for folder in kept)]


def try_it(stick: TrueStick, home: Home, act: str, way: str, number: int) -> None:
    before = contents(home.path)
    with pytest.MonkeyPatch.context() as monkeypatch:
        meet(stick, way, number, monkeypatch)
        with pytest.raises(Exception) as met:  # noqa: PT011 - whatever it is, a person must hear a sentence
            ACTS[act](home, stick.place)
    told = known(met.value)
    assert told is not None, met.value
    assert told.code != "store.disk_full", "it is the stick, not the laptop"
    for language in LANGUAGES:
        said = strict_catalogue(language).problem(told.problem)
        assert all((said.what, said.safe, said.do)), told.code
    assert contents(home.path) == before
    assert wrong(stick.place, home) == []
    if way.startswith("pulled out"):
        assert list(stick.place.iterdir()) == [], "written to the laptop's own disk"
        assert stick.plug_in() == 0
        assert wrong(stick.place, home, is_pulled_out=True) == []
    if way == "locked":
        stick.lock("rw")
    stick.empty()
    ACTS[act](home, stick.place)
    assert wrong(stick.place, home) == []


@pytest.mark.parametrize(("act", "way"), [(act, way) for act in ACTS for way in WAYS if may_meet(act, way)])
def test_a_stick_that_fails_is_told_and_the_act_is_done_again(
    sticks: Callable[[str], TrueStick], home: Home, act: str, way: str
) -> None:
    try_it(sticks("ext4"), home, act, way, 1 if act in (*ONE_FILE, "export") else 2)


@pytest.mark.faults
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_on_each_file_system_at_each_file(
    tmp_path: Path, sticks: Callable[[str], TrueStick], home: Home, kind: str, way: str
) -> None:
    stick, tried = sticks(kind), 0
    for act, files in FILES.items():
        for number in range(1, files + 1 - (way == WAYS[4])) if way in WAYS[3:] or way == "fills" else (1,):
            if not may_meet(act, way):
                continue
            for path in stick.place.iterdir():
                if path.name != "lost+found":
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            try_it(stick, home, act, way, number)
            tried += 1
    print(f"\n  {kind}, {way}: {tried} tries, nothing half, each act done again")
