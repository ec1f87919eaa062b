"""What an applicant was told: by whom, over which channel, in which words, when, and who says that it went out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from urllib.parse import quote

_NO_DIGIT = re.compile(r"[^0-9]")
_COUNTRY = "62"
_LOCAL_DIGITS = range(9, 14)  # of an Indonesian number behind the country's


class Channel(StrEnum):
    """How somebody is told."""

    EMAIL = "email"
    WEBHOOK = "webhook"  # of older versions; nothing sends by it any more
    WHATSAPP = "whatsapp"
    SMS = "sms"
    TELEPHONE = "telephone"
    IN_PERSON = "in_person"


BY_PROGRAM = frozenset({Channel.EMAIL})


@dataclass(frozen=True, slots=True)
class Notice:
    """One message that went out. `is_sent` says that a server took it; else the clerk confirms that it was sent."""

    KIND: ClassVar[str] = "notice"

    thing_id: str
    activity_id: str
    about: str  # thing_id of the application
    channel: Channel
    to: str
    wording: str
    at: datetime
    by: str  # user_id
    is_sent: bool = False

    @property
    def words(self) -> str:
        """The channel: nobody is found by what they were told."""
        return self.channel.value


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """How this kit sends by itself; empty addresses send nothing."""

    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_secret: str = ""
    sender: str = ""

    @property
    def channels(self) -> frozenset[Channel]:
        """Return what can be sent by."""
        return BY_PROGRAM if self.smtp_host and self.sender else frozenset()


def share_link(phone: str, text: str) -> str:
    """Return the link that opens WhatsApp with a text for a number, "" for what is no Indonesian mobile number."""
    digits = _NO_DIGIT.sub("", phone).removeprefix("00")
    local = digits.removeprefix(_COUNTRY) if digits.startswith(_COUNTRY) else digits.removeprefix("0")
    if not local.startswith("8") or len(local) not in _LOCAL_DIGITS:
        return ""
    return f"https://wa.me/{_COUNTRY}{local}?text={quote(text, safe='')}"
