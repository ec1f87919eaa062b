"""The act of a disk that the kit itself filled: the kit works on a small disk, in a process of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fieldkit.app.bootstrap.devices import Addresses, connect_devices
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.app.cli.quiet import NeverCancelled, NoProgress
from fieldkit.app.demo.kit import PETUGAS, PINS
from fieldkit.domain.drafts import DraftName
from fieldkit.domain.errors import KnownError, StoreError
from fieldkit.services.context.app_context import AppContext

if TYPE_CHECKING:
    from fieldkit.app.demo.disaster import Team

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
