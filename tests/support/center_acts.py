"""What an operator does at a data center, killed before anything that it does: `python -m support.center_acts`.

A line of JSON names an act, the folder of a place and the step to die at (0: none). Steps are what outlives a process:
writing statements and commits, files made, flushed, renamed and removed, objects, requests to another server. Each act
goes in a fork, and the answer is how it ended with how many steps.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from support.remembered import remember

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.onward import Way, onward_step
from fieldkit.vault.age import parse_identities
from sync.gateway import provision
from sync.gateway.blobs import Blobs
from sync.gateway.opening.process import machine_at
from sync.gateway.operations import backup
from sync.gateway.operations.backup_set import Unlock, the_backup
from sync.gateway.operations.restore import Target, restore
from sync.gateway.operations.retention import Policy, Retention, move

GATEWAY, BACKUPS, NEW, HANDED = "gateway", "backups", "new", "handed"
POLICY = Policy(timedelta(days=30))


@dataclass(frozen=True)
class Place:
    """Where an act works. `database`, `objects` and `to` are of the target of a restore or move, and of the way."""

    root: Path
    database: str = ""
    objects: str = ""
    to: str = ""

    @property
    def gateway(self) -> Path:
        return self.root / GATEWAY

    @property
    def target(self) -> Target:
        return Target(self.root / NEW, self.database, self.objects)


def back_up(place: Place) -> None:
    gateway_context = provision.open_gateway(place.gateway, SystemClock(WIB))
    backup.make_backup(gateway_context, place.gateway, place.root / BACKUPS, keep=1)
    gateway_context.engine.dispose()


def put_back(place: Place) -> None:
    identity = (place.root / "recovery.identity").read_text()
    restore(the_backup(place.root / BACKUPS), Unlock(parse_identities(identity)), place.target)


def move_away(place: Place) -> None:
    gateway_context = provision.open_even_moved(place.gateway, SystemClock(WIB))
    move(gateway_context, place.gateway, place.root / BACKUPS, place.target)
    gateway_context.engine.dispose()


def erase(place: Place) -> None:
    gateway_context = provision.open_gateway(place.gateway, SystemClock(WIB))
    Retention(gateway_context).erase(POLICY)
    gateway_context.engine.dispose()


def hand_on(place: Place) -> None:
    machine = machine_at(place.gateway, place.gateway / "opener.identity", lambda _: "", SystemClock(WIB))
    with closing(onward_step(machine, place.gateway, Way(place.to or f"folder:{place.root / HANDED}", "SIAK"))) as step:
        step._other._batch_size = 2  # type: ignore[attr-defined]  # of a folder: more than one batch
        step.run_once()
    machine.engine.dispose()


ACTS: dict[str, Callable[[Place], None]] = {
    "backup": back_up,
    "restore": put_back,
    "move": move_away,
    "retention": erase,
    "onward": hand_on,
}


class Steps:
    """Counts what this process does that outlives it, and dies before the n-th."""

    def __init__(self, last: int) -> None:
        self.done, self._last = 0, last

    def take(self, *_: object, **__: object) -> None:
        self.done += 1
        if self.done == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        sa.event.listen(sa.Engine, "before_cursor_execute", self._say)
        sa.event.listen(sa.Engine, "commit", self.take)
        for name in ("fsync", "replace", "rename", "unlink", "rmdir", "mkdir"):
            setattr(os, name, self._before(getattr(os, name)))
        os.open = self._made(os.open)
        for name in ("put", "put_checked", "delete"):
            setattr(Blobs, name, self._before(getattr(Blobs, name)))
        httpx2.Client.send = self._around(httpx2.Client.send)  # type: ignore[method-assign]

    def _say(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN")):
            self.take()

    def _before(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **more: Any) -> Any:
            self.take()
            return act(*given, **more)

        return watched

    def _around(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **more: Any) -> Any:
            self.take()
            done = act(*given, **more)
            self.take()
            return done

        return watched

    def _made(self, open_: Callable[..., int]) -> Callable[..., int]:
        def watched(path: Any, flags: int, *given: Any, **more: Any) -> int:
            file = open_(path, flags, *given, **more)
            if flags & os.O_CREAT:
                self.take()  # the file is there, and empty
            return file

        return watched


def done_in_fork(said: dict[str, Any]) -> dict[str, Any]:
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.close(read)
            os.environ.update(said["environment"])
            steps = Steps(said["step"])
            steps.watch()
            trouble = ""
            try:
                ACTS[said["act"]](Place(Path(said["root"]), said["database"], said["objects"], said["to"]))
            except BaseException:  # noqa: BLE001 - a fork must never go on where its parent waits
                trouble = traceback.format_exc()
            os.write(write, json.dumps({"steps": steps.done, "trouble": trouble[-4000:]}).encode())
        finally:
            os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:  # noqa: PTH123 - a descriptor
        told = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return {"ended": status, **json.loads(told or b"{}")}


def main() -> None:
    remember(pytest.MonkeyPatch())
    from sync.gateway.operations import retention as moving

    moving._PATIENCE_S = 0.0  # type: ignore[attr-defined]  # nobody serves
    for line in sys.stdin:
        print(json.dumps(done_in_fork(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
