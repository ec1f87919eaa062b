"""Codes of an authenticator: TOTP (RFC 6238) over HMAC-SHA-1, six digits, 30 seconds, which every app knows."""

from __future__ import annotations

import secrets

# pyotp is imported where a code is made: most sign-ins ask for none.

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_GROUP = 4


class TotpCodes:
    """Implements `OneTimeCodes`."""

    def new_secret(self) -> str:
        """Return 160 bits in base32."""
        import pyotp

        return pyotp.random_base32()

    def new_spare(self) -> str:
        """Return 40 bits in two groups of four; one that a person would take for digits of a phone is not given."""
        while True:
            code = "".join(secrets.choice(_LETTERS) for _ in range(2 * _GROUP))
            if not code.isdigit():
                return f"{code[:_GROUP]}-{code[_GROUP:]}"

    def code_at(self, secret: str, step: int) -> str:
        """Return the six digits of a step."""
        import pyotp

        return pyotp.TOTP(secret).generate_otp(step)

    def uri(self, secret: str, user_id: str, issuer: str) -> str:
        """Return the line of the QR code."""
        import pyotp

        return pyotp.TOTP(secret).provisioning_uri(name=user_id, issuer_name=issuer)
