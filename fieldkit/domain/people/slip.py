"""The enrolment slip of the office: address, one-time code and the fingerprint of the CA, and whom it is for."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Compiled when a slip is read: each start of the program passes here.
_URL = r"https://[^\s\"',;]+"
_CODE = r"(?<![\w-])[A-Z2-7]{4}(?:-[A-Z2-7]{4}){4}(?![\w-])"
# SHA-256 in hex, whole or in pairs between colons; one in other groups is typed into its own field.
_FINGERPRINT = r"(?<![\w:])(?:(?:[0-9A-F]{2}:){31}[0-9A-F]{2}|[0-9A-F]{64})(?![\w:])"
_KIT = r"\b(?:kit|laptop)\"?\s*[=:]\s*\"?([A-Za-z0-9][A-Za-z0-9._-]*)"
_ADMIN = r"\badmin\"?\s*[=:]\s*\"?([a-z0-9][a-z0-9._-]*)"


@dataclass(frozen=True, slots=True)
class Slip:
    """What the slip says; older ones do not name kit and admin."""

    url: str
    code: str
    ca_fingerprint: str
    kit: str = ""
    admin: str = ""

    @property
    def is_whole(self) -> bool:
        """Return whether a kit can be enrolled with it."""
        return bool(self.url and self.code and self.ca_fingerprint)

    @property
    def line(self) -> str:
        """Return the slip in one line: what its QR code holds, and what can be pasted."""
        whom = (f" kit={self.kit}" if self.kit else "") + (f" admin={self.admin}" if self.admin else "")
        return f"{self.url} {self.code} {self.ca_fingerprint}{whom}"


NO_SLIP = Slip("", "", "")


def slip_in(text: str) -> Slip:
    """Return what a text holds of a slip, however it is laid out: one line, as printed, JSON. What is missing is ""."""
    return Slip(
        *(
            "".join(found.group() for found in (_found(pattern, text),) if found)
            for pattern in (_URL, _CODE, _FINGERPRINT)
        ),
        *("".join(found.group(1) for found in (_found(pattern, text),) if found) for pattern in (_KIT, _ADMIN)),
    )


def _found(pattern: str, text: str) -> re.Match[str] | None:
    return re.search(pattern, text, re.IGNORECASE)
