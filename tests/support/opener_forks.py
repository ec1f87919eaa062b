"""Openers in forks of one prepared process, each over a database connection of its own, to be killed anywhere.

As `python -m support.opener_forks` it takes a JSON line for each opener: `folder` of its gateway, `step` (die before
this statement or commit; 0: never), `lease_s`, `slow_s` (how long opening takes), `is_once` (end when nothing waits),
`hole` (a file: make it while a record is open, and go on once it is gone), and `bug`. It answers with the id of the
fork, or how it ended where it was to end by itself and has no hole.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from support.plain_records import open_plainly

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from sync.gateway import provision
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Decision, NikRule, Submission
from sync.gateway.opener import Circumstances, OpenedRecord, Opener, work
from sync.gateway.opening.claims import Claims
from sync.gateway.tables import records

submitted = sa.Table(
    "submitted", sa.MetaData(), sa.Column("record_id", sa.String(36), nullable=False), sa.Column("pid", sa.Integer)
)
"""What penunggalan was asked, a row each time; it rolls back with the verdict."""


class Counted(NikRule):
    """The rule of the NIK, which notes each submission."""

    def decide(self, connection: sa.Connection, submission: Submission) -> Decision | None:
        connection.execute(sa.insert(submitted).values(record_id=submission.record_id, pid=os.getpid()))
        return super().decide(connection, submission)


class Twice(Opener):
    """The planted bug: whoever comes second gives a verdict too."""

    def _mark_in(
        self, connection: sa.Connection, names: dict[str, str], values: dict[str, Any], *_: object, **__: object
    ) -> bool:
        opened = {**values, "opened_at": self._context.clock.now(), "set_aside_at": None, "set_aside_error": ""}
        return bool(connection.execute(sa.update(records).filter_by(**names).values(**opened)).rowcount)


def die_at(engine: sa.Engine, step: int) -> None:
    """Kill this process at the n-th thing that it does to the database."""
    left = step

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "commit"):
        sa.event.listen(engine, name, count)


def stand_in(hole: Path) -> None:
    hole.touch()
    while hole.exists():
        time.sleep(0.01)


def open_records(context: GatewayContext, said: dict[str, Any]) -> None:
    die_at(context.engine, said["step"])

    def open_slowly(sealed: bytes, known: Circumstances) -> OpenedRecord:
        time.sleep(said["slow_s"])
        if said["hole"]:
            stand_in(Path(said["hole"]))
        return open_plainly(sealed, known)

    kind = Twice if said["bug"] else Opener
    opener = kind(context, open_slowly, Counted(), timedelta(seconds=said["lease_s"]))
    # As on a server, also where the database is a file: others are at work.
    opener._claims = Claims(context, timedelta(seconds=said["lease_s"]))
    opener._claims._lease_at_start = timedelta(seconds=said["lease_s"])
    if said["is_once"]:
        opener.release()
        opener.run_pending()
    else:
        work(opener, lambda: False, lambda: time.sleep(0.005))


@cache
def prepared(folder: str) -> GatewayContext:
    context = provision.open_gateway(Path(folder), SystemClock(WIB))
    Opener(context, open_plainly, Counted()).release()  # what is imported and compiled once, the forks need not do
    context.engine.dispose()
    return context


def main() -> None:
    for line in sys.stdin:
        said = json.loads(line)
        context = prepared(said["folder"])
        pid = os.fork()
        if not pid:
            code = 1
            try:
                context.engine.dispose(close=False)
                open_records(context, said)
                code = 0
            finally:
                os._exit(code)  # a fork must never go on where its parent waits
        is_waited_for = said["is_once"] and not said["hole"]
        answer = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if is_waited_for else pid
        print(answer, flush=True)


if __name__ == "__main__":
    main()
