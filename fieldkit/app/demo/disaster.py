"""A bad week: people are recorded, and laptop, store, backup, data center, stick and disk each fail once.

What is lost or doubled is counted after each act from what lies on both sides: the objects of the data center, opened
with its identity, and the sealed files of the kit, against what the slips said was sealed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import DEMO_PASSPHRASE
from fieldkit.app.bootstrap.proofs import open_record
from fieldkit.app.bootstrap.window import open_window
from fieldkit.app.demo.day import clear, demand_ours
from fieldkit.app.demo.full_disk import NO_SMALL_DISK, disk_filled
from fieldkit.app.demo.hostile_stick import STRANGER, hostile_stick
from fieldkit.app.demo.kit import ADMIN, KIT, PETUGAS, PINS, DemoDoor, DeviceTime, prepare
from fieldkit.app.demo.people import Resident, grow
from fieldkit.app.demo.robot import Robot
from fieldkit.app.demo.world import World, alone_in
from fieldkit.domain.errors import InputError, KnownError
from sync.gateway import provision

_DAMAGED_PAGES = 12
_PAGE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Act:
    """What one disaster cost in records: `mended` are those that it had put at risk and that came through."""

    name: str
    lost: int
    doubled: int
    mended: int


@dataclass(slots=True)
class Week:
    """The acts so far, and the people whose records were sealed: record id → NIK."""

    out: Path
    units: list[Act] = field(default_factory=list)
    sealed: dict[str, str] = field(default_factory=dict)
    readable: int = 0  # numbers and names that a thief finds in the stolen home
    touched: int = 0  # files that a stranger's stick overwrote or brought in

    def as_json(self) -> dict[str, Any]:
        """Return the report for programs; the totals are what holds after the last act."""
        last = self.units[-1]
        return {
            "acts": [
                {"name": act.name, "lost": act.lost, "doubled": act.doubled, "mended": act.mended} for act in self.units
            ],
            "sealed": len(self.sealed),
            "readable_by_the_thief": self.readable,
            "touched_by_the_stranger": self.touched,
            "lost": last.lost,
            "doubled": last.doubled,
            "home": str(self.out / "home"),
            "data_center": str(self.out / "data-center"),
        }


def counted(name: str, sealed: Mapping[str, str], there: Mapping[str, str], at_risk: Set[str]) -> Act:
    """Compare what was sealed with what lies at the data center, both record id → NIK."""
    people = Counter(there.values())
    return Act(name, len(sealed.keys() - there.keys()), sum(people.values()) - len(people), len(at_risk & there.keys()))


def perform(out: Path, seed: int, only: str, language: str) -> Week:
    """Live through the week, or its `only` act, in `out`; what an earlier demo left there is taken away first.

    Raise `KnownError` when a way back does not lead to its end, `InputError` for an unknown act and when `out` belongs
    to somebody else.
    """
    if only and only not in ACTS:
        raise InputError("demo.unknown_act", act=only, known=", ".join(ACTS))
    demand_ours(out)
    residents = grow(len(ACTS) + 1, seed, SystemClock(WIB).today())
    with alone_in(out):
        clear(out)
        for name in ("stick", "stolen", "aside", "passphrase", "slip.json", STRANGER):
            _take_away(out / name)
        with World(out, seed) as world:
            prepare(Home(out / "home"), world, residents)
            team = Team(out, world, residents, language, Random(seed))
            for name, act in ACTS.items():
                if only in ("", name):
                    try:
                        at_risk = act(team)
                    except KnownError as error:
                        if only or error.code != NO_SMALL_DISK:
                            raise
                        continue
                    team.week.units.append(counted(name, team.week.sealed, team.at_center(), at_risk))
            return team.week


class Team:
    """The people who work through the week: at the kit's window, at its command line, and at the data center's."""

    def __init__(self, out: Path, world: World, residents: Sequence[Resident], language: str, chance: Random) -> None:
        self.out, self.world, self.residents, self.chance = out, world, residents, chance
        self.home, self.stick = Home(out / "home"), out / "stick"
        self.week = Week(out)
        self._language, self._recorded = language, 0

    @contextmanager
    def at_the_window(self) -> Iterator[Robot]:
        """Sign in as the petugas, and leave the program in the end."""
        spent = DeviceTime()
        door = DemoDoor(self.home, self.world.devices, self.residents, spent)
        try:
            application = open_window(door, self.home.path, self.out / "papers", self._language)
            try:
                application.shell.show()
                robot = Robot(application, self.out / "screenshots", spent)
                robot.sign_in()
                yield robot
            finally:
                application.close()
        finally:
            door.leave()

    def record(self, count: int) -> None:
        """Record the next people where there is no signal."""
        self.world.link.take_down()
        with self.at_the_window() as robot:
            for resident in self.residents[self._recorded : self._recorded + count]:
                record_id, _ = robot.record(resident)
                self.week.sealed[record_id] = resident.biodata.nik.digits
        self._recorded += count

    def send(self) -> None:
        """Send everything, as often as it takes."""
        self.world.link.bring_up()
        with self.at_the_window() as robot:
            robot.open_queue()
            robot.send_once()
            robot.send_until(lambda: robot.context.delivery.queue().unsent == 0)

    def command(self, *words: object) -> str:
        """Run a command as at a terminal and return what it prints. Raise `KnownError("demo.command")`."""
        done = subprocess.run(
            [sys.executable, "-m", "fieldkit", *map(str, words)],
            capture_output=True,
            text=True,
            env={**os.environ, "FIELDKIT_LANG": self._language},
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise KnownError("demo.command", command=" ".join(map(str, words[:2])), said=said[-300:])
        return done.stdout

    def passphrase(self, user_id: str) -> Path:
        """Return a file with the passphrase of a demo user."""
        file = self.out / "passphrase"
        file.write_text(DEMO_PASSPHRASE.format(pin=PINS[user_id]) + "\n", "utf-8")
        return file

    def back_up(self) -> None:
        """Write a backup onto the stick."""
        self.stick.mkdir(exist_ok=True)
        words = ("backup", "make", "--to", self.stick, "--home", self.home.path, "--user", PETUGAS.user_id)
        self.command(*words, "--passphrase-file", self.passphrase(PETUGAS.user_id))

    def restore(self) -> None:
        """Lay the newest backup of the stick out as a kit's home."""
        newest = max((self.stick / "fieldkit" / KIT).glob("backup-*"))
        words = ("restore", newest, "--home", self.home.path, "--user", PETUGAS.user_id)
        self.command(*words, "--passphrase-file", self.passphrase(PETUGAS.user_id))

    def at_center(self) -> dict[str, str]:
        """Return the records whose bytes lie at the data center, opened with its identity: record id → NIK."""
        folder = self.world.data_center.folder
        identity = folder / provision.OPENER_IDENTITY
        found = {}
        for path in sorted((folder / "objects" / "sealed").rglob("*")):
            if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == path.name:
                record = open_record(path, identity, None).record
                found[record.record_id] = record.nik
        return found

    def waiting(self) -> set[str]:
        """Return the sealed records that are not at the data center yet."""
        return self.week.sealed.keys() - self.at_center().keys()


