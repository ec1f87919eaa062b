"""The keys of people: a credential signs what its owner answers for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fieldkit.domain.people import User
from fieldkit.ports.vault import SigningKey
from fieldkit.vault.device_trust import JwsSigner


@dataclass(frozen=True, slots=True)
class KeyCredential:
    """Implements `Credential` for an open key slot."""

    user: User
    key: SigningKey = field(repr=False)

    @property
    def certificate_der(self) -> bytes:
        """Return the certificate of the key."""
        return self.key.certificate_der

    def sign(self, payload: Mapping[str, object], typ: str) -> str:
        """Return a compact JWS by this person's key."""
        return JwsSigner(self.key.private_der, self.user.user_id).sign(payload, typ)
