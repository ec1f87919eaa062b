"""Backup, restore and rescue are killed at their fsyncs and renames: the old is there or the new, never a half of it.

After each kill the same is done once more and must come to its end.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from support.clock import HandClock
from support.killed import calls_of, killed_at_each, spread
from support.kits import Told, contents, make_kit, opened_store, seal_into, sticks_of
from support.power import demand

from fieldkit.app.bootstrap.backup_folder import backups_on, verify_backup
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.rescue import REPORT, rescue
from fieldkit.app.bootstrap.restore import RESTORED, restore
from fieldkit.domain.errors import KnownError

_READING = ("kit.db-wal", "kit.db-shm")
TESTS = Path(__file__).parents[1]
ENV = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
BACKUP = """
import sys
from support.clock import HandClock
from support.kits import Told, sticks_of
from fieldkit.app.bootstrap import stick_backups
from fieldkit.app.bootstrap.home import Home
from pathlib import Path
{bug}
sticks_of(Home(Path(sys.argv[1]) / "home"), HandClock()).back_up(sys.argv[1] + "/stick", (), Told(), Told())
"""
# The planted bug: the statement comes first, under the name of a whole backup.
STATEMENT_FIRST = """
from fieldkit.app.bootstrap.backup_folder import Statement, write_statement
whole = stick_backups.HomeOnSticks._copied
def hasty(self, folder, sources, told):
    files = [stick_backups._stated(self._name_of(each), stick_backups.digest_of_file(each)) for each in sources]
    files.append(stick_backups.StatedFile(name="kit.db", size_bytes=1, sha256="0" * 64))
    tools = self._tools
    stated = Statement(kit=self._kit_id, made_at=tools.clock.now(), made_by="u", records=1, files=tuple(files))
    write_statement(folder, stated, tools.signer, tools.certificate)
    final = folder.with_name(folder.name.removesuffix(".part"))
    folder.rename(final)
    try:
        return whole(self, final, sources, told)
    finally:
        final.rename(folder)
stick_backups.HomeOnSticks._copied = hasty
"""
RESTORE = """
import sys
from pathlib import Path
from support.clock import HandClock
from fieldkit.app.bootstrap import restore
from fieldkit.app.bootstrap.backup_folder import backups_on
from fieldkit.app.bootstrap.home import Home
{bug}
place = Path(sys.argv[1])
restore.restore(backups_on(place / "stick")[-1], Home(place / "home"), HandClock())
"""
# The planted bug: what is copied counts as decided from its first file on.
DECIDED_FIRST = "restore._UNFINISHED = restore.STAGED"
RESCUE = """
import sys
from pathlib import Path
from support.clock import HandClock
from fieldkit.app.bootstrap import rescue
from fieldkit.app.bootstrap.home import Home
{bug}
place = Path(sys.argv[1])
rescue.rescue(Home(place / "home"), place / "stick", HandClock())
"""
# The planted bug: the report says what will be there.
REPORT_FIRST = """
carry = rescue._carry
def hasty(pair, stated, rescued):
    rescued.whole[pair.record_id] = (stated.size_bytes, stated.sha256)
    rescue._report(rescued, HandClock())
    del rescued.whole[pair.record_id]
    carry(pair, stated, rescued)