def _stolen(team: Team) -> set[str]:
    """The laptop is stolen after the backup of the day: another one is laid out from the stick."""
    team.record(1)
    team.back_up()
    at_risk = team.waiting()
    stolen = team.out / "stolen"
    team.home.path.rename(stolen)
    folder = team.world.data_center.folder
    team.command("gateway", "revoke", "--dir", folder, "--kit", KIT)
    team.week.readable = _readable(stolen, team.residents)
    team.restore()
    slip = team.out / "slip.json"
    words = ("gateway", "enrol-code", "--again", "--dir", folder, "--kit", KIT, "--admin", ADMIN.user_id)
    slip.write_text(team.command(*words, "--url", team.world.url, "--json"), "utf-8")
    team.world.link.bring_up()
    readmit = ("readmit", "--user", ADMIN.user_id, "--slip-file", slip, "--home", team.home.path)
    team.command(*readmit, "--passphrase-file", team.passphrase(ADMIN.user_id))
    team.send()
    return at_risk


def _older_backup(team: Team) -> set[str]:
    """An older copy of the store is put back by hand after two more people were recorded."""
    older = team.out / "aside"
    shutil.copy(team.home.database, older)
    team.record(2)
    at_risk = team.waiting()
    for left in team.home.path.glob("kit.db*"):
        left.unlink()
    older.rename(team.home.database)
    team.send()
    return at_risk


def _damaged(team: Team) -> set[str]:
    """The disk loses pages of the store, the first one too."""
    team.record(1)
    at_risk = team.waiting()
    pages = team.home.database.stat().st_size // _PAGE_BYTES
    with team.home.database.open("r+b") as file:
        for page in (0, *(team.chance.randrange(pages) for _ in range(_DAMAGED_PAGES))):
            file.seek(page * _PAGE_BYTES + team.chance.randrange(_PAGE_BYTES - 64))
            file.write(team.chance.randbytes(64))
    team.send()
    return at_risk


def _restored_center(team: Team) -> set[str]:
    """The data center is set back to yesterday after it had given receipts."""
    yesterday = team.out / "aside"
    with _without_center(team) as folder:
        shutil.copytree(folder, yesterday)
    team.record(1)
    team.send()
    with _without_center(team) as folder:
        shutil.rmtree(folder)
        yesterday.rename(folder)
    at_risk = team.waiting()
    team.send()
    return at_risk


def _found_stick(team: Team) -> set[str]:
    """The laptop dies with its last record unsent, and the stick that has it is lost for a while."""
    team.record(1)
    team.back_up()
    team.command("rescue", team.home.path, "--out", team.stick)
    at_risk = team.waiting()
    shutil.rmtree(team.home.path)
    lost = team.out / "aside"
    team.stick.rename(lost)
    lost.rename(team.stick)  # it was found
    team.command("gateway", "ingest", "--dir", team.world.data_center.folder, "--from", team.stick)
    team.restore()
    team.send()  # the restored kit hears that its record came another way
    return at_risk


ACTS: Mapping[str, Callable[[Team], set[str]]] = {
    "laptop_stolen": _stolen,
    "older_backup_put_back": _older_backup,
    "store_damaged": _damaged,
    "center_restored": _restored_center,
    "stick_lost_and_found": _found_stick,
    "stick_of_a_stranger": hostile_stick,
    "disk_filled": disk_filled,
}
"""The acts in their order; each returns the records that its disaster had hit. The second records two people."""


@contextmanager
def _without_center(team: Team) -> Iterator[Path]:
    """Stop the data center, give its folder, and start it again where it was."""
    center = team.world.data_center
    port = urlsplit(center.url).port or 0
    center.stop()
    try:
        yield center.folder
    finally:
        center.start(port)


def _readable(folder: Path, residents: Sequence[Resident]) -> int:
    """Count the names and numbers of residents that stand in the clear anywhere in a folder."""
    words = [word for person in residents for word in (person.biodata.nik.digits, person.biodata.name)]
    wanted = [word.encode(coding) for word in words for coding in ("utf-8", "utf-16-le")]
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return sum(word in content for word in wanted for content in contents)


def _take_away(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
