"""Runs the application under granian with TLS, on a thread of this process or as the process itself."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from granian._granian import ListenerSpec, SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.ports.clock import Clock
from fieldkit.ports.messages import Messages
from fieldkit.storage.home_lock import HomeLock
from fieldkit.vault.certificates import open_identities
from fieldkit.vault.cms import SealOpener
from fieldkit.vault.device_trust import SealedProofs
from sync.gateway.app import build_app
from sync.gateway.database import GatewayContext, Limits, demand_whole
from sync.gateway.ledger import Penunggalan
from sync.gateway.opener import Opener
from sync.gateway.provision import (
    DEVICE_TRUST,
    NOT_SAID,
    OPENER_IDENTITY,
    Places,
    Serving,
    open_gateway,
    renew_tls,
    serving,
    tls_files,
)
from sync.gateway.seals import reader_of
from sync.gateway.workers.supervisor import Patience, Supervisor, Worker

if sys.platform != "win32":
    import resource

_START_S = 10.0
_POLL_S = 0.02
# Of a connection: the headers of a request must fit in, and a body comes in pieces of about two thirds of it. Each
# piece wakes three threads, and this much is nothing beside the chunk that is gathered of them.
_BUFFER_BYTES = 256 * 1024
# Connections that never begin TLS count in no bound of granian's, and without a file left it accepts nobody any more:
# more than the 64,512 that one address can open at a port.
_FILES = 131_072
# Of connections that nobody took yet. A full queue drops them silently, and their clients try again after 1, 3, 7 … s.
_BACKLOG = 4096
_TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h
_LOOK_S, _LOOKS = 5.0, 3  # how often without a file in a row
_LIMITS = Limits()
# Who ends a server: the last is Ctrl-Break and a closed console of Windows.
_ENDING = [number for name in ("SIGTERM", "SIGINT", "SIGBREAK") if (number := getattr(signal, name, None)) is not None]
_log = logging.getLogger(__name__)


class GatewayServer:
    """One listening gateway. Port 0 chooses a free one; `stop` may be called twice.

    With `listening`, a socket that several processes share, host and port are its own.
    """

    def __init__(
        self,
        app: ASGIApp,
        certificate: Path,
        key: Path,
        host: str,
        port: int,
        limits: Limits = _LIMITS,
        listening: socket.socket | None = None,
    ) -> None:
        self.host = host
        self._limits = limits
        self._listening = listening
        self.port = _free_port(host, port) if listening is None else int(listening.getsockname()[1])
        self._requests = _Requests(app)
        self._files = (certificate, key)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="gateway", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: _Embedded | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return url_of(self.host, self.port)

    def start(self) -> None:
        """Listen on a thread of its own; return when TLS answers. Raise `KnownError` `gateway.not_started`."""
        self._thread.start()
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop listening and finish what is under way, but wait for no client longer than `Limits.stop_patience`."""
        if self._loop is not None and self._server is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end)
        if self._thread.ident is not None:
            self._thread.join()

    def run(self, ready: Callable[[GatewayServer], None], is_over: Callable[[], bool], every_s: float = 3600) -> bool:
        """Serve on the calling (main) thread; `ready` is called once TLS answers.

        Return False at SIGTERM or SIGINT, True when `is_over`, asked now and then, wants another server.
        """
        threading.Thread(target=end_without_files, name="files", daemon=True).start()
        return asyncio.run(self._serve_until_signalled(ready, is_over, every_s))

    async def _serve_until_signalled(
        self, ready: Callable[[GatewayServer], None], is_over: Callable[[], bool], every_s: float
    ) -> bool:
        serving = asyncio.create_task(self._serve())
        loop = asyncio.get_running_loop()
        try:
            await asyncio.to_thread(self._wait_until_ready)
        except KnownError:
            serving.cancel()
            await asyncio.wait({serving})
            serving.cancelled() or serving.exception()  # it was told: else Python complains that nobody asked
            raise
        _hear_signals(loop, self._end)
        ready(self)
        # What the start made stays: looking through it again and again for garbage costs some 4 % of each record.
        gc.collect()
        gc.freeze()
        while not serving.done():
            await asyncio.wait({serving}, timeout=every_s)
            if not serving.done() and await asyncio.to_thread(is_over):
                self._end()
                await serving
                return True
        await serving
        return False

    def _end(self) -> None:
        assert self._server is not None
        asyncio.get_running_loop().call_soon(self._server.stop)
        asyncio.get_running_loop().call_later(self._limits.stop_patience.total_seconds(), self._requests.end)

    async def _serve(self) -> None:
        # granian warns on each start that embedding is new; what it really has to say are errors.
        logging.getLogger("_granian").setLevel(logging.ERROR)
        certificate, key = self._files
        _allow_files(_FILES)
        self._loop = asyncio.get_running_loop()
        self._server = _Embedded(
            self._requests,
            self.host,
            self.port,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            websockets=False,
            backlog=_BACKLOG,
            backpressure=self._limits.connections,
            http1_settings=HTTP1Settings(
                header_read_timeout=_ms(self._limits.header_silence), max_buffer_size=_BUFFER_BYTES
            ),
            ssl_cert=certificate,
            ssl_key=key,
            log_enabled=False,
        )
        self._server.shared = self._listening
        await self._server.serve()

    def _wait_until_ready(self) -> None:
        if self._listening is not None:  # another process may answer there
            if not self._requests.is_started.wait(_START_S):
                raise KnownError("gateway.not_started", host=self.host, port=self.port)
            return
        context = ssl.create_default_context(cafile=str(self._files[0]))
        # Only whether TLS answers here is asked; whose certificate it is, the clients check.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            try:
                with socket.create_connection((self.host, self.port), timeout=1.0) as raw, context.wrap_socket(raw):
                    return
            except OSError:
                time.sleep(_POLL_S)
        raise KnownError("gateway.not_started", host=self.host, port=self.port)


