from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from support.clock import HandClock

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.storage.home_lock import HomeLock
from fieldkit.vault import certificates
from fieldkit.vault.certificates import close_by_passphrase, valid_until
from sync.gateway.blobs import Blobs
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import NikRule
from sync.gateway.provision import Places, renew_tls, serving, tls_files
from sync.gateway.server import Asked, GatewayServer, end_without_files, gateway_server, listen, opener_of, serve
from sync.kit.connection import Connection, pinned_context
from sync.protocol.messages import Health


def server(folder: Path, port: int = 0, listening: socket.socket | None = None) -> GatewayServer:
    app = FastAPI(openapi_url=None)

    @app.get("/")
    def here() -> str:
        return "here"

    return GatewayServer(app, *tls_files(folder), "127.0.0.1", port, listening=listening)


def test_it_serves_tls_13_and_stops_and_starts_again_on_its_port(folder: Path) -> None:
    (ca,) = certificates.certificates_from_pem((folder / "ca.pem").read_text())
    first = server(folder)
    first.start()
    connection = Connection(first.url, pinned_context(ca))
    assert connection.ask("GET", "/")[2] == b'"here"'
    first.stop()  # with a client still connected
    first.stop()
    second = server(folder, first.port)
    second.start()
    connection.close()
    assert connection.ask("GET", "/")[0] == 200
    connection.close()
    old = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", second.port)) as raw, pytest.raises(OSError):  # noqa: PT011
        old.wrap_socket(raw, server_hostname="127.0.0.1")
    second.stop()


def test_a_server_that_stopped_holds_no_socket(folder: Path) -> None:
    """granian binds one more at each start, to try its address."""

    def sockets() -> int:
        return sum(path.is_socket() for path in Path("/proc/self/fd").iterdir())

    def serve_once() -> None:
        made = server(folder)
        made.start()
        made.stop()

    serve_once()
    before = sockets()
    for _ in range(3):
        serve_once()
    assert sockets() == before


