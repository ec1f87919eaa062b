"""Providers of devices whose certificates this kit believes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Provider:
    """The certificate of a provider: whose it is, what people compare, until when it holds (UTC)."""

    name: str
    fingerprint: str  # SHA-256, `AB:CD:…`
    until: datetime


class TrustedProviders(Protocol):
    """The folder of certificates (PEM) that the drivers read when somebody signs in."""

    def listed(self) -> Sequence[Provider]:
        """Return whom this kit trusts, by name; what cannot be read is left out."""
        ...

    def look(self, content: bytes) -> Sequence[Provider]:
        """Return whose certificates a file holds, PEM or DER. Raise `InputError("trust.not_a_certificate")`."""
        ...

    def add(self, content: bytes) -> Sequence[Provider]:
        """Trust the certificates of a file, on the disk when this returns. Raise as `look`, and `StoreError`."""
        ...

    def remove(self, fingerprint: str) -> None:
        """Trust a certificate no longer; one that is not there changes nothing."""
        ...
