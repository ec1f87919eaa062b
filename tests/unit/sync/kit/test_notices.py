from __future__ import annotations

import json
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import ClassVar

import httpx2
import pytest

from fieldkit.domain.errors import TransferError
from fieldkit.domain.notices import NoticeSettings
from sync.kit.notices import NoticeSender

HERE = "127.0.0.1"


class MailServer:
    """As much of RFC 5321 as one mail needs."""

    def __init__(self, refuses: bool = False) -> None:
        self._socket = socket.create_server((HERE, 0))
        self._refuses, self.mail = refuses, ""
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        line, _ = self._socket.accept()
        with line, line.makefile("rwb", buffering=0) as stream:
            stream.write(b"220 contoh\r\n")
            for said in iter(stream.readline, b""):
                word = said[:4].upper()
                if word == b"RCPT" and self._refuses:
                    stream.write(b"550 no such user\r\n")
                elif word == b"DATA":
                    stream.write(b"354 go on\r\n")
                    lines = list(iter(stream.readline, b".\r\n"))
                    self.mail = b"".join(lines).decode()
                    stream.write(b"250 taken\r\n")
                elif word == b"QUIT":
                    stream.write(b"221 bye\r\n")
                    return
                else:
                    stream.write(b"250 ok\r\n")

    def close(self) -> None:
        self._socket.close()
        self._thread.join()


