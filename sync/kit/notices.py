"""Hands messages for applicants to the dinas' own mail server (SMTP) or webhook (JSON over HTTPS).

Plain text goes out unencrypted only to this very machine, which is for trying it out.
"""

from __future__ import annotations

import io
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import urlsplit

import httpx2
import segno

from fieldkit.domain.errors import TransferError
from fieldkit.domain.notices import NoticeSettings

SECONDS = 20.0
_TLS_PORT = 465
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


class NoticeSender:
    """Implements `fieldkit.ports.messenger.Messenger`."""

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

    def post(self, settings: NoticeSettings, to: str, registration: str, text: str) -> None:
        """Post a message. Raise `TransferError`: `told.not_encrypted`, `told.refused`, `told.unreachable`."""
        place = urlsplit(settings.webhook)
        host = place.hostname or settings.webhook
        if place.scheme != "https" and host not in _HERE:
            raise TransferError("told.not_encrypted", host=host)
        head = {"Authorization": f"Bearer {settings.webhook_secret}"} if settings.webhook_secret else {}
        told = {"to": to, "registration": registration, "text": text}
        try:
            with httpx2.Client(timeout=SECONDS, follow_redirects=False) as client:
                status = client.post(settings.webhook, json=told, headers=head).status_code
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError):
            raise TransferError("told.unreachable", host=host) from None
        if not 200 <= status < 300:
            raise TransferError("told.refused", host=host, status=status)

    def qr(self, link: str) -> bytes:
        """Return a PNG, black on white with its margin."""
        made = io.BytesIO()
        segno.make(link, error="m", micro=False).save(made, kind="png", scale=5, border=3)
        return made.getvalue()
