"""The data center as the commands start it, in either size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fieldkit.app.bootstrap.catalogue import FieldCatalogues
from fieldkit.app.bootstrap.clock import WIB, SystemClock
from sync.gateway.provision import Places, demand_no_password
from sync.gateway.server import Asked, serve

__all__ = ["Asked", "Places", "demand_no_password", "serve_gateway"]

_NOTHING_ASKED = Asked()


def serve_gateway(
    folder: Path, host: str, port: int, ready: Callable[[str], None], asked: Asked = _NOTHING_ASKED
) -> None:
    """Serve until SIGTERM; `ready` gets the URL once TLS answers. Raise `InputError` when there is no gateway."""
    serve(folder, host, port, SystemClock(WIB), ready, asked, FieldCatalogues())
