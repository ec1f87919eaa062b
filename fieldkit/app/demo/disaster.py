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
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.devices import Addresses, connect_devices
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import DEMO_PASSPHRASE, LockedKit
from fieldkit.app.bootstrap.sample_quality import open_record
from fieldkit.app.bootstrap.stick_backups import StatedFile, backups_on, read_statement, write_statement
from fieldkit.app.bootstrap.window import open_window
from fieldkit.app.cli.options import NeverCancelled, NoProgress
from fieldkit.app.demo.day import clear, demand_ours
from fieldkit.app.demo.kit import ADMIN, KIT, PETUGAS, PINS, DemoDoor, DeviceTime, prepare
from fieldkit.app.demo.people import Resident, grow
from fieldkit.app.demo.robot import Robot
from fieldkit.app.demo.world import World, alone_in
from fieldkit.domain.errors import InputError, KnownError, StoreError
from fieldkit.domain.typed import DraftName
from fieldkit.media.carried_files import write_file
from fieldkit.media.place import Place
from fieldkit.services.context.app_context import AppContext
from fieldkit.vault import certificates
from fieldkit.vault.certificates import create_ca, issue_kit, make_csr
from fieldkit.vault.device_trust import JwsSigner
from sync.gateway import provision

# The act of a disk that the kit itself filled: the kit works on a small disk, in a process of its own.

NO_SMALL_DISK = "demo.no_small_disk"
_SIGN_INS = 3
_ROOM_BYTES = 6 << 20  # what the disk has besides the home
_TYPED = "x" * 100_000  # more than what goes on while the reserve is given up
_NO_DEVICES = Addresses({}, frozenset({"sbi", "opencv", "topaz", "pcsc"}))


def disk_filled(team: Team) -> set[str]:
    """The kit fills its disk with a record unsent: it signs in, sends and backs up there, and then has room again.

    Raise `KnownError`: `demo.no_small_disk` where the system lends nobody one, for an act must not fill the disk of
    whoever looks at it, and `demo.command`.
    """
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "true"], capture_output=True).returncode:
        raise KnownError(NO_SMALL_DISK)
    team.record(1)
    at_risk = team.waiting()
    team.world.link.bring_up()
    team.stick.mkdir(exist_ok=True)
    home = team.home.path
    size = sum(file.stat().st_size for file in home.rglob("*") if file.is_file()) + _ROOM_BYTES
    with TemporaryDirectory(dir=team.out) as disk:
        mounted = f'mount -t tmpfs -o size={size} none "$0" && exec "$@"'
        words = (unshare, "-rm", "sh", "-c", mounted, disk, sys.executable, "-m", __name__, home, disk, team.stick)
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise KnownError("demo.command", command="full_disk", said=said[-300:])
    return at_risk


def main(home: Path, disk: Path, stick: Path) -> None:
    """Work on a copy of the home that has hardly any room, and take the home back from there."""
    kit = Home(Path(shutil.copytree(home, disk / "home")))
    others = disk / "others"
    with _signed_in(kit) as context:
        kept = _fill(context)
    with suppress(OSError), others.open("wb", buffering=0) as file:  # the last bytes, which no row fits into
        while True:
            file.write(bytes(512))
    for _ in range(_SIGN_INS):
        with _signed_in(kit):
            pass
    with _signed_in(kit) as context:
        report = context.delivery.send(NoProgress(), NeverCancelled())
        if report.stopped_by is not None:
            raise KnownError(report.stopped_by.code)
        context.backups.make(str(stick), NoProgress(), NeverCancelled())
    others.unlink()
    with _signed_in(kit) as context:
        for name in kept:
            context.drafts.keep(name, {})
    shutil.rmtree(home)
    shutil.copytree(kit.path, home)


def _fill(context: AppContext) -> list[DraftName]:
    """Let the kit keep what is typed until its disk takes no more."""
    kept = list[DraftName]()
    with suppress(StoreError):
        for number in count(1):
            name = DraftName("demo", {"number": str(number)})
            context.drafts.keep(name, {"text": _TYPED})
            kept.append(name)
    return kept