class Hook(BaseHTTPRequestHandler):
    """Keeps what was posted."""

    status: ClassVar[int] = 202
    posted: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posted.append((self.headers.get("Authorization", ""), json.loads(body)))
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[str]:
    Hook.posted, Hook.status = [], 202
    server = HTTPServer((HERE, 0), Hook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://{HERE}:{server.server_port}/kirim"
    server.shutdown()
    thread.join()
    server.server_close()


def closed_port() -> int:
    with socket.create_server((HERE, 0)) as taken:
        return int(taken.getsockname()[1])


def mail_settings(port: int, host: str = HERE) -> NoticeSettings:
    return NoticeSettings(smtp_host=host, smtp_port=port, sender="loket@contoh.test")


def test_mail_is_handed_to_the_server() -> None:
    server = MailServer()
    NoticeSender().mail(mail_settings(server.port), "siti@contoh.test", "Permohonan R-1", "Lengkap dan diproses.")
    server.close()
    assert "To: siti@contoh.test" in server.mail
    assert "Lengkap dan diproses." in server.mail


def test_mail_that_the_server_refuses_is_said_with_its_answer() -> None:
    server = MailServer(refuses=True)
    with pytest.raises(TransferError) as refused:
        NoticeSender().mail(mail_settings(server.port), "siapa@contoh.test", "Permohonan R-1", "x")
    server.close()
    assert refused.value.code == "told.refused"


def test_server_that_is_away_is_said_without_any_secret() -> None:
    settings = NoticeSettings(
        smtp_host=HERE, smtp_port=closed_port(), sender="loket@contoh.test", smtp_user="loket", smtp_secret="r4hasia"
    )
    with pytest.raises(TransferError) as away:
        NoticeSender().mail(settings, "siti@contoh.test", "Permohonan R-1", "x")
    assert away.value.code == "told.unreachable"
    assert "r4hasia" not in repr(away.value.problem)


@pytest.mark.parametrize("to", ["siti@contoh.test\r\nBcc: lain@contoh.test", "siti\n"])
def test_address_cannot_smuggle_a_head_into_a_mail(to: str) -> None:
    with pytest.raises(TransferError, match=r"told\.unreachable"):
        NoticeSender().mail(mail_settings(closed_port()), to, "Permohonan R-1", "x")


def test_webhook_gets_number_text_and_key(hook: str) -> None:
    settings = NoticeSettings(webhook=hook, webhook_secret="kunci")
    NoticeSender().post(settings, "081234567890", "R-1", "Lengkap dan diproses.")
    told = {"to": "081234567890", "registration": "R-1", "text": "Lengkap dan diproses."}
    assert Hook.posted == [("Bearer kunci", told)]


@pytest.mark.parametrize("status", [302, 401, 500])
def test_webhook_that_does_not_take_it_is_said(hook: str, status: int) -> None:
    Hook.status = status
    with pytest.raises(TransferError) as refused:
        NoticeSender().post(NoticeSettings(webhook=hook), "0812", "R-1", "x")
    assert (refused.value.code, refused.value.problem.params["status"]) == ("told.refused", status)


def test_webhook_without_encryption_gets_nothing_but_on_this_machine() -> None:
    with pytest.raises(TransferError, match=r"told\.not_encrypted"):
        NoticeSender().post(NoticeSettings(webhook="http://contoh.test/kirim"), "0812", "R-1", "x")
    with pytest.raises(TransferError, match=r"told\.not_encrypted") as caught:
        NoticeSender().post(NoticeSettings(webhook="contoh"), "0812", "R-1", "x")
    assert caught.value.problem.params == {"host": "contoh"}
    with pytest.raises(TransferError, match=r"told\.unreachable"):
        NoticeSender().post(NoticeSettings(webhook=f"http://{HERE}:{closed_port()}/"), "0812", "R-1", "x")


def test_qr_is_a_picture() -> None:
    assert NoticeSender().qr("https://wa.me/62812").startswith(b"\x89PNG")


class Smtp:
    """A server elsewhere, and what it is told in which order."""

    offers: ClassVar[frozenset[str]] = frozenset()
    told: ClassVar[list[str]] = []

    def __init__(self, host: str, port: int, timeout: float, context: ssl.SSLContext | None = None) -> None:
        assert context is None or context.verify_mode is ssl.CERT_REQUIRED
        self.told += [f"{'tls' if context else 'plain'} {host}:{port}"]

    def __enter__(self) -> Smtp:
        return self

    def __exit__(self, *_: object) -> None:
        self.told.append("quit")

    def has_extn(self, name: str) -> bool:
        return "ehlo" in self.told and name in self.offers

    def starttls(self, context: ssl.SSLContext) -> None:
        assert context.verify_mode is ssl.CERT_REQUIRED
        if "starttls" not in self.offers:
            raise smtplib.SMTPNotSupportedError
        self.told.append("starttls")

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: self.told.append(name)


SAID = ["login", "send_message", "quit"]


@pytest.mark.parametrize(
    ("host", "port", "offers", "told"),
    [
        ("mail.example", 465, "", ["tls mail.example:465", *SAID]),
        ("mail.example", 587, "starttls", ["plain mail.example:587", "ehlo", "starttls", *SAID]),
        (HERE, 25, "starttls", [f"plain {HERE}:25", "ehlo", "starttls", *SAID]),
        *((here, 25, "", [f"plain {here}:25", "ehlo", *SAID]) for here in (HERE, "::1", "localhost")),
        ("mail.example", 587, "", ["plain mail.example:587", "ehlo", "close"]),
    ],
)
def test_nothing_is_told_elsewhere_in_the_clear(
    monkeypatch: pytest.MonkeyPatch, host: str, port: int, offers: str, told: list[str]
) -> None:
    monkeypatch.setattr(smtplib, "SMTP", Smtp)
    monkeypatch.setattr(smtplib, "SMTP_SSL", Smtp)
    monkeypatch.setattr(Smtp, "told", [])
    monkeypatch.setattr(Smtp, "offers", frozenset({offers}))
    settings = NoticeSettings(smtp_host=host, smtp_port=port, sender="a@b.example", smtp_user="u", smtp_secret="s")
    if "close" in told:
        with pytest.raises(TransferError, match=r"told\.refused") as caught:
            NoticeSender().mail(settings, "c@d.example", "x", "y")
        assert caught.value.problem.params == {"host": host, "status": 0}
    else:
        NoticeSender().mail(settings, "c@d.example", "x", "y")
    assert Smtp.told == told


def test_the_answer_of_a_server_that_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(Smtp):
        def login(self, *_: object) -> None:
            raise smtplib.SMTPAuthenticationError(535, b"no")

    monkeypatch.setattr(smtplib, "SMTP", Refusing)
    monkeypatch.setattr(Smtp, "told", [])
    settings = NoticeSettings(smtp_host=HERE, smtp_port=25, sender="a@b.example", smtp_user="u", smtp_secret="s")
    with pytest.raises(TransferError, match=r"told\.refused") as caught:
        NoticeSender().mail(settings, "c@d.example", "x", "y")
    assert caught.value.problem.params == {"host": HERE, "status": 535}


@pytest.mark.parametrize(
    ("status", "is_taken"), [(199, False), (200, True), (299, True), (300, False), (307, False), (404, False)]
)
def test_a_hook_that_sends_elsewhere_is_not_followed(
    monkeypatch: pytest.MonkeyPatch, status: int, is_taken: bool
) -> None:
    class Client:
        def __init__(self, timeout: float, follow_redirects: bool) -> None:
            assert not follow_redirects

        def __enter__(self) -> Client:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def post(self, *_: object, **__: object) -> SimpleNamespace:
            return SimpleNamespace(status_code=status)

    monkeypatch.setattr(httpx2, "Client", Client)
    settings = NoticeSettings(webhook="https://hook.example/x")
    if is_taken:
        NoticeSender().post(settings, "a", "b", "c")
    else:
        with pytest.raises(TransferError, match=r"told\.refused"):
            NoticeSender().post(settings, "a", "b", "c")
