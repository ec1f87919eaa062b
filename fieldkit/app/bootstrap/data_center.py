"""The embedded data center: gateway, opener with its identity, and the penunggalan for trying it out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from sync.gateway.assembly import serve


def serve_gateway(folder: Path, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM; `ready` gets the URL once TLS answers. Raise `InputError` when there is no gateway."""
    serve(folder, host, port, SystemClock(WIB), ready)
