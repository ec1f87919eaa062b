from __future__ import annotations

import contextlib
import errno
import os
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI

from fieldkit.domain.errors import KnownError
from fieldkit.vault import keys
from sync.gateway.provision import tls_files
from sync.gateway.server import GatewayServer, end_without_files, listen
from sync.kit.connection import Connection, pinned_context


def server(folder: Path, port: int = 0, listening: socket.socket | None = None) -> GatewayServer:
    app = FastAPI(openapi_url=None)

    @app.get("/")
    def here() -> str:
        return "here"

    return GatewayServer(app, *tls_files(folder), "127.0.0.1", port, listening=listening)


def test_it_serves_tls_13_and_stops_and_starts_again_on_its_port(folder: Path) -> None:
    (ca,) = keys.certificates_from_pem((folder / "ca.pem").read_text())
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
    (ca,) = keys.certificates_from_pem((folder / "ca.pem").read_text())
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
