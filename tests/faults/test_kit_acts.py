"""Each act of a kit killed at each of its fsyncs and renames, and without power anywhere: a whole kit comes of it.

Long sweeps kill truly (SIGKILL by strace). A power cut, and the few kills of the short sweep, are played from what
strace saw one undisturbed act ask of the disk: after a kill all of that is there, after a cut only what was waited for.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest
from support.field import Field, open_field
from support.forks import ASKED, BEGIN, Forks, of_the_act, open_forks, said_in
from support.kit_acts import ACTS, DONE
from support.kit_bugs import BUGS, NOT_WAITED_FOR, nothing_is_waited_for
from support.planted import HONEST, PlantedBug, demand_caught, demand_quiet
from support.power import Call, Fate, ForgetfulDisk, calls_in, demand
from support.sites import Site
from support.tries import some_of

pytestmark = pytest.mark.allow_logs  # a planted bug makes the kit speak of damage
CUTS = 30  # of each act, in a long sweep
PARTS = 3


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    demand()
    with open_field(tmp_path_factory.mktemp("acts")) as made:
        yield made


@dataclass(frozen=True)
class Watched:
    """An act that was done undisturbed under strace."""

    field: Field
    act: str
    site: Site
    calls: Sequence[Call]

    @property
    def waits(self) -> list[int]:
        """Return before which calls a kill at an fsync or rename comes."""
        return [place for place, call in enumerate(self.calls) if call.name in ("fsync", "rename")]

    @property
    def words(self) -> list[int]:
        """Return after which calls the act had just said something."""
        said = enumerate(self.calls, 1)
        return [place for place, call in said if call.name == "said" and of_the_act([call.content.decode().strip()])]

    def wrong(self, place: int, fate: Fate | None, chance: random.Random) -> list[str]:
        """Stop before a call, by a kill or by a power cut with this fate; return what is wrong then."""
        start = self.field.start(self.act)
        disk = ForgetfulDisk(self.site.laptop)
        disk.lay(start.laptop)
        for call in self.calls[:place]:
            disk.take(call)
        left = Site(self.site.root.with_name(f"{self.site.root.name}-{place}"))
        left.root.mkdir()
        if fate is None:
            disk.stop(left.laptop)
        else:
            disk.cut(left.laptop, fate, chance)
        for name in ("slip.json", "sessions.json"):
            if (start.root / name).exists():
                shutil.copy(start.root / name, left.root)
        # A question that left may have been answered: of both states the one in which the data center knows more.
        shutil.copytree(self.site.root / "states" / str(disk.said.count(ASKED)), left.center)
        found = self.field.wrong(self.act, left, of_the_act(disk.said))
        how = f"kill before call {place}" if fate is None else f"cut before call {place}, {fate.name}"
        return [f"{self.act}, {how} of {len(self.calls)}: {found}"] if found else []


@contextmanager
def forks_of(field: Field, folder: Path, trace: Path | None = None) -> Iterator[Forks]:
    warm = field.start("send").copy(folder / "warm")
    field.center.use(warm.center)
    with open_forks(warm.root, trace) as forks:
        yield forks


def watch(field: Field, folder: Path, units: Sequence[tuple[str, str]]) -> list[Watched]:
    """Do acts, each with a planted bug or "", and return what they asked of the disk."""
    sites = []
    with forks_of(field, folder, folder / "trace") as forks:
        for number, (act, bug) in enumerate(units):
            site = field.start(act).copy(folder / f"act-{number}")
            sites.append(site)
            field.center.use(site.center, site.root / "states")
            said = forks.run(act, site.root, bug)
            field.center.rest()
            assert said[-1:] == [DONE]
    parts: list[list[Call]] = []
    for call in calls_in(folder / "trace", folder):
        if call.content.startswith(BEGIN.encode()) and call.name == "said":
            parts.append([])
        elif parts and (call.name == "said" or Path(call.path).is_relative_to(sites[len(parts) - 1].laptop)):
            parts[-1].append(call)
    named = zip(units, sites, parts, strict=True)
    return [Watched(field, act, site, calls) for (act, _), site, calls in named]


def kill_each(field: Field, folder: Path, act: str, bug: PlantedBug = HONEST) -> tuple[int, list[str]]:
    """Kill an act at each of its fsyncs and renames; return how many died and what is wrong."""
    deaths = 0
    with forks_of(field, folder) as forks:
        quiet = field.start(act).copy(folder / "quiet")
        field.center.use(quiet.center)
        calls = forks.calls(act, quiet.root, bug.name)
        assert len(calls) > 5, calls
        demand_quiet([*filter(None, [field.wrong(act, quiet, said_in(quiet.root))])], bug)
        for n in random.sample(range(1, len(calls) + 1), len(calls)):
            site = field.start(act).copy(folder / str(n))
            field.center.use(site.center)
            is_dead, said = forks.kill(act, site.root, calls[n - 1], bug.name)
            deaths += is_dead
            if wrong := field.wrong(act, site, said):
                return deaths, [f"{act}, killed at {calls[n - 1]} ({n} of {len(calls)}): {wrong}"]
    assert deaths
    return deaths, []


def cut_each(watched: Watched, cuts: int, seed: int) -> list[str]:
    """Cut the power so many times, every other time right after something was said."""
    chance = random.Random(seed)
    for cut in range(cuts):
        place = chance.choice(watched.words) if cut % 2 else chance.randint(1, len(watched.calls))
        if found := watched.wrong(place, chance.choice(list(Fate)), chance):
            return [*found, f"seed {seed}"]
    return []


@pytest.mark.parametrize("part", some_of(range(PARTS), 1))
def test_each_act_survives_a_kill_or_a_power_cut(field: Field, tmp_path: Path, part: int) -> None:
    """One stop of each act of a part; the last is the rescue with its planted bug, which the kills must catch."""
    chance, fates, found = random.Random(8), cycle((Fate.LOST, None, Fate.TORN, Fate.MIXED)), []
    acts = [(act, "") for act in [*ACTS][part::PARTS]]
    *honest, planted = watch(field, tmp_path, [*acts, ("rescue", BUGS["rescue"].name)])
    for watched, fate in zip(honest, fates, strict=False):
        places = watched.words[-1:] if fate is Fate.LOST else watched.waits
        found += watched.wrong(chance.choice(places), fate, chance)
    assert found == []
    wrong = next(filter(None, (planted.wrong(place, None, chance) for place in reversed(planted.waits))), [])
    demand_caught(wrong, BUGS["rescue"])


@pytest.mark.faults
@pytest.mark.timeout(0)
@pytest.mark.parametrize("act", ACTS)
def test_a_kill_at_each_place(field: Field, tmp_path: Path, act: str) -> None:
    deaths, wrong = kill_each(field, tmp_path, act)
    assert wrong == []
    print(f"\n  {act}: {deaths} kills, nothing lost")


@pytest.mark.faults
@pytest.mark.timeout(0)
@pytest.mark.parametrize("act", BUGS)
def test_the_kills_catch_the_planted_bug(field: Field, tmp_path: Path, act: str) -> None:
    _, wrong = kill_each(field, tmp_path, act, BUGS[act])
    demand_caught(wrong, BUGS[act])


@pytest.mark.faults
@pytest.mark.timeout(0)
def test_power_cuts_in_a_long_sweep(field: Field, tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(4))
    found = {watched.act: cut_each(watched, CUTS, seed) for watched in watch(field, tmp_path, [(a, "") for a in ACTS])}
    assert not any(found.values()), found
    print(f"\n  {CUTS} power cuts of each of {len(found)} acts (seed {seed}): nothing lost")


@pytest.mark.faults
@pytest.mark.timeout(0)
def test_the_power_cut_catches_a_disk_that_is_not_waited_for(field: Field, tmp_path: Path) -> None:
    chance, fates = random.Random(8), (Fate.LOST, *(30 * [Fate.MIXED]))
    for watched in watch(field, tmp_path, [(act, nothing_is_waited_for.__name__) for act in ACTS]):
        wrong = next(filter(None, (watched.wrong(len(watched.calls), fate, chance) for fate in fates)), [])
        demand_caught(wrong, NOT_WAITED_FOR[watched.act])
