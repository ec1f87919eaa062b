"""What the server does at its beginning, at its end and at the bounds of the system."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from support.gateway import folder

from fieldkit.domain.errors import KnownError
from fieldkit.vault import certificates
from sync.gateway import server as module
from sync.gateway.database import Limits
from sync.gateway.provision import tls_files
from sync.gateway.server import GatewayServer, _allow_files, _Requests, listen, url_of
from sync.kit.connection import Connection, pinned_context

__all__ = ["folder"]


async def answering(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer at once, but for /slow, which never ends."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["path"] == "/slow":
        under_way.set()
        await asyncio.Event().wait()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})


under_way = threading.Event()


def made(folder: Path, **more: Any) -> GatewayServer:
    return GatewayServer(answering, *tls_files(folder), "127.0.0.1", 0, **more)


def ask(folder: Path, url: str, path: str = "/") -> bytes:
    (ca,) = certificates.certificates_from_pem((folder / "ca.pem").read_text())
    connection = Connection(url, pinned_context(ca))
    try:
        return connection.ask("GET", path)[2]
    finally:
        connection.close()


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a start does to the process, only noted."""
    noted = list[str]()
    monkeypatch.setattr(
        module, "gc", SimpleNamespace(collect=lambda: noted.append("collect"), freeze=lambda: noted.append("freeze"))
    )
    monkeypatch.setattr(module, "end_without_files", lambda: noted.append("files"))
    monkeypatch.setattr(module, "_allow_files", lambda count: noted.append(f"{count} files"))
    return noted


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_nothing_is_asked_too_early(folder: Path, done: list[str], number: int) -> None:
    told: list[bytes] = []

    def ready(serving: GatewayServer) -> None:
        def use() -> None:
            told.append(ask(folder, serving.url))
            os.kill(os.getpid(), number)

        threading.Thread(target=use).start()

    assert made(folder).run(ready, lambda: pytest.fail("not asked for"), every_s=60) is False
    assert told == [b"here"]
    assert sorted(done) == ["131072 files", "collect", "files", "freeze"]


def test_a_signal_ends_it_where_the_loop_takes_no_handlers(
    folder: Path, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise NotImplementedError

    kept = {number: signal.getsignal(number) for number in module._ENDING}
    monkeypatch.setattr("asyncio.unix_events._UnixSelectorEventLoop.add_signal_handler", refuse)
    try:
        over = made(folder).run(lambda _serving: signal.raise_signal(signal.SIGTERM), lambda: False, every_s=60)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert over is False


def test_it_ends_when_another_server_is_wanted(folder: Path, done: list[str]) -> None:
    answers = iter([False, False, True])
    readies: list[str] = []
    serving = made(folder)
    assert serving.run(lambda each: readies.append(each.url), lambda: next(answers), every_s=0.01) is True
    assert readies == [serving.url]
    assert list(answers) == []
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", serving.port))


@pytest.mark.parametrize("is_shared", [False, True])
@pytest.mark.parametrize("way", ["start", "run"])
def test_one_that_does_not_answer_in_time_says_so(
    folder: Path, done: list[str], monkeypatch: pytest.MonkeyPatch, way: str, is_shared: bool
) -> None:
    with listen("127.0.0.1", 0) as listening:
        serving = made(folder, listening=listening.dup() if is_shared else None)
        begin = serving.start if way == "start" else lambda: serving.run(lambda _: None, lambda: False)
        with monkeypatch.context() as patch:
            patch.setattr(module, "_START_S", 0.0)
            patch.setattr(serving._requests.is_started, "wait", lambda _s: False)  # however soon it came
            with pytest.raises(KnownError, match=r"gateway\.not_started"):
                begin()
        if way == "start":  # it comes a little later
            serving._wait_until_ready()
            serving.stop()


def test_a_client_that_never_ends_is_waited_for_no_longer_than_said(folder: Path) -> None:
    serving = made(folder, limits=Limits(stop_patience=timedelta(milliseconds=50)))
    serving.start()
    under_way.clear()
    waiting = threading.Thread(target=lambda: suppress_all(lambda: ask(folder, serving.url, "/slow")))
    waiting.start()
    assert under_way.wait(20)
    serving.stop()
    waiting.join()


def suppress_all(act: Callable[[], object]) -> None:
    with suppress(Exception):
        act()


def test_requests_are_known_while_they_are_under_way() -> None:
    seen = list[str]()
    goes_on = asyncio.Event()

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append(scope["type"])
        if scope["type"] == "lifespan":
            await send({"type": "lifespan.startup.failed"})
            seen.append(f"started {requests.is_started.is_set()}")
            await send({"type": "lifespan.startup.complete"})
            return
        await goes_on.wait()
        seen.append("done")

    async def nothing(*said: Message) -> Message:
        sent.extend(said)
        return {}

    async def go() -> None:
        await requests({"type": "lifespan"}, nothing, nothing)
        tasks = [asyncio.ensure_future(requests({"type": kind}, nothing, nothing)) for kind in ("http", "websocket")]
        given_up = asyncio.ensure_future(requests({"type": "http"}, nothing, nothing))
        await asyncio.sleep(0)
        given_up.cancel()  # by somebody else: that is told
        with pytest.raises(asyncio.CancelledError):
            await given_up
        requests.end()
        await tasks[0]  # ended without a word
        assert not tasks[1].done()
        goes_on.set()
        await tasks[1]
        requests.end()  # nobody is left
        await requests({"type": "http"}, nothing, nothing)

    sent = list[Message]()
    requests = _Requests(app)
    asyncio.run(go())
    assert [message["type"] for message in sent] == ["lifespan.startup.failed", "lifespan.startup.complete"]
    assert requests.is_started.is_set()
    assert seen == ["lifespan", "started False", "http", "websocket", "http", "done", "http", "done"]


@pytest.mark.parametrize(
    ("soft", "hard", "wanted"),
    [
        (1024, 4096, 4096),
        (1024, 200_000, 131_072),
        (1024, resource.RLIM_INFINITY, 131_072),
        (4096, 4096, None),
        (131_072, resource.RLIM_INFINITY, None),
        (200_000, resource.RLIM_INFINITY, None),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, None),
    ],
)
def test_as_many_files_are_open_as_the_system_lets_us(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, wanted: int | None
) -> None:
    changed: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda which, bounds: changed.append((which, bounds)))
    _allow_files(131_072)
    assert changed == ([] if wanted is None else [(resource.RLIMIT_NOFILE, (wanted, hard))])
    changed.clear()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")
        _allow_files(131_072)
    assert changed == []


def test_a_socket_for_several_accepts_without_waiting_and_at_once_again() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert not listening.getblocking()
        assert listening.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
        host, port = listening.getsockname()
        with socket.create_connection((host, port)) as line, listening.accept()[0]:
            assert line.getpeername() == (host, port)
        with pytest.raises(KnownError, match=r"gateway\.port_busy"):
            listen(host, port)
    with listen(host, port):  # though the connection of before is remembered
        pass
    with pytest.raises(KnownError, match=r"gateway\.not_listening"):
        listen("203.0.113.1", 0)
    with socket.socket(socket.AF_INET6) as probe, suppress(OSError):
        probe.bind(("::1", 0))
        with listen("::1", 0) as sixth:
            assert sixth.family is socket.AF_INET6
    assert [url_of(host, 1) for host in ("10.0.0.1", "::1", "pusat")] == [
        "https://10.0.0.1:1",
        "https://[::1]:1",
        "https://pusat:1",
    ]
