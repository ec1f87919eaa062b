"""What messages are sent by; mail and web libraries are loaded when they are first needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from fieldkit.domain.notices import NoticeSettings

if TYPE_CHECKING:
    from sync.kit.notices import NoticeSender


class LaptopMessenger:
    """Implements `Messenger`."""

    @cached_property
    def _sender(self) -> NoticeSender:
        from sync.kit.notices import NoticeSender

        return NoticeSender()

    def mail(self, settings: NoticeSettings, to: str, subject: str, text: str) -> None:
        """Hand a mail to the configured server."""
        self._sender.mail(settings, to, subject, text)

    def post(self, settings: NoticeSettings, to: str, registration: str, text: str) -> None:
        """Post a message to the configured webhook."""
        self._sender.post(settings, to, registration, text)

    def qr(self, link: str) -> bytes:
        """Return a PNG of the QR code of a link."""
        return self._sender.qr(link)
