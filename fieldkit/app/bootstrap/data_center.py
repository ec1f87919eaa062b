"""The data center as the commands start it, in either size."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from fieldkit.app.bootstrap.catalogue import FieldCatalogues
from fieldkit.app.bootstrap.clock import WIB, SystemClock
from sync.gateway.provision import Places, demand_no_password
from sync.gateway.server import Asked, serve

__all__ = ["Asked", "Places", "demand_no_password", "end_with_input", "serve_gateway"]

_NOTHING_ASKED = Asked()


def serve_gateway(
    folder: Path, host: str, port: int, ready: Callable[[str], None], asked: Asked = _NOTHING_ASKED
) -> None:
    """Serve until SIGTERM; `ready` gets the URL once TLS answers. Raise `InputError` when there is no gateway."""
    serve(folder, host, port, SystemClock(WIB), ready, asked, FieldCatalogues())


def end_with_input() -> None:
    """End this process as SIGTERM does when its standard input closes: it never outlives whoever started it."""
    threading.Thread(target=_end_at_its_end, daemon=True).start()


def _end_at_its_end() -> None:
    sys.stdin.read()
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGTERM)  # os.kill ends a process there before it has finished anything
    else:
        os.kill(os.getpid(), signal.SIGTERM)
