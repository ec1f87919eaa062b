"""Puts a gateway together from its folder and serves it, embedded in this process or as the process itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from fieldkit.domain.errors import KnownError
from fieldkit.ports.clock import Clock
from fieldkit.vault.age import parse_identities
from fieldkit.vault.device_trust import SealedProofs
from fieldkit.vault.sealing import SealOpener
from sync.gateway.app import build_app
from sync.gateway.context import GatewayContext
from sync.gateway.opener import Opener
from sync.gateway.penunggalan import NikRule, Penunggalan
from sync.gateway.provision import DEVICE_TRUST, OPENER_IDENTITY, open_gateway, renew_tls, tls_files
from sync.gateway.seals import reader_of
from sync.gateway.server import GatewayServer


def gateway_server(
    folder: Path, clock: Clock, host: str = "127.0.0.1", port: int = 0, penunggalan: Penunggalan | None = None
) -> GatewayServer:
    """Return the gateway of a folder, not yet started; port 0 takes a free one. Raise `KnownError`."""
    context = open_gateway(folder, clock)
    try:
        _demand_objects(context)
        app = build_app(context, opener_of(folder, context, penunggalan or NikRule()))
        return GatewayServer(app, *tls_files(folder), host, port, context.limits)
    except BaseException:
        context.engine.dispose()
        raise


def _demand_objects(context: GatewayContext) -> None:
    try:
        with suppress(FileNotFoundError):  # it answered
            context.blobs.size("asked-at-start")
    except OSError as error:
        raise KnownError("gateway.objects_unreachable") from error


def opener_of(folder: Path, context: GatewayContext, penunggalan: Penunggalan) -> Opener | None:
    """Return the opener, None where the data center identity is not kept beside the gateway."""
    try:
        identities = parse_identities((folder / OPENER_IDENTITY).read_text("ascii"))
    except FileNotFoundError:
        return None
    devices = SealedProofs.from_path(folder / DEVICE_TRUST)
    opener = SealOpener(identities, [context.authority.certificate_der])
    return Opener(context, reader_of(opener, devices), penunggalan)


def serve(folder: Path, host: str, port: int, clock: Clock, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` gets the URL once TLS answers. Only for the main thread.

    The TLS certificate renews itself; the gateway then begins again on its port.
    """
    renew_tls(folder, clock)
    server = gateway_server(folder, clock, host, port)
    is_renewed = server.run(lambda server: ready(server.url), lambda: renew_tls(folder, clock))
    while is_renewed:
        server = gateway_server(folder, clock, host, server.port)
        is_renewed = server.run(lambda _server: None, lambda: renew_tls(folder, clock))
