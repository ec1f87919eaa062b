"""In which of its ways a gateway is served: alone, for whoever started it, or by several workers."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from support.clock import HandClock

from fieldkit.domain.errors import InputError
from fieldkit.storage.home_lock import HomeLock
from sync.gateway import server as assembly
from sync.gateway.blobs import Blobs
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import DecidedElsewhere, NikRule, Penunggalan
from sync.gateway.provision import Places, Serving, serving
from sync.gateway.server import Asked, GatewayServer, gateway_server, serve
from sync.gateway.workers.supervisor import Patience

SERVER, BUCKET = "postgresql+psycopg://gateway@db/gateway", "s3://records"


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[GatewayContext]]:
    """Keep the contexts that are opened, for nothing is really served here that would let them go."""
    kept: list[GatewayContext] = []
    before = assembly.open_gateway

    def watched(*said: object) -> GatewayContext:
        kept.append(before(*said))  # type: ignore[arg-type]  # passed on as they came
        return kept[-1]

    monkeypatch.setattr(assembly, "open_gateway", watched)
    yield kept
    for context in kept:
        context.engine.dispose()


def is_let_go(context: GatewayContext) -> bool:
    return context.engine.pool.status().startswith("Pool size: 0  Connections in pool: 0 ")


@pytest.mark.parametrize(
    ("places", "listens", "is_locked"),
    [
        (Places(), False, True),
        (Places(objects=BUCKET), False, True),
        (Places(SERVER), False, True),
        (Places(SERVER, BUCKET), False, False),
        (Places(), True, False),
    ],
)
def test_a_folder_is_locked_by_whoever_keeps_rows_or_objects_in_it(
    folder: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch, places: Places, listens: bool, is_locked: bool
) -> None:
    how = replace(serving(folder), places=places)
    monkeypatch.setattr(assembly, "serving", lambda *_: how)
    monkeypatch.setattr(Blobs, "size", lambda *_: 0)
    monkeypatch.setattr(assembly, "gateway_server", reached)
    lock = HomeLock(folder / "serving.lock")
    with pytest.raises(InputError) as refusal:
        serve(folder, "127.0.0.1", 0, clock, print, Asked(listening=0 if listens else None))
    lock.release()
    assert refusal.value.code == ("gateway.served_already" if is_locked else "reached")


def reached(*_said: object, **_named: object) -> GatewayServer:
    raise InputError("reached")


@pytest.mark.parametrize("is_alone", [True, False])
def test_only_who_serves_alone_renews_the_certificate(
    folder: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch, is_alone: bool
) -> None:
    certificate = (folder / "tls.pem").read_bytes()
    shown: list[bytes] = []

    def run(server: GatewayServer, ready: Callable[[GatewayServer], None], is_over: Callable[[], bool]) -> bool:
        shown.append((folder / "tls.pem").read_bytes())
        ready(server)
        if server._listening is not None:
            server._listening.close()  # as granian does
        clock.advance(days=680)
        return is_over() and len(shown) == 1

    monkeypatch.setattr(GatewayServer, "run", run)
    clock.advance(days=680)
    urls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as shared:
        listening = None if is_alone else os.dup(shared.fileno())
        serve(folder, "127.0.0.1", 0, clock, urls.append, Asked(listening=listening))
        port = shared.getsockname()[1]
    if is_alone:
        assert [each == certificate for each in shown] == [False, False]
    else:
        assert (shown, urls) == ([certificate], [f"https://127.0.0.1:{port}"])


def test_what_it_opened_is_let_go_when_it_cannot_serve(
    folder: Path, clock: HandClock, opened: list[GatewayContext]
) -> None:
    (folder / "opener.identity").unlink()
    with pytest.raises(InputError, match=r"gateway\.no_identity"):
        gateway_server(folder, clock, asked=Asked(opener="inside"))
    assert [is_let_go(context) for context in opened] == [True]
    assert gateway_server(folder, clock).port  # it may run elsewhere


@pytest.mark.parametrize(
    ("opener", "given", "judges"),
    [("inside", NikRule(), [NikRule]), ("inside", None, [DecidedElsewhere]), ("none", NikRule(), [])],
)
def test_an_opener_judges_by_what_is_given_or_set(
    folder: Path,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    opener: str,
    given: Penunggalan | None,
    judges: list[type],
) -> None:
    asked: list[type] = []
    monkeypatch.setattr(assembly, "opener_of", lambda _folder, _context, judge: asked.append(type(judge)))
    with suppress(InputError):  # nothing was opened
        gateway_server(folder, clock, penunggalan=given, asked=Asked(opener=opener))
    assert asked == judges


class Crew:
    """Takes the place of the supervisor and begins two workers."""

    begun: list[list[str]]

    def __init__(
        self, begin: Callable[[int], list[str]], workers: int, is_due: Callable[[], bool], patience: Patience
    ) -> None:
        assert (workers, patience.stop_s) == (2, 15.0)
        self._begin, self._is_due = begin, is_due

    def run(self, ready: Callable[[], None]) -> None:
        ready()
        type(self).begun = [self._begin(slot) for slot in range(2)]


@pytest.mark.parametrize(("opens", "openers"), [(True, ["inside", "none"]), (False, ["none", "none"])])
def test_of_several_workers_the_first_opens(
    folder: Path,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    opened: list[GatewayContext],
    opens: bool,
    openers: list[str],
) -> None:
    how: Serving = replace(serving(folder), workers=2, opens=opens)
    monkeypatch.setattr(assembly, "serving", lambda *_: how)
    monkeypatch.setattr(assembly, "Supervisor", Crew)
    monkeypatch.setattr(assembly, "Worker", lambda command, _environment, _listening: command)
    if not opens:
        (folder / "opener.identity").unlink()
    before = (folder / "tls.pem").read_bytes()
    clock.advance(days=680)
    urls: list[str] = []
    serve(folder, "127.0.0.1", 0, clock, urls.append)
    assert [url.rpartition(":")[0] for url in urls] == ["https://127.0.0.1"]
    assert (folder / "tls.pem").read_bytes() != before
    assert [is_let_go(context) for context in opened] == [True]
    assert [command[command.index("--opener") + 1] for command in Crew.begun] == openers
    program = [sys.executable, *(["-I"] if sys.flags.isolated else []), "-m", "fieldkit"]
    assert Crew.begun[0][: len(program)] == program


def test_workers_that_cannot_open_are_not_begun(
    folder: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = replace(serving(folder), workers=2, opens=True)
    monkeypatch.setattr(assembly, "serving", lambda *_: how)
    monkeypatch.setattr(assembly, "Supervisor", reached)
    (folder / "opener.identity").unlink()
    with pytest.raises(InputError, match=r"gateway\.no_identity"):
        serve(folder, "127.0.0.1", 0, clock, print)
