"""A gateway that serves in forks of one prepared process, to be killed at any moment.

As `python -m support.gateway_forks FOLDER PORT [BUG]` it serves once for each line of standard input; it answers with
the id of the fork, then with how it ended.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from support.gateway import open_plainly
from support.lazy_blobs import LazyBlobs
from support.remembered import remember

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from sync.gateway import provision
from sync.gateway.app import build_app
from sync.gateway.ledger import NikRule
from sync.gateway.opener import Opener
from sync.gateway.server import GatewayServer


def serve(folder: Path, port: int) -> None:
    gateway_context = provision.open_gateway(folder, SystemClock(WIB))
    app = build_app(gateway_context, Opener(gateway_context, open_plainly, NikRule()))
    GatewayServer(app, *provision.tls_files(folder), "127.0.0.1", port, gateway_context.limits).run(
        lambda _: None, lambda: False
    )


def main(folder: Path, port: int, bug: str = "") -> None:
    remember(pytest.MonkeyPatch())
    if bug:
        provision.Blobs = LazyBlobs  # type: ignore[misc]  # the bug is planted here
    for _ in sys.stdin:
        pid = os.fork()
        if not pid:
            try:
                serve(folder, port)
            finally:
                os._exit(1)  # a fork must never go on where its parent waits
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