rescue._carry = hasty
"""


@pytest.fixture(autouse=True)
def strace() -> None:
    demand()


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    """Lay out a home with two records, a backup of it on a stick, and a third record that came after."""
    place = tmp_path / "kit"
    home = make_kit(place / "home")
    seal_into(home, 1)
    seal_into(home, 2)
    (place / "stick").mkdir()
    sticks_of(home, HandClock()).back_up(str(place / "stick"), (), Told(), Told())
    seal_into(home, 3)
    return place


def sealed(place: Path) -> dict[str, bytes]:
    return {name: content for name, content in contents(place / "home" / "sealed").items() if name.endswith(".age")}


def half_backup(place: Path, before: Path) -> str:
    """Return what is wrong after a killed backup, "" when nothing is."""
    found = backups_on(place / "stick")
    if not found:
        return "the backup of before is gone"
    try:
        for folder in found:
            verify_backup(folder)
        # Whoever reads the store and dies leaves an empty log and its index beside it; the next to open takes them up.
        now = {name: content for name, content in contents(place / "home").items() if name not in _READING}
        if now != contents(before / "home"):
            return "the home changed"
        sticks_of(Home(place / "home"), HandClock()).back_up(str(place / "stick"), (), Told(), Told())
    except KnownError as error:
        return error.code
    left = [path.name for path in (place / "stick").rglob("*.part")]
    return f"left behind: {left}" if left else ""


def half_restore(place: Path, before: Path) -> str:
    """Return what is wrong after a killed restore, "" when nothing is."""
    home, old = Home(place / "home"), (before / "home").exists()
    try:
        if old or (home.path / "restoring").exists():
            home.demand_enrolled()
        if old or home.is_enrolled:
            with opened_store(home) as store, store.read() as unit:
                known = len(unit.records.states())
            was_restored = (home.path / RESTORED).exists()
            if (known, was_restored) not in ((3, False), (2, True)):
                return f"{known} records known, restored: {was_restored}"
            if old and not sealed(before).items() <= sealed(place).items():
                return "a sealed file is gone"
        restore(backups_on(place / "stick")[-1], home, HandClock())
        with opened_store(home) as store, store.read() as unit:
            if len(unit.records.states()) != 2:
                return "the second restore brought something else"
    except KnownError as error:
        return error.code
    return ""


def half_rescue(place: Path, before: Path) -> str:
    """Return what is wrong after a killed rescue, "" when nothing is."""
    wanted = sealed(before)
    for folder in (place / "stick").glob("fieldkit/*/rescue-*"):
        there = {path.name: path.read_bytes() for path in folder.glob("*.age")}
        if not there.items() <= wanted.items():
            return "a half file has the name of a whole one"
        if (folder / REPORT).exists() and there != wanted:
            return "a report speaks of what is not there"
    done = rescue(Home(place / "home"), place / "stick", HandClock())
    there = {path.name: path.read_bytes() for path in done.folder.glob("*.age")}
    return "" if there == wanted and not list(done.folder.rglob("*.part")) else "the second rescue is not whole"


def sweep(kit: Path, child: str, look: Callable[[Path, Path], str], some: int | None, bug: str = "") -> list[str]:
    """Kill at so many places (None: at each) and name what is wrong after one of them."""
    code = child.format(bug=bug)

    def command(number: int) -> Sequence[str]:
        place = kit.with_name(f"run-{number}")
        shutil.copytree(kit, place)
        return [sys.executable, "-c", code, str(place)]

    calls = calls_of(command(0), env=ENV)
    assert len(calls) >= 10, calls
    places = spread(len(calls), some or len(calls))
    for death in killed_at_each(command, calls, places, env=ENV):
        place = kit.with_name(f"run-{death.n}")
        if wrong := look(place, kit):
            return [f"killed at {death.call} ({death.n} of {len(calls)}): {wrong}"]
        shutil.rmtree(place)
    return []


def emptied(kit: Path) -> Path:
    shutil.rmtree(kit / "home")
    return kit


WAYS = {"backup": (BACKUP, half_backup), "restore": (RESTORE, half_restore), "rescue": (RESCUE, half_rescue)}
BUGS = {"backup": STATEMENT_FIRST, "restore": DECIDED_FIRST, "rescue": REPORT_FIRST}
QUICK = {"backup"}


@pytest.mark.parametrize("way", WAYS)
def test_a_kill_leaves_the_old_or_the_new(kit: Path, way: str) -> None:
    assert sweep(kit, *WAYS[way], some=3) == []


def test_a_kill_leaves_an_empty_laptop_or_the_kit(kit: Path) -> None:
    assert sweep(emptied(kit), RESTORE, half_restore, some=3) == []


@pytest.mark.parametrize("way", [way if way in QUICK else pytest.param(way, marks=pytest.mark.faults) for way in WAYS])
def test_the_planted_bug_is_caught(kit: Path, way: str) -> None:
    assert sweep(kit, *WAYS[way], some=8, bug=BUGS[way]) != []


@pytest.mark.faults
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("way", WAYS)
def test_a_kill_at_each_place(kit: Path, way: str) -> None:
    assert sweep(kit, *WAYS[way], some=None) == []


@pytest.mark.faults
@pytest.mark.timeout(3600)
def test_a_kill_at_each_place_on_an_empty_laptop(kit: Path) -> None:
    assert sweep(emptied(kit), RESTORE, half_restore, some=None) == []