@contextmanager
def _signed_in(home: Home) -> Iterator[AppContext]:
    clock = home.clock()
    kit = LockedKit(home, lambda trust: connect_devices(trust, clock, _NO_DEVICES, is_watching=False), clock)
    try:
        yield kit.unlock(PETUGAS.user_id, PINS[PETUGAS.user_id])
    finally:
        kit.leave()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))


# An act of the bad week: a stick that a stranger prepared is put in at the kit and at the office.

STRANGER = "stranger"  # folder of the demo: his stick, and beside it what he is after
_VICTIM = b"a key that no stick may touch\n"
_HUGE = 3_000_000_000  # bytes, none of which takes room
_RESCUED = "rescue-20200101T000000Z"  # looks as if it had been cut off, so that a rescue goes on in it


def hostile_stick(team: Team) -> set[str]:
    """Each place that the program writes is a link to a key, pipes and huge texts lie about, a backup is forged."""
    team.record(1)
    at_risk = team.waiting()
    stick, outside = team.out / STRANGER / "stick", team.out / STRANGER / "outside"
    outside.mkdir(parents=True)
    (outside / "key").write_bytes(_VICTIM)
    _prepare(stick, outside / "key", sorted(team.week.sealed))
    team.back_up()
    _forge(stick, backups_on(Place(team.stick), KIT)[-1])
    team.command("rescue", team.home.path, "--out", stick)
    team.command("backup", "make", "--to", stick, "--home", team.home.path, *_as_petugas(team))
    with suppress(KnownError):  # it names what is no record and takes the others
        team.command("gateway", "ingest", "--dir", team.world.data_center.folder, "--from", stick)
    team.world.link.bring_up()
    with suppress(KnownError):
        team.command("sync", "--from", stick, "--home", team.home.path, *_as_petugas(team))
    team.week.touched += _touched(outside) + _is_put_back(team, stick / "forged")
    team.send()  # the kit hears that its record came another way
    return at_risk


def _prepare(stick: Path, victim: Path, record_ids: list[str]) -> None:
    own = stick / "fieldkit" / KIT
    for folder in (stick, own / _RESCUED, own / "records"):
        folder.mkdir(parents=True, exist_ok=True)
        for record_id in record_ids:
            ends = (".age.part", ".manifest.part", ".receipt", ".receipt.part")
            for name in (f".{record_id}.receipt.new", *(f"{record_id}{end}" for end in ends)):
                (folder / name).symlink_to(victim)
    (own / _RESCUED / "rescue.json.part").symlink_to(victim)
    (stick / "out").symlink_to(victim.parent, target_is_directory=True)
    os.mkfifo(stick / "a.manifest")
    os.mkfifo(stick / "b.kantor")
    (stick / "\x1b[2Jlunas.manifest").write_bytes(b"x")
    with (stick / "c.manifest").open("wb") as huge:
        huge.truncate(_HUGE)


def _forge(stick: Path, genuine: Place) -> None:
    """Lay a genuine backup that names a program, signed anew by somebody who certified himself."""
    forged, read = Place(stick / "forged"), read_statement(genuine)
    for file in read.stated.files:
        (forged / file.name).parent.make()
        (forged / file.name).write((genuine / file.name).pieces())
    named = write_file(forged / "devices.toml", b'[gphoto]\naddresses = ["exec:/tmp/stranger"]\n')
    added = StatedFile(name="devices.toml", size_bytes=named.size_bytes, sha256=named.sha256)
    private, now = certificates.new_private_key(), SystemClock(WIB).now()
    certificate = issue_kit(create_ca("Orang lain", now), make_csr(private), KIT, now)
    stated = read.stated.model_copy(update={"files": (*read.stated.files, added)})
    write_statement(forged, stated, JwsSigner(private, KIT), certificate)


def _is_put_back(team: Team, forged: Path) -> bool:
    try:
        team.command("restore", forged, "--home", team.home.path, *_as_petugas(team))
    except KnownError:
        return (team.home.path / "devices.toml").exists()
    return True


def _touched(outside: Path) -> int:
    """Count what is new beside the victim, or is the victim and changed."""
    changed = (outside / "key").read_bytes() != _VICTIM
    return changed + sum(path.name != "key" for path in outside.iterdir())


def _as_petugas(team: Team) -> tuple[object, ...]:
    return ("--user", PETUGAS.user_id, "--passphrase-file", team.passphrase(PETUGAS.user_id))


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
