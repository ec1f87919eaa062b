from __future__ import annotations

import base64
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import ClassVar, cast

import pytest
from support.clock import NOW
from support.gateway import Kit, Patience, Progress, World
from support.liar import Liar
from support.offers import Offers
from support.outbox import SmallOutbox
from support.scripted_link import ScriptedLink

from fieldkit.domain.errors import TransferError, VaultError
from fieldkit.domain.notices import NoticeSettings
from fieldkit.domain.people import Role
from fieldkit.ports.delivery import Budget, SyncReport
from fieldkit.vault import certificates
from fieldkit.vault.certificates import create_ca, make_csr
from sync.gateway import provision
from sync.kit.engine import SyncEngine
from sync.kit.enrol import NoticeSender, Renewable, Renewing, add_user, enrol, fetch_ca
from sync.kit.parts import RunParts, Tally
from sync.protocol.messages import RenewalRequest, UserRequest
from sync.protocol.outcomes import RunStoppedError


def admin_request(user_id: str = "admin", role: Role = Role.ADMIN_DINAS) -> UserRequest:
    return UserRequest(user_id=user_id, name="Admin", role=role, csr=make_csr(certificates.new_private_key()))


def test_the_ca_is_believed_by_its_fingerprint_only(world: World) -> None:
    wanted = world.provisioned.ca_fingerprint
    ca = fetch_ca(world.url, wanted)
    assert fetch_ca(world.url, wanted.replace(":", "").lower()) == ca
    with pytest.raises(TransferError) as caught:
        fetch_ca(world.url, "00" * 32)
    assert caught.value.code == "sync.ca_fingerprint"


def test_a_kit_keeps_all_it_needs(world: World, kit: Kit) -> None:
    configuration = kit.answer.configuration
    assert kit.answer.kit == "kit-01"
    assert len(configuration.age_recipients) == 2
    assert configuration.profile == {"dinas": "Dinas Uji"}
    assert certificates.fingerprint(configuration.ca_certificate) == world.provisioned.ca_fingerprint


@pytest.mark.parametrize(
    ("code", "admin", "expected"),
    [
        ("WRONG", admin_request(), "sync.enrol_code_wrong"),
        ("", admin_request("siti"), "sync.enrol_admin_differs"),
    ],
)
def test_a_refused_enrolment_says_why(world: World, code: str, admin: UserRequest, expected: str) -> None:
    slip = provision.enrol_code(world.folder, world.url, "kit-02", "admin", world.clock)
    with pytest.raises(TransferError) as caught:
        enrol(slip.url, code or slip.code, slip.ca_fingerprint, make_csr(certificates.new_private_key()), admin)
    assert caught.value.code == expected


def test_an_answer_lost_on_the_way_can_be_asked_for_again(world: World) -> None:
    slip = provision.enrol_code(world.folder, world.url, "kit-02", "admin", world.clock)
    csr, admin = make_csr(certificates.new_private_key()), admin_request()
    world.stop()
    world.start(Liar("POST", "/enrol", 502, passes_first=True, times=1))
    with pytest.raises(TransferError):
        enrol(slip.url, slip.code, slip.ca_fingerprint, csr, admin)
    assert enrol(slip.url, slip.code, slip.ca_fingerprint, csr, admin).kit == "kit-02"


def test_only_an_admin_adds_users(world: World, kit: Kit) -> None:
    link = kit.link(world.url)
    user = admin_request("budi", Role.PETUGAS_PEREKAMAN)
    certificate = add_user(link, kit.name, user, kit.admin_signer, kit.clock)
    assert certificates.load_certificate(certificate)
    with pytest.raises(TransferError) as caught:
        add_user(link, kit.name, admin_request("siti", Role.LOKET), kit.signer, kit.clock)
    assert caught.value.code == "sync.user_not_authorised"
    link.close()


def test_a_data_center_that_names_another_authority_than_its_own_is_not_believed(world: World, kit: Kit) -> None:
    stranger = create_ca("Dinas Lain", world.clock.now()).certificate_der
    named = kit.answer.configuration.model_copy(update={"ca_certificate": stranger})
    answer = kit.answer.model_copy(update={"configuration": named}).model_dump_json().encode()
    world.stop()
    world.start(Liar("POST", "/enrol", 200, answer, {"Content-Type": "application/json"}))
    slip = provision.enrol_code(world.folder, world.url, "kit-02", "admin", world.clock)
    with pytest.raises(RunStoppedError, match=r"sync\.nonsense"):
        enrol(slip.url, slip.code, slip.ca_fingerprint, make_csr(certificates.new_private_key()), admin_request())


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


