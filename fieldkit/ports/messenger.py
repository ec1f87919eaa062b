"""Sends messages out of the kit, and draws the code of a link."""

from __future__ import annotations

from typing import Protocol

from fieldkit.domain.notices import NoticeSettings


class Messenger(Protocol):
    """The way out. Calls block: run them off the store."""

    def mail(self, settings: NoticeSettings, to: str, subject: str, text: str) -> None:
        """Hand a mail to the configured server. Raise `TransferError("told.…")`: it did not take it."""
        ...

    def post(self, settings: NoticeSettings, to: str, registration: str, text: str) -> None:
        """Post a message to the configured webhook. Raise `TransferError("told.…")`."""
        ...

    def qr(self, link: str) -> bytes:
        """Return a PNG of the QR code of a link."""
        ...