def test_a_taken_port_is_named(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(KnownError) as caught:
        server(folder, taken.getsockname()[1])
    assert caught.value.code == "gateway.port_busy"


def test_a_process_that_can_open_no_file_ends_to_be_started_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers = iter([errno.EMFILE, errno.EMFILE, None, errno.EBADF, *[errno.EMFILE] * 3])

    def dup(_descriptor: int) -> int:
        if (error := next(answers)) is not None:
            raise OSError(error, "")
        return os.open(os.devnull, os.O_RDONLY)

    def end(code: int) -> None:
        raise SystemExit(code)

    slept: list[float] = []
    monkeypatch.setattr("sync.gateway.server.time", SimpleNamespace(sleep=slept.append))
    monkeypatch.setattr(os, "dup", dup)
    monkeypatch.setattr(os, "_exit", end)
    with pytest.raises(SystemExit) as ended:
        end_without_files(look_s=5.0)
    assert ended.value.code == 75
    assert (list(answers), slept) == ([], [5.0] * 7)
    assert "no file can be opened" in caplog.text


@pytest.mark.days
@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_more_silent_connections_than_files_end_the_program(tmp_path: Path) -> None:
    program, folder = (sys.executable, "-m", "fieldkit", "gateway"), str(tmp_path / "center")
    subprocess.run([*program, "init", "--dir", folder, "--dinas", "Uji"], check=True, stdout=subprocess.DEVNULL)
    serve = [*program, "serve", "--dir", folder, "--port", "0"]
    with subprocess.Popen(["prlimit", "--nofile=200", *serve], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        with contextlib.ExitStack() as silent:
            for _ in range(250):
                silent.enter_context(socket.create_connection(("127.0.0.1", port)))
            assert process.wait() == 75


def test_urls_of_ipv6_hosts_have_brackets(folder: Path) -> None:
    made = server(folder)
    made.host = "::1"
    assert made.url == f"https://[::1]:{made.port}"


def test_two_servers_share_one_listening_socket(folder: Path) -> None:
    (ca,) = certificates.certificates_from_pem((folder / "ca.pem").read_text())
    with listen("127.0.0.1", 0) as listening:
        crew = [server(folder, listening=listening.dup()) for _ in range(2)]
        for each in crew:
            each.start()
        for each in crew:
            connection = Connection(each.url, pinned_context(ca))
            assert connection.ask("GET", "/")[2] == b'"here"'
            connection.close()
            each.stop()  # the other one serves on


def test_stopping_what_never_started_is_fine(folder: Path) -> None:
    server(folder).stop()


def test_a_folder_becomes_a_listening_gateway(folder: Path, clock: HandClock, gateway_context: GatewayContext) -> None:
    server = gateway_server(folder, clock)
    server.start()
    connection = Connection(server.url, pinned_context(gateway_context.configuration.ca_certificate))
    assert connection.ask_message("GET", "/health", Health, headers={}).gateway == gateway_context.name
    connection.close()
    server.stop()


def test_without_the_identity_the_opener_runs_elsewhere(folder: Path, gateway_context: GatewayContext) -> None:
    assert opener_of(folder, gateway_context, NikRule()) is not None
    place = folder / "opener.identity"
    place.write_bytes(close_by_passphrase(place.read_bytes(), "x", log_n=4))
    with pytest.raises(InputError, match=r"vault\.identity_locked"):
        opener_of(folder, gateway_context, NikRule())
    place.unlink()
    assert opener_of(folder, gateway_context, NikRule()) is None


def test_an_empty_folder_is_no_gateway(tmp_path: Path, clock: HandClock) -> None:
    with pytest.raises(InputError):
        gateway_server(tmp_path / "nothing", clock)


def test_a_folder_is_served_by_one_program_at_a_time(folder: Path, clock: HandClock) -> None:
    lock = HomeLock(folder / "serving.lock")
    with pytest.raises(InputError) as refusal:
        serve(folder, "127.0.0.1", 0, clock, print)
    assert refusal.value.code == "gateway.served_already"
    lock.release()


def test_what_several_workers_and_an_opener_need_is_said_before_anything_starts(folder: Path, clock: HandClock) -> None:
    with pytest.raises(InputError) as refusal:
        serve(folder, "127.0.0.1", 0, clock, print, Asked(workers=2))
    assert refusal.value.code == "gateway.workers_need_postgresql"
    (folder / "opener.identity").unlink()
    with pytest.raises(InputError) as refusal:
        gateway_server(folder, clock, asked=Asked(opener="inside"))
    assert refusal.value.code == "gateway.no_identity"


def test_an_opener_runs_inside_where_the_rows_stand_in_a_file_or_it_is_asked(folder: Path) -> None:
    large = Places("postgresql+psycopg://gateway@db/gateway", "s3://records")
    opens = [serving(folder, said, opener=who).opens for said in (Places(), large) for who in ("", "none", "inside")]
    assert opens == [True, False, True, False, False, True]
    assert serving(folder, large, workers=3).workers == 3


def test_a_record_store_that_does_not_answer_is_said_before_it_listens(
    folder: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_self: Blobs, _key: str) -> int:
        raise OSError("GenericError")

    monkeypatch.setattr(Blobs, "size", silent)
    with pytest.raises(KnownError) as refusal:
        gateway_server(folder, clock)
    assert refusal.value.problem.code == "gateway.objects_unreachable"


@pytest.mark.days
def test_a_gateway_renews_its_tls_certificate_while_it_serves(
    folder: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[bytes] = []
    run = GatewayServer.run

    def watched(server: GatewayServer, ready: Callable[[GatewayServer], None], is_over: Callable[[], bool]) -> bool:
        def listening(server: GatewayServer) -> None:
            ready(server)
            pem = ssl.get_server_certificate((server.host, server.port), timeout=120)
            shown.append(ssl.PEM_cert_to_DER_cert(pem))
            if len(shown) == 1:
                clock.advance(days=680)  # 730 − 680 days are left: less than sixty
            else:
                threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()

        return run(server, listening, is_over, every_s=0.02)

    monkeypatch.setattr(GatewayServer, "run", watched)
    urls: list[str] = []
    serve(folder, "127.0.0.1", 0, clock, urls.append)
    first, second = shown
    assert (valid_until(second) - valid_until(first)).days == 680
    assert len(urls) == 1


def test_a_disk_that_takes_nothing_leaves_the_certificate_as_it_is(
    folder: Path, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    before = (folder / "tls.pem").read_bytes()
    clock.advance(days=680)
    (folder / "tls.pem.new").mkdir()
    assert not renew_tls(folder, clock)
    assert (folder / "tls.pem").read_bytes() == before
    assert "could not be renewed" in caplog.text
    caplog.clear()
