"""What makes the codes of a second factor."""

from __future__ import annotations

from typing import Protocol


class OneTimeCodes(Protocol):
    """Secrets of an authenticator and what follows from them."""

    def new_secret(self) -> str:
        """Return a new secret in base32, 160 bits."""
        ...

    def new_spare(self) -> str:
        """Return a new spare code in two groups, 40 bits, never digits only."""
        ...

    def code_at(self, secret: str, step: int) -> str:
        """Return the six digits of a step of 30 seconds since 1970."""
        ...

    def uri(self, secret: str, user_id: str, issuer: str) -> str:
        """Return what an authenticator reads from the QR code (`otpauth://`)."""
        ...
