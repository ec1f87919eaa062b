"""Clients that hold connections and say nothing, or almost nothing; a good client is served meanwhile."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.gateway import World
from support.tries import some_of

from sync.kit.connection import Connection, pinned_context
from sync.protocol.messages import PROTOCOL_VERSION, Announcement, Health, HelloAnswer
from sync.protocol.outcomes import RunStoppedError

ELSEWHERE = "127.0.0.2"  # another address of this machine: who floods is not who works
IDLE_BODY = b"POST /enrol HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
IDLE_UPLOAD = b"PATCH /tus/x HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nContent-Length: 900\r\n\r\n"
HALF_A_HEADER = b"GET /health HTTP/1.1\r\nHo"
NOTHING = b""
PATIENCE_S = 300.0  # with a gateway that answers nobody
NEVER_S = 3600  # a gateway with such a patience gives up nobody while a test runs


@pytest.fixture
def crowd() -> Iterator[ExitStack]:
    with ExitStack() as lines:
        yield lines


def limited(folder: Path, **limits: float) -> World:
    world = World(folder)
    settings = json.loads((folder / "gateway.json").read_text())
    (folder / "gateway.json").write_text(json.dumps({**settings, "limits": limits}))
    world.start()
    return world


def opened(world: World, crowd: ExitStack, said: bytes, source: str = ELSEWHERE) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(world.folder / "ca.pem"))
    raw = socket.create_connection(("127.0.0.1", world.port), timeout=PATIENCE_S, source_address=(source, 0))
    line = crowd.enter_context(context.wrap_socket(raw, server_hostname="127.0.0.1"))
    line.sendall(said)
    return line


def health(world: World, stall_s: float = PATIENCE_S) -> str:
    connection = Connection(world.url, pinned_context(world.gateway_context.configuration.ca_certificate), stall_s)
    try:
        return connection.ask_message("GET", "/health", Health, headers={}).status
    finally:
        connection.close()


@pytest.mark.days
@pytest.mark.parametrize("said", some_of([IDLE_BODY, IDLE_UPLOAD, HALF_A_HEADER, NOTHING], 1))
def test_two_hundred_idle_clients_stop_nobody(tmp_path: Path, crowd: ExitStack, said: bytes) -> None:
    world = limited(tmp_path / "g", header_silence=NEVER_S, body_silence=NEVER_S)
    for _ in range(200):
        opened(world, crowd, said)
    assert health(world) == "ok"
    crowd.close()  # a gateway that stops waits for what is under way, for a while
    world.stop()


def test_this_test_sees_a_gateway_that_is_stopped(tmp_path: Path, crowd: ExitStack) -> None:
    world = limited(tmp_path / "g", connections=8, body_silence=NEVER_S)
    for _ in range(8):
        opened(world, crowd, IDLE_BODY)
    with pytest.raises(RunStoppedError) as stopped:
        health(world, 0.5)
    assert stopped.value.code == "sync.unreachable"
    crowd.close()
    assert health(world) == "ok"
    world.stop()


def answer_of(line: ssl.SSLSocket) -> tuple[int, str]:
    """Return status and code, after the gateway closed the connection."""
    whole = b""
    while piece := line.recv(65536):
        whole += piece
    head, _, body = whole.partition(b"\r\n\r\n")
    return int(head.split()[1]), str(json.loads(body)["code"])


def test_a_body_that_does_not_come_is_given_up(tmp_path: Path, crowd: ExitStack) -> None:
    world = limited(tmp_path / "g", body_silence=0.3, connections=8)
    for said in (IDLE_BODY, IDLE_BODY + b"{", IDLE_BODY.replace(b"/enrol", b"/token")):
        assert answer_of(opened(world, crowd, said)) == (408, "client.slow")
    # Who holds every connection holds them for that long only.
    for _ in range(8):
        opened(world, crowd, IDLE_BODY)
    assert health(world) == "ok"
    crowd.close()
    world.stop()


def test_what_came_of_an_upload_that_stalls_is_kept(tmp_path: Path, crowd: ExitStack) -> None:
    world = limited(tmp_path / "g", body_silence=1.0)  # on a busy machine the kit itself is silent for a while
    kit = world.enrol_kit("kit-01")
    record_id, manifest, sealed, _ = kit.record(size=100_000)
    with kit.link(world.url) as link:
        link.announce(Announcement(manifests=(manifest,)))
        assert link.open_upload(record_id, len(sealed)).answer() == 0
        head = (
            f"PATCH /tus/{record_id} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
            f"Authorization: Bearer {kit.token(world.gateway_context)}\r\n"
            f"Content-Type: application/offset+octet-stream\r\n"
            f"Content-Length: {len(sealed)}\r\n\r\n"
        )
        line = opened(world, crowd, head.encode() + sealed[:40_000])
        assert answer_of(line) == (408, "client.slow")
        assert link.open_upload(record_id, len(sealed)).answer() == 40_000
    world.stop()


def test_a_body_that_trickles_is_given_up(tmp_path: Path, crowd: ExitStack) -> None:
    world = limited(tmp_path / "g", rate_window=0.4, slowest_bytes_per_s=1000)
    line = opened(world, crowd, IDLE_BODY)

    def is_closed() -> bool:
        try:
            line.sendall(b" ")
        except OSError:
            return True
        time.sleep(0.05)
        return False

    assert any(is_closed() for _ in range(500))  # of 900 bytes
    crowd.close()
    world.stop()


def test_a_header_that_does_not_come_ends_the_connection(tmp_path: Path, crowd: ExitStack) -> None:
    world = limited(tmp_path / "g", header_silence=0.3)
    for said in (HALF_A_HEADER, NOTHING):
        line = opened(world, crowd, said)
        assert b"200" not in line.recv(1000)
    crowd.close()
    world.stop()


def test_one_address_has_so_many_requests_at_a_time(tmp_path: Path, crowd: ExitStack) -> None:
    world = limited(tmp_path / "g", requests_per_address=20, body_silence=NEVER_S)
    for _ in range(20):
        opened(world, crowd, IDLE_BODY)
    ask = b"GET /ca HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    # The last of them may still be on their way through TLS.
    assert any(answer_of(opened(world, crowd, ask))[0] == 429 for _ in range(300))
    assert health(world) == "ok"  # from another address
    crowd.close()
    world.stop()


@pytest.mark.days
def test_a_refused_client_can_finish_its_chunk_and_read_why(tmp_path: Path, crowd: ExitStack) -> None:
    world = limited(tmp_path / "g")
    chunk = bytes(4 * 1024 * 1024)
    head = IDLE_UPLOAD.replace(b"900", str(len(chunk)).encode()).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    for _ in range(10):
        assert answer_of(opened(world, crowd, head + chunk)) == (401, "auth.token_missing")
    crowd.close()
    world.stop()


def test_a_slow_but_steady_client_is_served(tmp_path: Path, crowd: ExitStack) -> None:
    world = limited(tmp_path / "g", rate_window=1.0, slowest_bytes_per_s=20)
    body = json.dumps({"protocol": 1, "kit": "k", "kit_time": "2026-11-21T03:00:00Z", "program": "x" * 100}).encode()
    head = f"POST /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    line = opened(world, crowd, head.encode() + b"Content-Type: application/json\r\n\r\n")
    for at in range(0, len(body), 10):
        line.sendall(body[at : at + 10])
        time.sleep(0.1)
    whole = b""
    while piece := line.recv(65536):
        whole += piece
    assert HelloAnswer.model_validate_json(whole.partition(b"\r\n\r\n")[2]).protocol == PROTOCOL_VERSION
    crowd.close()
    world.stop()


def test_a_gateway_stops_although_a_client_never_ends(tmp_path: Path, crowd: ExitStack) -> None:
    world = limited(tmp_path / "g", stop_patience=0.2, body_silence=NEVER_S)
    for _ in range(3):
        opened(world, crowd, IDLE_BODY)
    assert health(world) == "ok"
    world.stop()
    world.start()
    assert health(world) == "ok"
    world.stop()
