from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator

import h11
import httpx2
import pytest
from support.gateway import Kit, World
from support.liar import Liar
from support.standstill import wait_until

from sync.kit.connection import Connection, DialError, code_of, pinned_context, trouble_in
from sync.kit.pipeline import LineEndedError
from sync.protocol.messages import Health
from sync.protocol.outcomes import RunStoppedError


def stopped(code: str) -> object:
    return pytest.raises(RunStoppedError, match=f"^{code}")


def test_only_the_pinned_ca_is_trusted(kit: Kit) -> None:
    context = pinned_context(kit.answer.configuration.ca_certificate)
    assert len(context.get_ca_certs()) == 1
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_3


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1:1", "sync.unreachable"),
        ("ftp://127.0.0.1", "sync.address_wrong"),
        ("not an address", "sync.address_wrong"),
    ],
)
def test_where_nobody_answers(kit: Kit, url: str, code: str) -> None:
    connection = Connection(url, pinned_context(kit.answer.configuration.ca_certificate))
    connection.close()  # nothing was dialled yet
    with stopped(code):
        connection.ask("GET", "/health")
    connection.close()


def test_another_name_than_the_certificates_is_refused(world: World, kit: Kit) -> None:
    connection = Connection(f"https://127.0.0.2:{world.port}", pinned_context(kit.answer.configuration.ca_certificate))
    with pytest.raises(RunStoppedError) as caught:
        connection.ask("GET", "/health")
    connection.close()
    assert caught.value.code in ("sync.untrusted_server", "sync.unreachable")


def test_redirects_are_not_followed(world: World, kit: Kit) -> None:
    world.stop()
    world.start(Liar("GET", "/health", 307, headers={"Location": "https://127.0.0.1:1/"}))
    connection = Connection(world.url, pinned_context(kit.answer.configuration.ca_certificate))
    with stopped("sync.nonsense"):
        connection.ask_message("GET", "/health", Health, headers={})
    connection.close()


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (409, b'{"code": "x.y"}', "x.y"),
        (400, b'{"code": "x.y"}', "x.y"),
        (409, b"<html>", ""),
        (200, b'{"code": "x.y"}', ""),
        (500, b"[]", ""),
    ],
)
def test_the_code_of_a_refusal(status: int, body: bytes, code: str) -> None:
    assert trouble_in(status, body) == code


def test_an_answer_without_end_is_nonsense(world: World, kit: Kit) -> None:
    world.stop()
    world.start(Liar("GET", "/health", 200, bytes(4 * 1024 * 1024)))
    connection = Connection(world.url, pinned_context(kit.answer.configuration.ca_certificate))
    status, _, body = connection.ask("GET", "/health")
    assert (status, len(body)) == (200, 4 * 1024 * 1024)
    world.stop()
    world.start(Liar("GET", "/health", 200, bytes(4 * 1024 * 1024 + 1)))
    connection.close()
    with stopped("sync.nonsense"):
        connection.ask("GET", "/health")
    connection.close()


class Plain:
    """Answers one question a connection, then hangs up without a word about it."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            with near:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += near.recv(1000)
                self.heads.append(head.decode())
                near.sendall(b"HTTP/1.1 204 No\r\n\r\n")

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()


@pytest.fixture
def plain() -> Iterator[Plain]:
    made = Plain()
    yield made
    made.close()


def test_who_was_hung_up_on_dials_again(plain: Plain) -> None:
    connection = Connection(plain.url, ssl.create_default_context())
    for asked in range(3):
        assert connection.ask("GET", "/health")[0] == 204
        while len(plain.heads) <= asked or not connection._pipeline or not connection._pipeline.is_over:
            assert connection._pipeline
            connection._pipeline.look()
    connection.close()
    assert len(plain.heads) == 3


def test_an_answer_that_has_come_is_seen_without_waiting_for_it(plain: Plain) -> None:
    connection = Connection(plain.url, ssl.create_default_context())
    question = connection.begin("GET", "/")
    wait_until(lambda: question.is_answered)
    connection.close()
    assert question.answer()[0] == 204


@pytest.mark.parametrize(
    ("base", "path", "target"),
    [
        ("", "/a?b=c%20d", "/a?b=c%20d"),
        ("/", "/a", "/a"),
        ("/behind", "/a b", "/behind/a%20b"),
        ("", "//elsewhere.example/a", "//elsewhere.example/a"),
    ],
)
def test_a_question_says_where_it_goes(plain: Plain, base: str, path: str, target: str) -> None:
    connection = Connection(plain.url + base, ssl.create_default_context())
    connection.ask("GET", path)
    connection.close()
    head, *lines = plain.heads[0].lower().split("\r\n")
    assert head == f"get {target} http/1.1".lower()
    assert f"host: {plain.url.removeprefix('http://')}" in lines
    assert "accept-encoding: identity" in lines
    assert not any(line.startswith("content-length") for line in lines)


def test_a_question_with_a_body_says_how_long_it_is(plain: Plain) -> None:
    connection = Connection(plain.url, ssl.create_default_context())
    for method, content in (("POST", b""), ("POST", b"ab"), ("PATCH", b"")):
        connection.ask(method, "/", content=content)
        assert f"content-length: {len(content)}" in plain.heads[-1].lower()
        connection.close()


def test_what_no_header_may_hold_is_told_with_the_answer(plain: Plain) -> None:
    connection = Connection(plain.url, ssl.create_default_context())
    question = connection.begin("GET", "/", headers={"X": "a\r\nb"})
    assert question.is_answered
    with stopped("sync.connection_lost"):
        question.answer()
    assert plain.heads == []


def test_silence_is_told_as_such_and_hung_up_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        connection = Connection(f"http://127.0.0.1:{deaf.getsockname()[1]}", ssl.create_default_context(), 0.05)
        for content in (b"", bytes(64 * 1024 * 1024)):
            question = connection.begin("POST", "/", content=content)
            with stopped("sync.stalled"):
                question.answer()
        connection.close()


def distrusted(verify_code: int) -> DialError:
    cause = ssl.SSLCertVerificationError("no")
    cause.verify_code = verify_code
    return because(cause)


def because(cause: OSError) -> DialError:
    error = DialError()
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TimeoutError(), "sync.stalled"),
        (because(ConnectionRefusedError()), "sync.unreachable"),
        (because(TimeoutError()), "sync.unreachable"),
        (because(socket.gaierror(socket.EAI_NONAME, "no")), "sync.name_unknown"),
        (because(socket.gaierror(socket.EAI_AGAIN, "no")), "sync.unreachable"),
        (distrusted(10), "sync.clock_or_certificate"),
        (distrusted(62), "sync.name_not_certified"),
        (distrusted(64), "sync.name_not_certified"),
        (distrusted(18), "sync.untrusted_server"),
        (httpx2.InvalidURL("http://["), "sync.address_wrong"),
        (h11.RemoteProtocolError("no HTTP"), "sync.connection_lost"),
        (LineEndedError(), "sync.connection_lost"),
        (ConnectionResetError(), "sync.connection_lost"),
        (UnicodeDecodeError("ascii", b"\xff", 0, 1, "no"), "sync.nonsense"),
    ],
)
def test_every_failure_of_the_line_has_its_code(error: Exception, code: str) -> None:
    assert code_of(error) == code