def _hear_signals(loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> None:
    """Call `end` in the loop at each signal that ends a server. Only for the main thread."""
    for number in _ENDING:
        try:
            loop.add_signal_handler(number, end)
        except NotImplementedError:  # the loops of Windows, which wake for every signal of Python's own
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(end))


class _Embedded(Server):
    """granian's server; the socket that it binds at each start to try the address is closed again (2.8 never does)."""

    shared: socket.socket | None = None

    def _init_shared_socket(self) -> None:
        if self.shared is not None:
            self._shd = SocketHolder(self.shared.detach(), False, self.backlog)  # type: ignore[call-arg,assignment]
            return
        if sys.platform != "linux":
            super()._init_shared_socket()
            return
        listener = ListenerSpec(self.bind_addr, self.bind_port, self.backlog)
        socket.close(listener.build().get_fd())
        self._ssp = listener  # type: ignore[assignment]  # granian's own lines say None first


class _Requests:
    """Stands in front of the application and knows what is under way, for a slow client may never come to an end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._tasks: set[asyncio.Task[object]] = set()
        self._is_ending = False
        self.is_started = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        task = asyncio.current_task()
        if scope["type"] == "lifespan":
            await self._app(scope, receive, self._watching(send))
            return
        if task is None or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._tasks.add(task)
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if not self._is_ending:
                raise
        finally:
            self._tasks.discard(task)

    def _watching(self, send: Send) -> Send:
        async def watch(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self.is_started.set()
            await send(message)

        return watch

    def end(self) -> None:
        """Give up what is under way; what was stored stays stored, and the client goes on from there."""
        self._is_ending = True
        for task in self._tasks:
            task.cancel()


def _allow_files(count: int) -> None:
    """Raise our own bound of open files, up to what the system lets us: each connection is one."""
    if sys.platform != "win32":
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def end_without_files(look_s: float = _LOOK_S) -> None:
    """End the process with code 75 once no file can be opened any more, so that whoever watches it starts it again.

    granian then tries to accept without a pause, lets go of nothing and hears no signal: there is no other way back.
    """
    looks = 0
    while looks < _LOOKS:
        time.sleep(look_s)
        try:
            os.close(os.dup(sys.stderr.fileno()))
            looks = 0
        except OSError as error:
            looks = looks + 1 if error.errno == errno.EMFILE else 0
    _log.critical("no file can be opened: too many connections; ending, to be started again")
    os._exit(_TRY_AGAIN)


def _ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)


def url_of(host: str, port: int) -> str:
    """Return the address of a gateway that listens there."""
    return f"https://{f'[{host}]' if ':' in host else host}:{port}"


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket that several processes can accept from. Raise `KnownError`."""
    _free_port(host, port)
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    made.listen(_BACKLOG)
    made.setblocking(False)
    return made


def _free_port(host: str, port: int) -> int:
    # granian listens with SO_REUSEPORT: without this a second gateway would share the port unnoticed.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise KnownError("gateway.port_busy", host=host, port=port) from error
            raise KnownError("gateway.not_listening", host=host, port=port) from error
        return int(probe.getsockname()[1])


# Puts a gateway together from its folder and serves it: embedded, as one process, or as one of several.

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