AHEAD = timedelta(days=180)
ANSWER = {"certificate": base64.b64encode(b"new").decode()}


def run(
    world: World, kit: Kit, outbox: SmallOutbox, ends_at: datetime, offers: Offers, kept: list[bytes], over: str = ""
) -> SyncReport:
    def keep(certificate: bytes) -> None:
        if certificate != b"new":
            raise VaultError("vault.signing_key")
        kept.append(certificate)

    world.stop()
    world.start(offers)
    renewable = Renewable(lambda: ends_at, AHEAD, lambda _: RenewalRequest(csr=b"csr", word="w"), keep, over)
    engine = SyncEngine(outbox, kit.link(world.url), kit.receipts, kit.clock, Random(1), renewing=Renewing([renewable]))
    return engine.run_once(Budget(), Progress(), Patience())


def test_what_ends_soon_by_the_centers_clock_is_renewed(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    offers, kept = Offers(renewals=lambda _: (200, ANSWER)), list[bytes]()
    now = world.clock.now()
    kit.clock = type(kit.clock)(now + timedelta(days=3000))  # the laptop's clock decides nothing
    run(world, kit, outbox, now + timedelta(days=181), offers, kept)
    assert (kept, offers.asked) == ([], [])
    report = run(world, kit, outbox, now + timedelta(days=179), offers, kept)
    assert (kept, report.notes, report.stopped_by) == ([b"new"], (), None)
    assert offers.asked == [("/renewals", {"csr": base64.b64encode(b"csr").decode(), "word": "w"})]


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (404, {"detail": "Not Found"}),
        (422, {"code": "renewal.refused"}),
        (403, {"code": "auth.no"}),
        (500, {}),
        (200, {"certificate": "?"}),
        (200, {"certificate": base64.b64encode(b"another").decode()}),
    ],
)
def test_a_renewal_that_fails_is_told_with_the_days_left(
    world: World, kit: Kit, outbox: SmallOutbox, status: int, answer: dict[str, object]
) -> None:
    record_id, kept = kit.queue(outbox, size=5000), list[bytes]()
    ends_at = world.clock.now() + timedelta(days=30, hours=1)
    report = run(world, kit, outbox, ends_at, Offers(renewals=lambda _: (status, answer)), kept)
    assert (kept, report.acknowledged, report.stopped_by) == ([], (record_id,), None)
    assert report.notes[-1].code == "sync.not_renewed"
    assert report.notes[-1].params == {"days": 30}
    assert len(report.notes) == (1 if "detail" in answer else 2), "why, unless the data center is older than this"


def test_what_is_over_is_not_asked_for_where_nobody_renews_it(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    ended, offers = world.clock.now() - timedelta(days=71), Offers(renewals=lambda _: (403, {"code": "auth.no"}))
    report = run(world, kit, outbox, ended, offers, [], "sync.user_over")
    assert ([note.code for note in report.notes], offers.asked) == (["sync.user_over"], [])
    report = run(world, kit, outbox, ended, offers, [])
    assert (report.notes[-1].params, len(offers.asked)) == ({"days": 0}, 1)


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("left", "over", "kept", "notes"),
    [
        (AHEAD + SECOND, "", [], []),
        (AHEAD, "", [b"new"], []),
        (SECOND, "sync.user_over", [b"new"], []),
        (timedelta(0), "sync.user_over", [], ["sync.user_over"]),
        (timedelta(0), "", [b"new"], []),
    ],
)
def test_it_is_asked_for_from_a_moment_on_and_until_it_ends(
    left: timedelta, over: str, kept: list[bytes], notes: list[str]
) -> None:
    came, tally = list[bytes](), Tally(NOW)
    parts = SimpleNamespace(tally=tally, link=ScriptedLink(renew=[SimpleNamespace(certificate=b"new")]))
    asks = Renewable(lambda: NOW + left, AHEAD, lambda _: RenewalRequest(csr=b"csr", word="w"), came.append, over)
    Renewing([asks]).renew(cast("RunParts", parts), NOW)
    assert (came, [note.code for note in tally.notes]) == (kept, notes)
