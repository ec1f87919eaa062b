"""Workers and openers of a large data center as forks of one prepared process, to be killed at any moment.

As `python -m support.center_forks FOLDER` it says its port, then for each JSON line (`role`, `bug`) the id of a fork.
All workers accept from one socket, as those of `gateway serve` do. What an opener submits it also counts.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.lazy_blobs import LazyBlobs
from support.opener_forks import Counted, Twice
from support.plain_records import open_plainly
from support.remembered import remember

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.domain.errors import KnownError
from sync.gateway import provision
from sync.gateway.opener import Opener, work
from sync.gateway.server import Asked, gateway_server, listen

LEASE = timedelta(seconds=2)
WORKER, OPENER = "worker", "opener"
BYTES_LATER, TWICE = "bytes are stored later", "a lease and a verdict count for nothing"


def work_in(folder: Path, listening: int, _bug: str) -> None:
    asked = Asked(opener="none", listening=os.dup(listening))
    gateway_server(folder, SystemClock(WIB), asked=asked).run(lambda _: None, lambda: False)


def open_in(folder: Path, _listening: int, bug: str) -> None:
    kind, lease = (Twice, timedelta(0)) if bug == TWICE else (Opener, LEASE)
    opener = kind(provision.open_gateway(folder, SystemClock(WIB)), open_plainly, Counted(), lease)
    work(opener, lambda: False, lambda: time.sleep(0.05))


def forked(act: Callable[[], None]) -> int:
    pid = os.fork()
    if not pid:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        try:
            while True:
                with suppress(KnownError, sa.exc.OperationalError):  # away: the supervisor or systemd tries again
                    act()
                time.sleep(0.2)
        except BaseException:  # noqa: BLE001 - whoever kills it next finds that it died by itself
            traceback.print_exc()
        finally:
            os._exit(1)  # a fork must never go on where its parent waits
    return pid


def main(folder: Path) -> None:
    remember(pytest.MonkeyPatch())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    with listen("127.0.0.1", 0) as socket:
        print(socket.getsockname()[1], flush=True)
        for line in sys.stdin:
            said = json.loads(line)
            if said["bug"] == BYTES_LATER:
                provision.Blobs = LazyBlobs  # type: ignore[misc]  # the bug is planted here
            act = work_in if said["role"] == WORKER else open_in
            print(forked(partial(act, folder, socket.fileno(), said["bug"])), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
