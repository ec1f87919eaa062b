"""What a kit still does when its disk is full: run by `small_disk`, with data center and stick on another disk."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import sqlalchemy as sa
from support.homes import ADMIN, CLOCK, FAST, PASSPHRASE, Nobody, new, opened, planned
from support.kept import biodata
from support.kits import Told
from support.room import PETUGAS
from support.sites import KIT, Center, open_center, two_days_ago

from fieldkit.app.bootstrap.enrolment import Slip, add_user, enrol_kit
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.reserve_watch import USED
from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import KnownError
from fieldkit.services.context.app_context import AppContext
from fieldkit.storage.reserve import Reserve
from sync.gateway import provision
from sync.gateway.ledger import NikRule
from sync.gateway.server import opener_of
from sync.gateway.tables import records

SIGN_INS = 8
_LEFT_BYTES = 1_500_000  # what others leave to a kit that fills the rest itself


class Disk:
    """The small disk with a kit on it, and others who write there too."""

    def __init__(self, disk: Path, elsewhere: Path) -> None:
        self.home, self._others = Home(disk / "home"), disk / "others"
        self.stick, self.center = elsewhere / "stick", elsewhere / "center"
        self.said: Counter[str] = Counter()
        self.sealed = list[str]()

    def record(self, context: AppContext) -> None:
        number = len(self.sealed) + 1
        session_id = planned(context, biodata(nik=f"32750147087900{number:02d}"), number)
        self.sealed.append(context.sealing.seal(session_id).record.record_id)

    def fill(self, left_bytes: int = 0) -> None:
        """Let others take all room but a rest."""
        room = shutil.disk_usage(self._others.parent).free - left_bytes
        with suppress(OSError), self._others.open("ab", buffering=0) as others:
            others.write(bytes(max(room, 0)))
            while not left_bytes:
                others.write(bytes(512))

    def fill_by_the_kit(self, context: AppContext) -> None:
        """Record people until the kit has no room for one more, and try twice more."""
        self.fill(_LEFT_BYTES)
        for _ in range(3):
            with suppress(KnownError):
                while True:
                    self.record(context)
                    self.said["recorded on the last room"] += 1

    def empty(self) -> None:
        self._others.unlink()

    def at_center(self) -> Counter[str]:
        made = provision.open_gateway(self.center, CLOCK)
        with made.engine.begin() as connection:
            found = Counter(connection.scalars(sa.select(records.c.record_id)))
        made.engine.dispose()
        return found

    def judge(self) -> None:
        """Let the data center open what it has."""
        made = provision.open_gateway(self.center, CLOCK)
        opener = opener_of(self.center, made, NikRule())
        assert opener is not None
        opener.run_pending()
        made.engine.dispose()

    def does(self, what: str, act: Callable[[], object]) -> None:
        try:
            act()
        except (KnownError, OSError) as error:
            print("refused:", what, repr(error))
        else:
            self.said[what] += 1


def send(context: AppContext) -> None:
    report = context.delivery.send(Nobody(), Nobody())
    if report.stopped_by is not None:
        raise KnownError(report.stopped_by.code)


def begin(disk: Disk, center: Center, url: str, founded: Path) -> None:
    """Enrol a kit that has recorded, sent and heard of two people two days ago."""
    shutil.copytree(founded, disk.center)
    disk.stick.mkdir()
    with two_days_ago():
        made = provision.enrol_code(disk.center, url, KIT, ADMIN.user_id, CLOCK)
        center.use(disk.center)
        enrol_kit(disk.home, Slip(made.url, made.code, made.ca_fingerprint), new(ADMIN), FAST)
        add_user(disk.home, ADMIN.user_id, PASSPHRASE, new(PETUGAS), FAST)
        with opened(disk.home) as context:
            for _ in range(2):
                disk.record(context)
            send(context)
            disk.judge()
            send(context)


def sign_in(home: Home) -> None:
    with opened(home):
        pass


def use(disk: Disk, context: AppContext) -> None:
    """Do what must go on while the disk is full."""
    disk.does("sent", lambda: send(context))
    disk.does("backed up", lambda: context.backups.make(str(disk.stick), Told(), Told()))
    disk.does("sent", lambda: send(context))


def nobody_gives_it_up() -> None:
    """Planted: the reserve lies there, and nobody takes its room."""
    Reserve.give_up = lambda _: False  # type: ignore[method-assign]


def the_kit_grows_on() -> None:
    """Planted: recordings go on into the room that was given up."""
    Reserve.lends = lambda *_: True  # type: ignore[method-assign]
    Reserve.gives_way = lambda self, _: self.give_up()  # type: ignore[method-assign]


def what_is_left_is_not_held() -> None:
    """Planted: who leaves a kit on a full disk leaves the rest of the reserve to others."""
    keep = Reserve.keep

    def careless(self: Reserve) -> bool:
        return keep(self) if not self.is_given_up else False

    Reserve.keep = careless  # type: ignore[method-assign]


def main(order: str, disk_folder: str, elsewhere: str, bug: str = "") -> None:
    """Let the disk fill up in one of three orders, and say as JSON what went on and what became of each record."""
    if bug:
        globals()[bug]()
    disk = Disk(Path(disk_folder), Path(elsewhere))
    try:
        go_on(order, disk, Path(elsewhere) / "founded")
    except (KnownError, OSError) as error:
        print("refused:", repr(error))
    print(json.dumps(disk.said))


def go_on(order: str, disk: Disk, founded: Path) -> None:
    with open_center(founded) as (center, url):
        begin(disk, center, url, founded)
        with ExitStack() as days_before, opened(disk.home) as context:
            days_before.enter_context(two_days_ago())
            for _ in range(3):
                disk.record(context)
            if order == "kit":
                disk.fill_by_the_kit(context)
            days_before.close()
            if order == "during":
                disk.fill()
                use(disk, context)
        disk.fill()
        for _ in range(SIGN_INS):
            disk.does("signed in", lambda: sign_in(disk.home))
        with opened(disk.home) as context:
            disk.said["told"] = sum(problem == USED for problem in context.to_tell)
            use(disk, context)
            queue = context.delivery.queue()
        there, kept = disk.at_center(), [entry.record.record_id for entry in queue.entries]
        disk.said["lost"] = len(set(disk.sealed) - there.keys()) + len(set(disk.sealed) - set(kept))
        disk.said["doubled"] = sum(there.values()) + len(kept) - 2 * len(disk.sealed)
        disk.said["purged"] = queue.counts.get(DeliveryState.PURGED, 0)
        disk.empty()
        sign_in(disk.home)
        disk.said["kept again"] = not Reserve(disk.home.path / "kit.reserve").is_given_up


if __name__ == "__main__":
    main(*sys.argv[1:])
