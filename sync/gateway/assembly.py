"""Puts a gateway together from its folder and serves it: embedded, as one process, or as one of several."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.ports.clock import Clock
from fieldkit.ports.messages import Messages
from fieldkit.storage.home_lock import HomeLock
from fieldkit.vault.device_trust import SealedProofs
from fieldkit.vault.identity_file import open_identities
from fieldkit.vault.sealing import SealOpener
from sync.gateway.app import build_app
from sync.gateway.context import GatewayContext
from sync.gateway.database import demand_whole
from sync.gateway.opener import Opener
from sync.gateway.penunggalan import Penunggalan
from sync.gateway.places import NOT_SAID, Places
from sync.gateway.provision import (
    DEVICE_TRUST,
    OPENER_IDENTITY,
    Serving,
    open_gateway,
    renew_tls,
    serving,
    tls_files,
)
from sync.gateway.seals import reader_of
from sync.gateway.server import GatewayServer, listen, url_of
from sync.gateway.workers.supervisor import Patience, Supervisor, Worker

_LOCK = "serving.lock"
# `-I` is how the packaged program starts its Python: without it a stranger's folder could be imported from.
_PROGRAM = (sys.executable, *(("-I",) if sys.flags.isolated else ()), "-m", "fieldkit")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person says at the start; "" and 0 are not said. `listening` is the socket of whoever started us."""

    places: Places = NOT_SAID
    workers: int = 0
    opener: str = ""
    listening: int | None = None


_NOTHING_ASKED = Asked()


def gateway_server(
    folder: Path,
    clock: Clock,
    host: str = "127.0.0.1",
    port: int = 0,
    penunggalan: Penunggalan | None = None,
    asked: Asked = _NOTHING_ASKED,
    catalogues: Mapping[str, Messages] | None = None,
) -> GatewayServer:
    """Return the gateway of a folder, not yet started; port 0 takes a free one. Raise `KnownError`.

    `catalogues` are the languages of the office page; without any there is no such page.
    """
    how = serving(folder, asked.places, asked.workers, asked.opener)
    context = open_gateway(folder, clock, asked.places)
    try:
        demand_whole(context.engine)
        _demand_objects(context)
        opener = opener_of(folder, context, penunggalan or how.penunggalan) if how.opens else None
        if opener is None and asked.opener == "inside":
            raise InputError("gateway.no_identity", file=str(folder / OPENER_IDENTITY))
        listening = None if asked.listening is None else socket.socket(fileno=asked.listening)
        app = build_app(context, opener, catalogues=catalogues)
        return GatewayServer(app, *tls_files(folder), host, port, context.limits, listening)
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
        identities = open_identities(folder / OPENER_IDENTITY)
    except FileNotFoundError:
        return None
    devices = SealedProofs.from_path(folder / DEVICE_TRUST)
    opener = SealOpener(identities, [context.authority.certificate_der])
    return Opener(context, reader_of(opener, devices), penunggalan)


def serve(
    folder: Path,
    host: str,
    port: int,
    clock: Clock,
    ready: Callable[[str], None],
    asked: Asked = _NOTHING_ASKED,
    catalogues: Mapping[str, Messages] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; `ready` gets the URL once TLS answers. Only for the main thread.

    The TLS certificate renews itself; the gateway then begins again on its port. Raise `KnownError`: what keeps rows or
    objects in its folder is served by one program at a time.
    """
    how = serving(folder, asked.places, asked.workers, asked.opener)
    with ExitStack() as stack:
        if asked.listening is None and (how.places.is_sqlite or not how.places.objects):
            stack.callback(lock_folder(folder).release)
        if how.workers > 1:
            _serve_by_workers(folder, host, port, clock, ready, how)
            return
        if asked.listening is not None:  # whoever started us renews the certificate
            server = gateway_server(folder, clock, host, port, asked=asked, catalogues=catalogues)
            server.run(lambda server: ready(server.url), lambda: False)
            return
        renew_tls(folder, clock)
        server = gateway_server(folder, clock, host, port, asked=asked, catalogues=catalogues)
        is_renewed = server.run(lambda server: ready(server.url), lambda: renew_tls(folder, clock))
        while is_renewed:
            server = gateway_server(folder, clock, host, server.port, asked=asked, catalogues=catalogues)
            is_renewed = server.run(lambda _server: None, lambda: renew_tls(folder, clock))


def _serve_by_workers(
    folder: Path, host: str, port: int, clock: Clock, ready: Callable[[str], None], how: Serving
) -> None:
    renew_tls(folder, clock)
    # What keeps all of them from serving is said once, before any of them starts.
    context = open_gateway(folder, clock, how.places)
    context.engine.dispose()
    if how.opens and not (folder / OPENER_IDENTITY).exists():
        raise InputError("gateway.no_identity", file=str(folder / OPENER_IDENTITY))
    with listen(host, port) as listening:

        def begin(slot: int) -> Worker:
            # One opener beside the workers is as quick as its records come; more run as processes of their own.
            opener = "inside" if how.opens and slot == 0 else "none"
            command = _worker_command(folder, host, listening.fileno(), opener)
            return Worker(command, how.places.environment(), listening.fileno())

        patience = Patience(stop_s=context.limits.stop_patience.total_seconds() + 5)
        supervisor = Supervisor(begin, how.workers, lambda: renew_tls(folder, clock), patience)
        supervisor.run(lambda: ready(url_of(host, listening.getsockname()[1])))


def _worker_command(folder: Path, host: str, listening: int, opener: str) -> Sequence[str]:
    said = ["--dir", os.fspath(folder.resolve()), "--host", host, "--opener", opener, "--workers", "1"]
    return [*_PROGRAM, "gateway", "serve", *said, "--listening", str(listening), "--end-with-stdin"]


def lock_folder(folder: Path) -> HomeLock:
    """Keep every other program from serving this folder. Raise `InputError` `gateway.served_already`."""
    try:
        return HomeLock(folder / _LOCK)
    except KnownError as error:
        raise InputError("gateway.served_already", folder=str(folder)) from error
