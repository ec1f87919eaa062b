"""How a kit and its users get their certificates: first the CA, believed by its fingerprint, then all else over TLS."""

from __future__ import annotations

import hashlib
import io
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

import segno

from fieldkit.domain.errors import KnownError, Problem, Recovery, TransferError
from fieldkit.domain.notices import NoticeSettings
from fieldkit.ports.clock import Clock
from fieldkit.ports.vault import Signer
from sync.kit.connection import Connection, pinned_context
from sync.kit.parts import RunParts
from sync.kit.transport import DataCenterLink
from sync.protocol.messages import (
    USER_REQUEST_TYP,
    CaAnswer,
    Enrolment,
    EnrolmentAnswer,
    RenewalRequest,
    UserAuthorisation,
    UserEnrolment,
    UserRequest,
)
from sync.protocol.outcomes import NotOfferedError, RunStoppedError


def fetch_ca(url: str, fingerprint: str) -> bytes:
    """Return the dinas CA (DER) when its SHA-256 is the one on the enrolment slip.

    `fingerprint` is hex in any grouping. Raise `TransferError` `sync.ca_fingerprint`.
    """
    # No certificate can be checked before there is a CA; nothing secret is sent, and the fingerprint is the check.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = Connection(url, context)
    try:
        ca_der = connection.ask_message("GET", "/ca", CaAnswer, headers={}).ca_certificate
    finally:
        connection.close()
    wanted = "".join(fingerprint.split()).replace(":", "").replace("-", "").lower()
    if hashlib.sha256(ca_der).hexdigest() != wanted:
        raise TransferError("sync.ca_fingerprint")
    return ca_der


def enrol(url: str, code: str, ca_fingerprint: str, kit_csr: bytes, admin: UserRequest) -> EnrolmentAnswer:
    """Let this kit and its first admin in; asking again with the same keys after a lost answer is safe.

    `kit_csr` is PKCS #10 DER. Raise `TransferError`.
    """
    ca_der = fetch_ca(url, ca_fingerprint)
    connection = Connection(url, pinned_context(ca_der))
    enrolment = Enrolment(code=code, kit_csr=kit_csr, admin=admin)
    try:
        answer = connection.ask_message(
            "POST",
            "/enrol",
            EnrolmentAnswer,
            headers={"Content-Type": "application/json"},
            content=enrolment.model_dump_json().encode(),
        )
    finally:
        connection.close()
    if answer.configuration.ca_certificate != ca_der:
        raise RunStoppedError("sync.nonsense")
    return answer


def add_user(link: DataCenterLink, kit: str, user: UserRequest, admin: Signer, clock: Clock) -> bytes:
    """Return the certificate (DER) for a further user of this kit, on the word of the admin whose key signs."""
    word = UserAuthorisation(
        user_id=user.user_id,
        role=user.role,
        kit=kit,
        csr_sha256=hashlib.sha256(user.csr).hexdigest(),
        at=clock.now(),
    )
    authorisation = admin.sign(word.model_dump(mode="json"), USER_REQUEST_TYP)
    return link.add_user(UserEnrolment(user=user, authorisation=authorisation))


# Hands messages for applicants to the dinas' own mail server (SMTP).
#
# Plain text goes out unencrypted only to this very machine, which is for trying it out.

SECONDS = 20.0
_TLS_PORT = 465
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


class NoticeSender:
    """Implements `fieldkit.ports.messages.Messenger`."""

    def mail(self, settings: NoticeSettings, to: str, subject: str, text: str) -> None:
        """Hand a mail to the server. Raise `TransferError`: `told.refused`, `told.unreachable`."""
        mail = EmailMessage()
        try:
            mail["From"], mail["To"], mail["Subject"] = settings.sender, to, subject
            mail.set_content(text)
            with self._server(settings) as server:
                if settings.smtp_user:
                    server.login(settings.smtp_user, settings.smtp_secret)
                server.send_message(mail)
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError) as refusal:
            code = int(getattr(refusal, "smtp_code", 0))
            raise TransferError("told.refused", host=settings.smtp_host, status=code) from None
        except (OSError, smtplib.SMTPException, ValueError):
            raise TransferError("told.unreachable", host=settings.smtp_host) from None

    def _server(self, settings: NoticeSettings) -> smtplib.SMTP:
        host, port = settings.smtp_host, settings.smtp_port
        if port == _TLS_PORT:
            return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context())
        server = smtplib.SMTP(host, port, timeout=SECONDS)
        try:
            server.ehlo()
            if server.has_extn("starttls") or host not in _HERE:
                server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
        return server

    def qr(self, link: str) -> bytes:
        """Return a PNG, black on white with its margin."""
        made = io.BytesIO()
        segno.make(link, error="m", micro=False).save(made, kind="png", scale=5, border=3)
        return made.getvalue()


# Asks for new certificates before the old ones end: what is sealed with a dead certificate nobody may accept.


@dataclass(frozen=True, slots=True)
class Renewable:
    """A certificate of this kit: when it ends, how long before that a new one is asked for, and who keeps it."""

    ends_at: Callable[[], datetime]
    ahead: timedelta
    request: Callable[[datetime], RenewalRequest]
    keep: Callable[[bytes], None]  # takes DER; raises `KnownError` when it is not the one that was asked for
    over: str = ""  # told once it is over, when nobody renews it any more; "" asks all the same


class Renewing:
    """Renews what ends soon by the data center's clock."""

    def __init__(self, certificates: Sequence[Renewable]) -> None:
        self._certificates = certificates

    def renew(self, parts: RunParts, server_time: datetime) -> None:
        """Ask for each that ends soon. What goes wrong is a note: delivery itself is done by now."""
        for certificate in self._certificates:
            left = certificate.ends_at() - server_time
            if left > certificate.ahead:
                continue
            if certificate.over and left <= timedelta():
                parts.tally.note(Problem(certificate.over, recovery=Recovery.ASK_OFFICE))
                continue
            days = max(left.days, 0)
            try:
                renewed = parts.link.renew(certificate.request(server_time))
                certificate.keep(renewed.certificate)
            except NotOfferedError:
                parts.tally.note(Problem("sync.not_renewed", {"days": days}, Recovery.ASK_OFFICE))
            except KnownError as error:
                parts.tally.note(error.problem)
                parts.tally.note(Problem("sync.not_renewed", {"days": days}, Recovery.ASK_OFFICE))
